import type { Execution } from '../../emulator/aws/step-functions/execution';
import type { Result, StepEvent } from '../../lib/contract/cancellation';

/** The last result in the history of an execution. */
export function resultOf({ history }: Execution): Result | undefined {
  const outputs = history.map(
    ({ details }) => JSON.parse(String(details?.output ?? null)) as Partial<StepEvent> | null,
  );
  return outputs.findLast((output) => output?.progress?.result !== undefined)?.progress?.result;
}
