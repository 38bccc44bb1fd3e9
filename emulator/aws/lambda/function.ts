/** A function as its template declares it. */
export interface FunctionConfiguration {
  readonly functionName: string;
  readonly arn: string;
  /** The directory that its asset unpacks to. */
  readonly codeDirectory: string;
  /** As in `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** In MB. */
  readonly memorySize: number;
  /** In seconds. */
  readonly timeout: number;
  /** Stands for its role: what the function signs its calls with. */
  readonly accessKeyId: string;
  readonly logFormat?: 'Text' | 'JSON';
  readonly logGroupName?: string;
  /** How often an asynchronous event is tried again after a function error; 2 unless told. */
  readonly maximumRetryAttempts?: number;
  /** How old an asynchronous event may become, in seconds; 6 hours unless told. */
  readonly maximumEventAge?: number;
}

/** What Lambda answers in the place of a result: the payload of an answer that has a FunctionError. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** A line that a function wrote, or that Lambda wrote about it. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Undefined while the function's code was loaded. */
  readonly requestId?: string;
  readonly text: string;
}

/** What goes wrong with one invocation. */
export type LambdaFault =
  /** No capacity: the function is not run. */
  | { readonly kind: 'throttle' }
  /** The process dies before the handler runs, after it has returned and before its result is known, or as it goes to sleep for the n-th time. */
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' | { readonly sleep: number } }
  /** The time runs out: nothing is done before it does, or everything is and the result is not known. */
  | { readonly kind: 'timeout'; readonly when: 'before' | 'after' }
  /** An asynchronous event is delivered once more, so many milliseconds after it is delivered properly. */
  | { readonly kind: 'duplicate'; readonly afterMs: number };

/** An invocation, as the one who decides about its faults sees it. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly event: unknown;
  readonly invocationType: 'RequestResponse' | 'Event';
  /** 1, and more when Lambda tries an asynchronous event again. */
  readonly attempt: number;
}

/** Decides, invocation by invocation, what goes wrong; undefined lets it through. */
export type LambdaFaults = (invocation: Invocation) => LambdaFault | undefined;
