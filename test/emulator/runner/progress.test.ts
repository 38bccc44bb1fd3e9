import { ProgressTracker } from '../../../emulator/runner/progress';
import type { RunEvent } from '../../../emulator/simulation/run';
import { call, deployment, resource, state, times } from '../../helpers/reports';

function after(...events: RunEvent[]): ProgressTracker {
  const progress = new ProgressTracker();
  for (const event of events) progress.add(event);
  return progress;
}

test.each<[string, readonly RunEvent[], string]>([
  ['an empty text before the first event', [], ''],
  ['a resource', [resource(0, 'CREATE_IN_PROGRESS')], 'waiting for Cancellation'],
  ['no stack, because a stack waits for its resources', [resource(0, 'CREATE_IN_PROGRESS', 'Stack')], ''],
  ['several resources', times(3, (index) => resource(0, 'CREATE_IN_PROGRESS', `R${index}`)), 'waiting for 3 resources'],
  ['no resource that is complete', [resource(0, 'CREATE_IN_PROGRESS'), resource(1, 'CREATE_COMPLETE')], ''],
  ['a deployment', [deployment(0, 'IN_PROGRESS'), deployment(1, 'CANCELLING')], 'deployment CANCELLING'],
  [
    'many deployments',
    times(5, (index) => deployment(0, index < 2 ? 'CANCELLED' : 'CANCELLING', `d-${index}`)),
    'deployments: 2 CANCELLED, 3 CANCELLING',
  ],
  [
    'a state, with the calls that succeeded',
    [state(0, 'Await'), call(1), call(2), call(3, 'ThrottlingException')],
    'last state Await, GetEnvironment × 2',
  ],
])('describe names %s', (_what, events, text) => {
  expect(after(...events).describe()).toBe(text);
});

test('a long wait is described, with its calls', () => {
  const progress = after(call(0));
  progress.startWait(5);
  progress.add(call(60));
  progress.add(call(90));
  expect(progress.describeWait(139)).toBe('2:14 later, GetEnvironment × 2');
});

test('a short wait is not described', () => {
  const progress = after();
  progress.startWait(5);
  expect(progress.describeWait(9)).toBeUndefined();
});
