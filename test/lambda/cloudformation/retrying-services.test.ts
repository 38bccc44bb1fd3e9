import type { Services } from '../../../lambda/cloudformation/dependencies';
import { retryingServices } from '../../../lambda/cloudformation/retrying-services';
import { STATE_MACHINE } from './fakes';

const EXECUTION = 'arn:aws:states:us-east-1:111122223333:execution:Workflow:one';

/** Services whose calls are not made, and the actions and ARNs with which they would have been retried. */
function recorded(): { readonly services: Services; readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const services = retryingServices(
    {} as Services,
    async (action, resource, _send, patience) => {
      calls.push([action, resource, ...(patience === undefined ? [] : [patience])]);
      return undefined as never;
    },
    { responseTarget: (key) => `target ${key}`, guardState: (key) => `state ${key}` },
  );
  return { services, calls };
}

test.each<[(services: Services) => Promise<unknown>, unknown[]]>([
  [({ stacks }) => stacks.describe('stack'), ['cloudformation:DescribeStacks', 'stack']],
  [({ executions }) => executions.start(STATE_MACHINE, 'one', {} as never), ['states:StartExecution', STATE_MACHINE]],
  [({ executions }) => executions.statusOf(STATE_MACHINE, 'one'), ['states:DescribeExecution', EXECUTION]],
  [({ executions }) => executions.running(STATE_MACHINE, 'o'), ['states:ListExecutions', STATE_MACHINE]],
  [({ executions }) => executions.stop(STATE_MACHINE, 'one', 'why'), ['states:StopExecution', EXECUTION]],
  [({ responseTargets }) => responseTargets.create('k', 'v'), ['ssm:PutParameter', 'target k']],
  [({ responseTargets }) => responseTargets.put('k', 'v', 5), ['ssm:PutParameter', 'target k', 5]],
  [({ responseTargets }) => responseTargets.get('k'), ['ssm:GetParameter', 'target k']],
  [({ responseTargets }) => responseTargets.delete('k'), ['ssm:DeleteParameter', 'target k']],
  [({ guardStates }) => guardStates.put('k', 'v'), ['ssm:PutParameter', 'state k']],
])('the error of a call names the action and the ARN to allow: %s', async (call, expected) => {
  const { services, calls } = recorded();
  await call(services);
  expect(calls).toEqual([expected]);
});
