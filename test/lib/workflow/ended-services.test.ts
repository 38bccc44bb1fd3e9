import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  CancelDeploymentTask,
  type CancellableDeployment,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
  StackUpdate,
} from '../../../lib';

const proton = ProtonDeployment.environment({ environmentName: 'prod' });
const ecs = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
const endpoint = 'https://proton.example.com';
const stackUpdate = StackUpdate.fromStackName('other');

type Options = { readonly endpoint?: string };
const DECLARED: readonly [string, (stack: Stack, deployment: CancellableDeployment, options: Options) => unknown][] = [
  ['a cancellation', (stack, deployment, o) => new DeploymentCancellation(stack, 'It', { deployment, ...o })],
  ['a guard', (stack, deployment, o) => new CancelOnRollback(stack, 'It', { deployment, ...o })],
  ['a task', (stack, deployment, o) => new CancelDeploymentTask(stack, 'It', { deployment, ...o })],
  [
    'a fleet with a list',
    (stack, deployment, o) =>
      new FleetCancellation(stack, 'It', { fleet: DeploymentFleet.fromDeployments([stackUpdate, deployment]), ...o }),
  ],
];

function warningsOf(declare: (stack: Stack) => unknown): string[] {
  const stack = new Stack(new App(), 'Stack');
  declare(stack);
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('serviceEnded'))
    .map(({ entry }) => String(entry.data));
}

test.each(DECLARED)('%s of Proton warns, unless it has an endpoint', (_what, declare) => {
  expect(warningsOf((stack) => declare(stack, proton, {}))).toEqual([
    'AWS no longer offers proton, so this cancellation ends as UNAVAILABLE: set endpoint to a service that is compatible with proton [ack: cdk-deployment-cancellation:serviceEnded]',
  ]);
  expect(warningsOf((stack) => declare(stack, proton, { endpoint }))).toEqual([]);
  expect(warningsOf((stack) => declare(stack, ecs, {}))).toEqual([]);
});

test('a fleet of Proton warns', () => {
  const fleet = ProtonFleet.fromServiceName('web');
  expect(warningsOf((stack) => new FleetCancellation(stack, 'It', { fleet }))).toHaveLength(1);
  expect(warningsOf((stack) => new FleetCancellation(stack, 'It', { fleet, endpoint }))).toEqual([]);
});
