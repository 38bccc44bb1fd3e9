import { Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CancellationWorkflow, DeploymentCancellation, ElasticBeanstalkEnvironmentUpdate } from '../../../lib/index';
import { assemble, EmulatorFixture, failureOf, stackOf } from '../emulator-fixture';
import { serviceWith } from './service-with';

jest.setTimeout(120_000);

const KIND = 'elasticbeanstalk-environment-update';
const deployment = ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName('shop-prod');

/** Elastic Beanstalk leaves out of its lists what the caller may not read. */
describe('an environment that the function may not read', () => {
  test('yet, because its policy is not active, is read again until it may, and its update is aborted', async () => {
    const assembly = assemble((app) => {
      new DeploymentCancellation(new Stack(app, 'Stack'), 'Cancellation', { deployment });
    });
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: {},
      services: [serviceWith(KIND, { at: -60_000 })],
      consistency: 'eventual',
    });
    let reads = 0;
    fixture.faults = ({ operation }) =>
      operation === 'DescribeEnvironments' && ++reads <= 3
        ? { kind: 'empty-answer', output: { Environments: [] } }
        : undefined;
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(fixture.recorder.results).toMatchObject([{ outcome: 'CANCELLED' }]);
    const calls = fixture.recorder.callsOf('elasticbeanstalk');
    expect(calls.slice(0, 3)).toEqual(Array(3).fill('DescribeEnvironments: empty-answer'));
    expect(calls).toContain('AbortEnvironmentUpdate: ok');
  });

  test('at all is not found after three minutes, and the reason says that it may not be read', async () => {
    const assembly = assemble((app) => {
      const stack = new Stack(app, 'Stack');
      const statements = [new PolicyStatement({ actions: ['ecs:ListServices'], resources: ['*'] })];
      const role = new Role(stack, 'Canceller', {
        assumedBy: new ArnPrincipal(CancellationWorkflow.of(stack).deploymentRole.roleArn),
        inlinePolicies: { Other: new PolicyDocument({ statements }) },
      });
      new DeploymentCancellation(stack, 'Cancellation', { deployment, role });
    });
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: {},
      services: [serviceWith(KIND, { at: -60_000 })],
      consistency: 'strong',
    });
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.recorder.results).toMatchObject([{ outcome: 'NOT_FOUND' }]);
    expect(failureOf(fixture)).toContain(
      'elastic beanstalk environment shop-prod was not found, or the caller may not read it',
    );
    expect(new Set(fixture.recorder.callsOf('elasticbeanstalk'))).toEqual(
      new Set(['DescribeEnvironments: empty-answer']),
    );
  });
});
