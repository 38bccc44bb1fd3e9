import type { StackStatus } from '../../aws/cloudformation/stack-description';
import { MINUTES, type SeededDeployment } from '../../core/plan';
import { QUERY_ERRORS } from '../../core/protocols';
import type { OwnScenario, ServiceSimulation } from '../../simulation/service-simulation';
import { SimulatedStacks } from './simulated-stacks';
import { stackSetSimulation } from './stack-sets';

export const simulations = { 'cloudformation-stack-set-operation': stackSetSimulation };

/** The creation of a stack, which nobody disturbs. */
const CREATION: SeededDeployment<StackStatus> = {
  at: -2 * MINUTES,
  status: 'CREATE_IN_PROGRESS',
  steps: [{ after: 25 * MINUTES, status: 'CREATE_COMPLETE' }],
};

const OWN_SCENARIOS = {
  creating: {
    description: 'the stack is being created, and can only be deleted',
    deployment: { at: CREATION.at },
  },
} as const satisfies Readonly<Record<string, OwnScenario>>;

/** The stacks follow their plans. Their updates do not deploy templates. */
export const simulation: ServiceSimulation<StackStatus> = {
  statuses: {
    CANCELLING: 'UPDATE_ROLLBACK_IN_PROGRESS',
    CANCELLED: 'UPDATE_ROLLBACK_COMPLETE',
    FAILED: 'UPDATE_ROLLBACK_FAILED',
    SUCCEEDED: 'UPDATE_COMPLETE',
    DELETE_IN_PROGRESS: 'DELETE_IN_PROGRESS',
  },
  refusals: { OVER: 'ValidationError', INVALID: 'ValidationError' },
  errors: QUERY_ERRORS,
  scenarios: OWN_SCENARIOS,
  // The first call of DescribeStacks reads the stack that cancels, for the response to CloudFormation.
  narrow: (rule) => (rule.operation === undefined ? { ...rule, operation: 'DescribeStacks', from: 2 } : rule),
  commands: ({ identifiers: { stackName } }) => ({
    find: `cloudformation describe-stacks --stack-name ${stackName}`,
    cancel: `cloudformation cancel-update-stack --stack-name ${stackName}`,
  }),
  path: ({ identifiers: { stackName = '' } }) => stackName,
  account(targets, environment) {
    const stacks = targets
      .filter(({ deployments }) => deployments.length > 0)
      .map(({ identifiers: { stackName = '' }, scenario, deployments }) => {
        return { name: stackName, updates: scenario === 'creating' ? [CREATION] : deployments };
      });
    return {
      services: [
        (clock, consistency) => {
          const simulated = new SimulatedStacks(stacks, clock, environment, consistency);
          return { stacks: simulated, simulated };
        },
      ],
    };
  },
};
