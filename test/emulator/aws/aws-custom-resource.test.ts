import { type App, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { assemble, deployedAt, EmulatorFixture, stackOf } from '../emulator-fixture';

const call = (templateMinorVersion: string) => ({
  service: 'proton',
  action: 'UpdateServiceInstance',
  parameters: { serviceName: 'web', name: 'web-prod', deploymentType: 'MINOR_VERSION', templateMinorVersion },
  physicalResourceId: PhysicalResourceId.of('release'),
});

function updating(action: string) {
  return (app: App) =>
    new AwsCustomResource(new Stack(app, 'Stack'), 'Release', {
      onCreate: call('7'),
      onDelete: call('6'),
      installLatestAwsSdk: false,
      policy: AwsCustomResourcePolicy.fromStatements([new PolicyStatement({ actions: [action], resources: ['*'] })]),
    });
}

async function begin(action: string, ...deployedAtMinutes: number[]) {
  const assembly = assemble((app) => void updating(action)(app));
  const fixture = await EmulatorFixture.start({
    assembly,
    seed: deployedAt(...deployedAtMinutes),
    consistency: 'strong',
  });
  const { status, statusReason } = await fixture.create(stackOf(assembly));
  return { fixture, status, statusReason };
}

const versions = ({ emulator }: EmulatorFixture) =>
  emulator.proton.resource('service/web/service-instance/web-prod').deployments.map(({ version }) => version);

test('makes the calls of its creation and its deletion', async () => {
  const { fixture, status } = await begin('proton:UpdateServiceInstance');
  expect({ status, versions: versions(fixture) }).toEqual({ status: 'CREATE_COMPLETE', versions: ['0', '7'] });
  // The deployment that it has started has ended.
  await fixture.pass(600);
  await fixture.delete();
  expect(versions(fixture)).toEqual(['0', '7', '6']);
});

test('has only the permissions of the role of its function', async () => {
  const { fixture, status } = await begin('proton:GetServiceInstance');
  expect({ status, versions: versions(fixture) }).toEqual({ status: 'ROLLBACK_COMPLETE', versions: ['0'] });
  const failed = fixture.recorder.events.find((event) => event.status === 'CREATE_FAILED');
  expect(failed?.statusReason).toContain('is not authorized to perform: proton:UpdateServiceInstance');
});

test('fails if the service rejects the call', async () => {
  const { fixture, status } = await begin('proton:UpdateServiceInstance', -2);
  expect({ status, versions: versions(fixture) }).toEqual({ status: 'ROLLBACK_COMPLETE', versions: ['0', '0'] });
  const failed = fixture.recorder.events.find((event) => event.status === 'CREATE_FAILED');
  expect(failed?.statusReason).toContain('There is a deployment in progress');
});
