/** A function as declared by its template. */
export interface FunctionConfiguration {
  readonly functionName: string;
  readonly arn: string;
  /** The directory of its unpacked asset. */
  readonly codeDirectory: string;
  /** As in `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** In MB. */
  readonly memorySize: number;
  /** In seconds. */
  readonly timeout: number;
  /** The access key ID of its role, with which the function signs its calls. */
  readonly accessKeyId: string;
  readonly logFormat?: 'Text' | 'JSON';
  readonly logGroupName?: string;
}

/** The payload of a response with a FunctionError. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A log line of a function, or of Lambda about a function. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Undefined while the code of the function is loaded. */
  readonly requestId?: string;
  readonly text: string;
}

/** A fault of one invocation. */
export type LambdaFault =
  /** There is no capacity: the function does not run. */
  | { readonly kind: 'throttle' }
  /** The process ends before the handler runs, after it has returned and before its result is known, or at its n-th sleep. */
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' | { readonly sleep: number } }
  /** The function times out: the handler has not run, or has run and its result is not known. */
  | { readonly kind: 'timeout'; readonly when: 'before' | 'after' }
  /** An asynchronous event is delivered again, a number of milliseconds after the first time. */
  | { readonly kind: 'duplicate'; readonly afterMs: number };

/** An invocation that may have a fault. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly event: unknown;
  readonly invocationType: 'RequestResponse' | 'Event';
  /** 1, and more for retries of an asynchronous event. */
  readonly attempt: number;
}

/** Returns the fault of an invocation; undefined if it has none. */
export type LambdaFaults = (invocation: Invocation) => LambdaFault | undefined;
