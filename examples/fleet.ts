// npm start -- --scenario examples/fleet
import { Annotations, App, Duration, Stack } from 'aws-cdk-lib';
import { CancellationOutcome, DeploymentFleet, FleetCancellation, ProtonDeployment, ProtonFleet } from '../lib/index';

/** Fleets: the deployments in flight of a service, in an environment, and in a list. Each has a summary as a stack output. */
export const app = new App();

const stack = new Stack(app, 'StopEverything');
// AWS no longer offers Proton, so this example is for the emulator.
Annotations.of(stack).acknowledgeWarning('cdk-deployment-cancellation:serviceEnded');
new FleetCancellation(stack, 'CancelWeb', {
  fleet: ProtonFleet.fromServiceName('web'),
  timeout: Duration.minutes(20),
  failOn: [CancellationOutcome.CANCEL_FAILED],
  trigger: '2026-11-24, the release that drops the index',
});
new FleetCancellation(stack, 'CancelStaging', {
  fleet: ProtonFleet.fromEnvironmentName('staging'),
  maxConcurrency: 100,
});
new FleetCancellation(stack, 'CancelSome', {
  fleet: DeploymentFleet.fromDeployments([
    ProtonDeployment.serviceInstance({ serviceName: 'api', serviceInstanceName: 'api-prod' }),
    ProtonDeployment.servicePipeline({ serviceName: 'api' }),
    ProtonDeployment.environment({ environmentName: 'prod' }),
  ]),
});
