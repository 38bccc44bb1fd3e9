import type { StackStatus } from '../../aws/cloudformation/stack-description';
import { QUERY_ERRORS } from '../../core/protocols';
import type { ServiceSimulation } from '../../simulation/service-simulation';
import { SimulatedStacks } from './simulated-stacks';
import { stackSetSimulation } from './stack-sets';

export const simulations = { 'cloudformation-stack-set-operation': stackSetSimulation };

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
      .map(({ identifiers: { stackName = '' }, deployments: updates }) => ({ name: stackName, updates }));
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
