import type { Call } from '../retry';
import type { KeyValueStore, Services } from './dependencies';
import { arnForExecution } from './step-functions';

/** The stores of services, and the ARN of what a key stands for. */
type ArnForKey = (key: string) => string;

/**
 * Lets every request of the services be retried by the one policy.
 *
 * @param arns the ARNs of the parameters, by store and key
 */
export function retryingServices(
  { stacks, executions, responseTargets, guardStates }: Services,
  call: Call,
  arns: { readonly responseTarget: ArnForKey; readonly guardState: ArnForKey },
): Services {
  return {
    stacks: {
      describe: (stackId) => call('cloudformation:DescribeStacks', stackId, () => stacks.describe(stackId)),
    },
    executions: {
      start: (stateMachineArn, name, input) =>
        call('states:StartExecution', stateMachineArn, () => executions.start(stateMachineArn, name, input)),
      statusOf: (stateMachineArn, name) =>
        call('states:DescribeExecution', arnForExecution(stateMachineArn, name), () =>
          executions.statusOf(stateMachineArn, name),
        ),
      running: (stateMachineArn, prefix) =>
        call('states:ListExecutions', stateMachineArn, () => executions.running(stateMachineArn, prefix)),
      stop: (stateMachineArn, name, cause) =>
        call('states:StopExecution', arnForExecution(stateMachineArn, name), () =>
          executions.stop(stateMachineArn, name, cause),
        ),
    },
    responseTargets: retryingStore(responseTargets, call, arns.responseTarget),
    guardStates: retryingStore(guardStates, call, arns.guardState),
  };
}

function retryingStore(store: KeyValueStore, call: Call, arnFor: ArnForKey): KeyValueStore {
  return {
    create: (key, value) => call('ssm:PutParameter', arnFor(key), () => store.create(key, value)),
    put: (key, value, patience) => call('ssm:PutParameter', arnFor(key), () => store.put(key, value), patience),
    get: (key) => call('ssm:GetParameter', arnFor(key), () => store.get(key)),
    delete: (key) => call('ssm:DeleteParameter', arnFor(key), () => store.delete(key)),
  };
}
