import type * as api from '@aws-sdk/client-cloudformation';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import type { Operation } from '../../core/json-api';
import { type Input, optionalText } from '../../core/json-input';
import { queryProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.StackSetOperationStatus;
type StackSets = SimulatedDeployments<Status>;

const onStackSet = (answer: Operation<StackSets>['answer']): Operation<StackSets> => ({
  answer,
  resources: (_, input) => [`stackset/${idOf(nameIn(input))}`],
});

const OPERATIONS = {
  ListStackSetOperations: onStackSet(listOperations),
  DescribeStackSetOperation: onStackSet(describeOperation),
  StopStackSetOperation: onStackSet((stackSets, input) => {
    find(stackSets, input);
    stackSets.cancel(nameIn(input), operationIdIn(input));
    return {};
  }),
};

/** The operations of CloudFormation stack sets. They do not deploy stack instances. */
export const stackSetSimulation = defineSimulation<Status>({
  service: 'cloudformation',
  title: 'AWS CloudFormation',
  protocol: queryProtocol('2010-05-15', Object.keys(OPERATIONS)),
  statuses: {
    started: 'RUNNING',
    cancellable: ['RUNNING'],
    cancelling: 'STOPPING',
    cancelled: 'STOPPED',
    failed: 'FAILED',
    succeeded: 'SUCCEEDED',
    terminal: ['SUCCEEDED', 'FAILED', 'STOPPED'],
  },
  errors: { notFound: 'StackSetNotFoundException', notInProgress: 'InvalidOperationException' },
  refusals: { OVER: 'InvalidOperationException', INVALID: 'InvalidOperationException' },
  // Stacks are read with the same client.
  narrow: (rule) => (rule.operation === undefined ? { ...rule, operation: 'ListStackSetOperations' } : rule),
  newId: (count) => uuidOf(`stack set operation ${count}`),
  pathOf: ({ stackSetName = '' }) => stackSetName,
  operations: OPERATIONS,
});

function listOperations(stackSets: StackSets, input: Input): api.ListStackSetOperationsOutput {
  const operations = stackSets.newestFirst(nameIn(input));
  const { page, next } = pageOf(operations, input, { size: 'MaxResults', token: 'NextToken' });
  return { Summaries: page.map(summary), NextToken: next };
}

function describeOperation(stackSets: StackSets, input: Input): api.DescribeStackSetOperationOutput {
  return { StackSetOperation: { ...summary(find(stackSets, input)), StackSetId: idOf(nameIn(input)) } };
}

function summary(operation: ListedDeployment<Status>): api.StackSetOperationSummary {
  const { id, status, message, createdAt, completedAt } = operation;
  return {
    OperationId: id,
    Action: 'UPDATE',
    Status: status,
    StatusReason: message,
    CreationTimestamp: new Date(createdAt),
    EndTimestamp: completedAt === undefined ? undefined : new Date(completedAt),
  };
}

function find(stackSets: StackSets, input: Input): ListedDeployment<Status> {
  const id = operationIdIn(input);
  const found = stackSets.resource(nameIn(input)).deployments.find((operation) => operation.id === id);
  if (found) return found;
  throw new ServiceError('OperationNotFoundException', `there is no operation ${id}`, 404);
}

function nameIn(input: Input): string {
  return optionalText(input, 'StackSetName') ?? '';
}

function operationIdIn(input: Input): string {
  return optionalText(input, 'OperationId') ?? '';
}

function idOf(name: string): string {
  return `${name}:${uuidOf(`stack set ${name}`)}`;
}
