import { parseArguments } from '../cli/arguments';
import { perform } from '../cli/perform';
import { argumentsOf } from './inputs';
import { getInput, setOutput, showError } from './runner';

/** Cancels what the inputs name. Fails the step as the command line fails. */
export async function cancelByInputs(further: readonly string[] = []): Promise<void> {
  const invocation = validInputs(further);
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  const { env, stdin, stdout, stderr } = process;
  const { document, text } = await perform(invocation, { env, stdin, stdout, stderr, signal: controller.signal });
  setOutput('outcome', 'outcome' in document ? (document.outcome ?? '') : '');
  setOutput('deployment-status', document.deploymentStatus ?? '');
  setOutput('deployment-id', document.deploymentId ?? '');
  setOutput('console-url', 'consoleUrl' in document ? (document.consoleUrl ?? '') : '');
  if (document.exitCode === 0) stdout.write(`${text}\n`);
  else showError(text);
  process.exitCode = document.exitCode;
  // A request that was sent would keep the process alive.
  if (controller.signal.aborted) process.exit();
}

/** @throws if the inputs are not valid */
export function validInputs(further: readonly string[] = []) {
  const invocation = parseArguments([...argumentsOf(getInput), ...further]);
  if (typeof invocation === 'string') throw new Error('input kind is missing: name what to cancel');
  return invocation;
}

/** Runs a step of the action. */
export function runStep(step: () => Promise<void>): void {
  step().catch((thrown: unknown) => {
    showError(thrown instanceof Error ? thrown.message : String(thrown));
    process.exitCode = 1;
  });
}
