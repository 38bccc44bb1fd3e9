import { STACK_UPDATE } from '../../../lib/deployments/cloudformation/kinds';
import type { StackStatus } from '../../aws/cloudformation/stack-description';
import { accessDenied } from '../../aws/iam';
import type { Clock } from '../../core/clock';
import type { EmbeddedStacks } from '../../core/service';
import { DEFAULT_ENVIRONMENT } from '../../core/simulated-service';
import {
  type FaultRule,
  resolveScenario,
  type Scenario,
  type ScenarioName,
  type ServiceProfile,
} from '../../simulation/scenarios';
import { type SimulatedStack, SimulatedStacks } from './simulated-stacks';

export const KIND = 'stack-update';
export const DEFAULT_STACK_NAME = 'web';

const CALLER = {
  accountId: DEFAULT_ENVIRONMENT.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};

export function profileOf(stackName: string): ServiceProfile<StackStatus> {
  const { region, account } = DEFAULT_ENVIRONMENT;
  const resource = `arn:aws:cloudformation:${region}:${account}:${STACK_UPDATE.resource(stackName)}`;
  const message = accessDenied(CALLER, { action: STACK_UPDATE.cancelAction, resource });
  return {
    statuses: {
      CANCELLING: 'UPDATE_ROLLBACK_IN_PROGRESS',
      CANCELLED: 'UPDATE_ROLLBACK_COMPLETE',
      FAILED: 'UPDATE_ROLLBACK_FAILED',
      SUCCEEDED: 'UPDATE_COMPLETE',
      DELETE_IN_PROGRESS: 'DELETE_IN_PROGRESS',
    },
    refusals: { OVER: 'ValidationError', INVALID: 'ValidationError' },
    service: 'cloudformation',
    cancelOperation: 'CancelUpdateStack',
    readOperation: 'DescribeStacks',
    accessDenied: { kind: 'error', type: 'AccessDenied', message, statusCode: 403 },
    throttled: { kind: 'error', type: 'Throttling', message: 'Rate exceeded' },
  };
}

/** A scenario about the update of a stack that nothing but its plan moves. */
export function stackScenario(
  name: ScenarioName,
  stackName = DEFAULT_STACK_NAME,
): Omit<Scenario, 'name' | 'kind'> & { readonly stacks: readonly SimulatedStack[] } {
  const { description, deployment, faults } = resolveScenario(name, profileOf(stackName));
  const stacks = deployment ? [{ name: stackName, updates: [deployment] }] : [];
  return { description, seed: {}, services: [planned(stacks)], faults: faults.map(ofTarget), stacks };
}

/** The first stack that is read is the one that asks, by the function that answers for it. */
export function ofTarget(rule: FaultRule): FaultRule {
  return rule.operation === undefined ? { ...rule, operation: 'DescribeStacks', from: 2 } : rule;
}

function planned(stacks: readonly SimulatedStack[]): (clock: Clock) => EmbeddedStacks {
  return (clock) => {
    const world = new SimulatedStacks(stacks, clock);
    return { stacks: world, world };
  };
}
