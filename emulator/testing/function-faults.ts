import type { LambdaFaults } from '../aws/lambda/function';
import type { Emulator } from '../emulator';
import type { FunctionFault } from './index';

/** The faults of one rehearsal, which start counting now. */
export function functionFaultsOf(rules: readonly FunctionFault[], emulator: () => Emulator | undefined): LambdaFaults {
  const counts = new Map<string, number>();
  return ({ functionName }) => {
    const name = handlerOf(functionName, emulator());
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return rules.find(
      ({ function: of, from = 1, to = Number.POSITIVE_INFINITY }) =>
        `${of}.handler` === name && count >= from && count <= to,
    )?.fault;
  };
}

function handlerOf(functionName: string, emulator: Emulator | undefined): string {
  const found = emulator?.lambda.functions.find(({ configuration }) => configuration.functionName === functionName);
  return found?.configuration.handler ?? '';
}
