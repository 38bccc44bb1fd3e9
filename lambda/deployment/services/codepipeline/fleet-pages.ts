import type { FoundFleet } from '../../../../lib/contract/fleet';
import { isOver } from '../../engine/driver';
import type { Listed } from '../../fleet/fleet-lister';
import type { AwsContext } from '../aws-context';
import { timeOf, validId } from '../deployment-record';
import { InvalidResponseError } from '../errors';
import type { FleetPages } from '../polled-driver';
import { phaseOf } from '../statuses';
import { type Execution, isRollback, listExecutions, STATUSES, specialPhase } from './executions';

/** The executions of a pipeline that are in flight, and not rollbacks. */
export function codePipelineFleetPages({ identifiers, options }: FoundFleet, aws: AwsContext): FleetPages {
  const { pipelineName = '' } = identifiers;

  function listed(execution: Execution & { readonly startTime?: Date }): Listed {
    const id = validId(execution.pipelineExecutionId);
    const phase = specialPhase(execution, options).phase ?? phaseOf(STATUSES, execution.status);
    return { key: id, phase, deploymentId: id, startedAt: timeOf(execution.startTime) };
  }

  return async (request, from) => {
    const { items, nextToken: next } = await listExecutions(request, pipelineName, from, aws);
    if (!items) throw new InvalidResponseError('the response has no list of executions');
    const found = items.filter((execution) => !isRollback(execution)).map(listed);
    return { listed: found.filter(({ phase }) => !isOver(phase)), next };
  };
}
