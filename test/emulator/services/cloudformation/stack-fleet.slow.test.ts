import { CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MINUTES } from '../../../../emulator/core/plan';
import { type SimulatedStack, SimulatedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { FleetCancellation, StackFleet } from '../../../../lib/index';
import { assemble, check, closeClouds, denials, removeAssemblies, startCloud } from './stack-updates';

// Whole stacks, on a machine that has other things to do.
jest.setTimeout(120_000);

afterEach(closeClouds);
afterAll(removeAssemblies);

const tags = { team: 'web' };
const rolledBackIn = (minutes: number) => ({
  onCancel: { steps: [{ after: minutes * MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE' as const }] },
});
const running = { at: -2 * MINUTES, ...rolledBackIn(15) };
const over = { at: -30 * MINUTES, steps: [{ after: 5 * MINUTES, status: 'UPDATE_COMPLETE' as const }] };
const later = { at: 8 * MINUTES, steps: [{ after: 60 * MINUTES, status: 'UPDATE_COMPLETE' as const }] };

const STACKS: readonly SimulatedStack[] = [
  { name: 'web', tags, updates: [running] },
  // Its second update begins while the fleet waits for the first stack.
  { name: 'again', tags, updates: [{ ...running, ...rolledBackIn(2) }, later] },
  { name: 'late', tags, updates: [over, later] },
  { name: 'done', tags, updates: [over] },
  { name: 'creating', tags, updates: [{ at: -2 * MINUTES, status: 'CREATE_IN_PROGRESS' }] },
  { name: 'inner', tags, rootId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/web/0aa1', updates: [running] },
  { name: 'other', tags: { team: 'api' }, updates: [running] },
  { name: 'untagged', updates: [running] },
];

/** Cancels the stacks with the tag in the update of a stack that has the tag as well. */
async function cancelIn(scopeOf: (stack: Stack) => Construct) {
  const props = { stackName: 'canceller', tags };
  const { assembly, stack } = assemble((app) => {
    check(new Stack(app, 'Before', props), '1', 0);
    const after = new Stack(app, 'After', props);
    check(after, '1', 0);
    const fleet = StackFleet.fromTag('team', 'web');
    const { summary } = new FleetCancellation(scopeOf(after), 'Fleet', { fleet, output: false });
    new CfnOutput(after, 'Summary', { value: summary });
  });
  const { emulator, calls, release } = await startCloud(assembly, {
    services: [
      (clock, consistency) => {
        const simulated = new SimulatedStacks(STACKS, clock, {}, consistency);
        return { stacks: simulated, simulated };
      },
    ],
    consistency: 'eventual',
  });
  const created = emulator.cloudFormation.createStack(stack('Before'));
  release();
  await created;
  const { status, outputs } = await emulator.cloudFormation.updateStack(stack('After'));
  const [simulated] = emulator.simulatedServices.filter((one) => one instanceof SimulatedStacks);
  if (!simulated) throw new Error('there are no simulated stacks');
  return { status, summary: outputs[0]?.value, simulated, calls };
}

test.each<[string, (stack: Stack) => Construct]>([
  ['a stack', (stack) => stack],
  ['a nested stack', (stack) => new NestedStack(stack, 'Nested')],
])('%s cancels the updates of the other stacks with its tag, and nothing that is newer', async (_, scopeOf) => {
  const { status, summary, simulated, calls } = await cancelIn(scopeOf);
  expect(status).toBe('UPDATE_COMPLETE');
  expect(summary).toBe('5 deployments: 2 cancelled, 3 untouched');
  expect(simulated.acceptedCancels.map(({ resource }) => resource).toSorted()).toEqual(['again', 'web']);
  expect(simulated.describeStacks().map(({ stackName, status: now }) => `${stackName} ${now}`)).toEqual([
    'web UPDATE_ROLLBACK_COMPLETE',
    'again UPDATE_IN_PROGRESS',
    'late UPDATE_IN_PROGRESS',
    'done UPDATE_COMPLETE',
    'creating CREATE_IN_PROGRESS',
    'inner UPDATE_IN_PROGRESS',
    'other UPDATE_IN_PROGRESS',
    'untagged UPDATE_IN_PROGRESS',
  ]);
  expect(calls.filter((call) => call === 'CancelUpdateStack: ok')).toHaveLength(2);
  expect(denials(calls)).toEqual([]);
});
