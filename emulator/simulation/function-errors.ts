import type { StackEvent } from '../aws/cloudformation/engine';
import type { FunctionError } from '../aws/lambda/function';

/** The error of a function that needs a module of the SDK, which Lambda has and this machine has not. */
const MISSING_SDK = /Cannot find (?:module|package) '(@aws-sdk\/[\w-]+|@smithy\/[\w-]+|aws-sdk)/;
const FUNCTION_TYPE = 'AWS::Lambda::Function';
/** The largest number of function errors in a reason. */
const MAX_ERRORS = 3;

/** Names the function of a stack for an error message. */
export type FunctionName = (stackName: string, logicalId: string) => string;

/** Watches the functions of a run: what the emulator cannot do for them ends the run, and their errors explain failures. */
export class FunctionErrors {
  /** Rejects when a function does what the emulator does not allow or support. */
  readonly refused: Promise<never>;
  private refuse: (error: Error) => void = () => undefined;
  private readonly names = new Map<string, string>();
  /** The last error of each function. */
  private readonly errors = new Map<string, FunctionError>();

  constructor(private readonly nameOf: FunctionName = (_stackName, logicalId) => logicalId) {
    this.refused = new Promise((_, reject) => {
      this.refuse = reject;
    });
    // The run may end before anything is refused.
    this.refused.catch(() => undefined);
  }

  addEvent({ resourceType, stackName, logicalId, physicalId }: StackEvent): void {
    if (resourceType !== FUNCTION_TYPE || physicalId === undefined) return;
    this.names.set(physicalId, this.nameOf(stackName, logicalId));
  }

  readonly onRefusedConnection = (functionName: string, target: string): void => {
    this.refuse(
      new Error(
        `the function ${this.name(functionName)} tried to connect to ${target}; in a simulation, functions connect to the emulator only: stub the function or what it calls`,
      ),
    );
  };

  readonly onFunctionError = (functionName: string, error: FunctionError): void => {
    this.errors.set(functionName, error);
    const module = MISSING_SDK.exec(error.errorMessage)?.[1];
    if (module === undefined) return;
    this.refuse(
      new Error(
        `the function ${this.name(functionName)} needs ${module}, which the runtime of Lambda contains: install it as a development dependency, or stub the function`,
      ),
    );
  };

  /** Adds the errors of functions to the reason of a failure that was only a missing response. */
  explain(reason: string): string {
    if (!/did not receive a response/.test(reason) || this.errors.size === 0) return reason;
    const errors = [...this.errors]
      .slice(-MAX_ERRORS)
      .map(
        ([name, { errorType, errorMessage }]) =>
          `the function ${this.name(name)} failed with ${errorType}: ${errorMessage}`,
      );
    return `${reason} ${errors.join('; ')}`;
  }

  private name(functionName: string): string {
    return this.names.get(functionName) ?? functionName;
  }
}
