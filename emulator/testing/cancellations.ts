import type { CancellationInput, Progress, Result } from '../../lib/contract/cancellation';
import { isRecord } from '../aws/cloudformation/template';
import type { Execution } from '../aws/step-functions/execution';
import type { Cancellation } from './index';
import type { ConstructPaths } from './sources';

/** The executions of the workflow. Those of other state machines are left out. */
export function cancellationsOf(
  executions: readonly Execution[],
  paths: ConstructPaths,
  begin: number,
): Cancellation[] {
  return executions.flatMap((execution) => {
    const input = inputOf(execution);
    if (!input) return [];
    const { kind, identifiers, options } = input.deployment;
    const path = input.cloudFormation && pathOf(input.cloudFormation, paths);
    const ended = execution.stopDate;
    return [
      {
        ...(path !== undefined && { path }),
        kind,
        identifiers,
        ...(options !== undefined && { options }),
        ...endOf(execution),
        startedAtSeconds: (execution.startDate - begin) / 1000,
        ...(ended !== undefined && { endedAtSeconds: (ended - begin) / 1000 }),
      },
    ];
  });
}

function inputOf({ input }: Execution): CancellationInput | undefined {
  const parsed: unknown = JSON.parse(input);
  const ours = isRecord(parsed) && parsed.contractVersion !== undefined && isRecord(parsed.deployment);
  return ours ? (parsed as unknown as CancellationInput) : undefined;
}

/** A failure says less when it is over than it knew right before. */
function endOf(execution: Execution): Partial<Cancellation> {
  const { outcome, reason, attributes } = resultOf(execution) ?? {};
  const said = (value: string | undefined) => (value === '' ? undefined : value);
  return {
    outcome,
    reason: reason ?? execution.cause,
    deploymentStatus: said(attributes?.deploymentStatus),
    deploymentId: said(attributes?.deploymentId),
  };
}

function resultOf({ output, history }: Execution): Result | undefined {
  if (output !== undefined) return JSON.parse(output);
  const states = history.flatMap(({ details }) => (typeof details?.input === 'string' ? [details.input] : []));
  for (const state of states.reverse()) {
    const { progress }: { readonly progress?: Progress } = JSON.parse(state);
    if (progress?.result) return progress.result;
  }
  return undefined;
}

function pathOf(
  { StackId, LogicalResourceId }: NonNullable<CancellationInput['cloudFormation']>,
  paths: ConstructPaths,
): string {
  return paths.of(StackId.split('/')[1] ?? '', LogicalResourceId);
}
