import type * as api from '@aws-sdk/client-ssm';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import { type Input, optionalText } from '../../core/json-input';
import { jsonProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.AutomationExecutionStatus;
type Documents = SimulatedDeployments<Status>;

/** AWS Systems Manager Automation, limited to executions. Documents are known by their executions only. */
export const simulation = defineSimulation<Status>({
  service: 'ssm',
  title: 'AWS Systems Manager Automation',
  protocol: jsonProtocol('AmazonSSM', '1.1'),
  statuses: {
    started: 'InProgress',
    cancellable: ['InProgress'],
    cancelling: 'Cancelling',
    cancelled: 'Cancelled',
    failed: 'Failed',
    succeeded: 'Success',
    terminal: ['Success', 'Failed', 'TimedOut', 'Cancelled'],
  },
  errors: {
    notFound: 'AutomationExecutionNotFoundException',
    notInProgress: 'InvalidAutomationStatusUpdateException',
  },
  refusals: {
    OVER: 'InvalidAutomationStatusUpdateException',
    INVALID: 'InvalidAutomationStatusUpdateException',
  },
  // Parameter Store is called with the same client.
  narrow: (rule) => (rule.operation === undefined ? { ...rule, operation: 'DescribeAutomationExecutions' } : rule),
  newId: (count) => uuidOf(`automation execution ${count}`),
  pathOf: ({ documentName = '' }) => documentName,
  operations: {
    DescribeAutomationExecutions: { answer: describeExecutions, resources: () => ['*'] },
    GetAutomationExecution: {
      answer: (documents, input): api.GetAutomationExecutionResult => ({
        AutomationExecution: description(find(documents, input)),
      }),
      resources: (_, input) => [`automation-execution/${idIn(input)}`],
    },
    StopAutomationExecution: {
      answer(documents, input) {
        const { id, resource } = find(documents, input);
        documents.cancel(resource.path, id);
        return {};
      },
      resources: (_, input) => [`automation-execution/${idIn(input)}`],
    },
  },
});

function describeExecutions(documents: Documents, input: Input): api.DescribeAutomationExecutionsResult {
  const prefix = prefixIn(input);
  const executions = documents.resources
    .filter(({ path }) => path.startsWith(prefix))
    .flatMap(({ deployments }) => [...deployments].reverse());
  const { page, next } = pageOf(executions, input, { size: 'MaxResults', token: 'NextToken' });
  return { AutomationExecutionMetadataList: page.map(description), NextToken: next };
}

function description(execution: ListedDeployment<Status>): api.AutomationExecutionMetadata {
  const { id, resource, status, message, createdAt, completedAt } = execution;
  return {
    AutomationExecutionId: id,
    DocumentName: resource.path,
    AutomationExecutionStatus: status,
    FailureMessage: message,
    ExecutionStartTime: new Date(createdAt),
    ExecutionEndTime: completedAt === undefined ? undefined : new Date(completedAt),
  };
}

/** Filters other than the one for the document are not emulated. */
function prefixIn({ Filters = [] }: Input): string {
  const [filter, ...others] = Filters as readonly api.AutomationExecutionFilter[];
  const [prefix] = filter?.Values ?? [];
  if (others.length === 0 && filter?.Key === 'DocumentNamePrefix' && prefix !== undefined) return prefix;
  throw new ServiceError('InvalidFilterKey', 'the emulated AWS Systems Manager needs the filter DocumentNamePrefix');
}

function find(documents: Documents, input: Input): ListedDeployment<Status> {
  const found = documents.find(idIn(input));
  if (found) return found;
  throw new ServiceError('AutomationExecutionNotFoundException', `there is no execution ${idIn(input)}`);
}

function idIn(input: Input): string {
  return optionalText(input, 'AutomationExecutionId') ?? '';
}
