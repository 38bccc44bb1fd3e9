import type { Execution } from '../../emulator/aws/step-functions/execution';
import { EVENTUAL } from '../../emulator/core/consistency';
import { type CancellationEndedDetail, type CancellationInput, RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { resultOf } from './executions';
import { faultsOf, type ReceivedResponse } from './false-claims';
import { isNested } from './options';
import type { RunRecord } from './perform';
import { type Schedule, SECRETS } from './schedule';

/** The invariants of the events at the ends of cancellations: one for each, and it says what the response says. */
export function* wrongOutcomeEvents(record: RunRecord, responses: readonly ReceivedResponse[]): Generator<string> {
  const { executions, schedule } = record;
  const events = eventsOf(record);
  if (!schedule.notifies && events.length > 0) yield 'an event was put, but nobody has asked for it';
  for (const execution of executions) {
    const own = events.filter(({ executionArn }) => executionArn === execution.arn);
    if (own.length > 1) yield `${execution.name} has put ${own.length} events`;
    if (own.length === 0 && mustPut(execution, record)) yield `${execution.name} has put no event`;
  }
  for (const event of events) {
    const execution = executions.find(({ arn }) => arn === event.executionArn);
    const received = responses.find(({ body }) => body.Data.executionArn === event.executionArn);
    for (const what of contradictions(event, execution, received)) yield `${what}: ${JSON.stringify(event)}`;
    if (JSON.stringify(event).includes(SECRETS.message)) yield 'an event contains a status message';
  }
}

function eventsOf({ calls }: RunRecord): CancellationEndedDetail[] {
  return calls.flatMap(({ call, answer }) => {
    if (call.operation !== 'PutEvents' || answer !== 'ok') return [];
    return (call.input.Entries as readonly { readonly Detail: CancellationEndedDetail }[]).map(({ Detail }) => Detail);
  });
}

function* contradictions(
  event: CancellationEndedDetail,
  execution: Execution | undefined,
  received: ReceivedResponse | undefined,
): Generator<string> {
  const result = execution && resultOf(execution);
  if (!execution || !isOfDeployment(execution)) yield 'the event is about no cancellation of a deployment';
  else if (execution.status === 'ABORTED') yield 'the execution was aborted';
  if (result) {
    const { outcome, failed, reason, attributes } = result;
    const own = { outcome, failed, reason, deploymentStatus: attributes.deploymentStatus };
    for (const [name, value] of Object.entries(own)) {
      if (event[name as keyof typeof own] !== value) yield `the result has the ${name} ${value}`;
    }
    const id = attributes.deploymentId ?? '';
    // A result without an outcome of its own does not know the deployment.
    if (event.deploymentId !== id) yield `the result has the deployment ${id}`;
  }
  if (!received) return;
  const { Status, Data } = received.body;
  const isGuard = received.request.ResourceType !== RESOURCE_TYPE;
  if (Data.outcome !== event.outcome) yield `the response says ${Data.outcome}`;
  if (!isGuard && (Status === 'FAILED') !== event.failed) yield `the response is ${Status}`;
}

/** Whether an execution must have put an event: without faults, each cancellation that ends by itself. */
function mustPut(execution: Execution, { schedule, stackEvents }: RunRecord): boolean {
  const { status, stopDate = 0 } = execution;
  if (!schedule.notifies || isNested(schedule.lifecycle) || !faultsOf(schedule).faultless) return false;
  if (!isOfDeployment(execution) || !['SUCCEEDED', 'FAILED'].includes(status)) return false;
  const policy = stackEvents.filter(({ logicalId }) => logicalId.includes('NotificationsPolicy'));
  const created = policy.find((event) => event.status === 'CREATE_COMPLETE')?.timestamp ?? Number.POSITIVE_INFINITY;
  const deleted = policy.find((event) => event.status.startsWith('DELETE_'))?.timestamp ?? Number.POSITIVE_INFINITY;
  return created + permissionLag(schedule) <= stopDate && stopDate < deleted;
}

function permissionLag({ consistency }: Schedule): number {
  return consistency === 'eventual' ? EVENTUAL.permissions.max : 0;
}

function isOfDeployment({ input }: Execution): boolean {
  return (JSON.parse(input) as Partial<CancellationInput>).deployment !== undefined;
}
