import { Stack } from 'aws-cdk-lib';
import { DEFAULT_QUOTAS, type QuotasOption } from '../../emulator/core/quotas';
import { behaviors, FLEET_NAMES, fleetSeed } from '../../emulator/services/proton/fleet-scenarios';
import type { Assembly } from '../../emulator/simulation/assembly';
import { DeploymentCancellation, ProtonDeployment } from '../../lib/index';
import { assemble, EmulatorFixture, stackOf } from './emulator-fixture';

/** A stack with so many cancellations, each of the deployment of a service instance of its own. */
const stackWith = (cancellations: number): Assembly =>
  assemble((app) => {
    const stack = new Stack(app, 'Stack');
    for (let index = 1; index <= cancellations; index++) {
      const serviceInstanceName = `${FLEET_NAMES.serviceName}-${String(index).padStart(4, '0')}`;
      const deployment = ProtonDeployment.serviceInstance({ ...FLEET_NAMES, serviceInstanceName });
      new DeploymentCancellation(stack, `Cancel${index}`, { deployment });
    }
  });

const perSecond = (action: string, count: number): QuotasOption => ({
  ...DEFAULT_QUOTAS,
  actions: { ...DEFAULT_QUOTAS.actions, [action]: { perSecond: count } },
});

test.each<[cancellations: number, within: string, quotas: QuotasOption]>([
  [20, '10 concurrent executions of Lambda', 'new-account'],
  [60, '10 concurrent executions of Lambda', 'new-account'],
  [200, '10 concurrent executions of Lambda', 'new-account'],
  [25, '3 PutParameter a second', perSecond('ssm:PutParameter', 3)],
  [60, '10 PutParameter a second', perSecond('ssm:PutParameter', 10)],
  [60, '10 DescribeStacks a second', perSecond('cloudformation:DescribeStacks', 10)],
])(
  'a stack with %i cancellations succeeds within %s',
  async (cancellations, _within, quotas) => {
    const seed = fleetSeed(behaviors({ cancelled: cancellations }));
    const assembly = stackWith(cancellations);
    const fixture = await EmulatorFixture.start({ assembly, seed, quotas });
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'CREATE_COMPLETE' });
    const { executions } = fixture.emulator.stepFunctions;
    expect(executions.map(({ status }) => status)).toEqual(Array(cancellations).fill('SUCCEEDED'));
    // No execution repeats its steps without a wait: a history holds 25,000 events.
    expect(Math.max(...executions.map(({ history }) => history.length))).toBeLessThan(250);
    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  },
  600_000,
);
