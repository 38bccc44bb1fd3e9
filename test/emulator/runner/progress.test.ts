import { ProgressTracker } from '../../../emulator/runner/progress';
import type { RunEvent } from '../../../emulator/simulation/run';
import { call, deployment, resource, state, times } from '../../helpers/reports';

function after(...events: RunEvent[]): ProgressTracker {
  const waiting = new ProgressTracker();
  for (const event of events) waiting.see(event);
  return waiting;
}

test.each<[string, readonly RunEvent[], string]>([
  ['nothing yet', [], ''],
  ['a resource', [resource(0, 'CREATE_IN_PROGRESS')], 'waiting for Cancellation'],
  ['no stack, which waits for its resources', [resource(0, 'CREATE_IN_PROGRESS', 'Stack')], ''],
  ['several resources', times(3, (index) => resource(0, 'CREATE_IN_PROGRESS', `R${index}`)), 'waiting for 3 resources'],
  ['no resource that is there', [resource(0, 'CREATE_IN_PROGRESS'), resource(1, 'CREATE_COMPLETE')], ''],
  ['a deployment', [deployment(0, 'IN_PROGRESS'), deployment(1, 'CANCELLING')], 'deployment CANCELLING'],
  [
    'many deployments',
    times(5, (index) => deployment(0, index < 2 ? 'CANCELLED' : 'CANCELLING', `d-${index}`)),
    'deployments: 2 CANCELLED, 3 CANCELLING',
  ],
  [
    'a state, with the calls that went well',
    [state(0, 'Await'), call(1), call(2), call(3, 'ThrottlingException')],
    'last state Await, GetEnvironment × 2',
  ],
])('names %s', (_what, events, text) => {
  expect(after(...events).describe()).toBe(text);
});

test('a wait that was long is told of, with what was called in it', () => {
  const waiting = after(call(0));
  waiting.begin(5);
  waiting.see(call(60));
  waiting.see(call(90));
  expect(waiting.passed(139)).toBe('2:14 later, GetEnvironment × 2');
});

test('a wait that was short is not', () => {
  const waiting = after();
  waiting.begin(5);
  expect(waiting.passed(9)).toBeUndefined();
});
