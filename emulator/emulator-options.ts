import type { StackEvent } from './aws/cloudformation/engine';
import type { ResourceType } from './aws/cloudformation/resource-type';
import type { LambdaFaults } from './aws/lambda/function';
import type { LambdaOptions } from './aws/lambda/lambda';
import type { Message } from './aws/sns';
import type { Clock } from './core/clock';
import type { ConsistencyOption } from './core/consistency';
import type { DeliveryOption } from './core/delivery';
import type { AwsEnvironment } from './core/environment';
import type { Fault, Faults, RawRequest, ServiceCall } from './core/http-server';
import type { QuotasOption } from './core/quotas';
import type { ServiceFactory } from './core/service';
import type { SharedRuntime } from './core/shared-runtime';
import type { InitialState } from './services/proton/plan';
import type { Assets } from './simulation/assembly';

/** The account of an emulator, and how its services behave. */
export interface EmulatorOptions {
  readonly clock: Clock;
  /** The templates and bundles that are deployed. */
  readonly assembly: Assets;
  /** The account and region. */
  readonly environment?: AwsEnvironment;
  /** The resources of the emulated Proton. */
  readonly seed: InitialState;
  /** The other services with deployments that can be cancelled. */
  readonly services?: readonly ServiceFactory[];
  /** The URL of a Proton that runs elsewhere. Default: the emulated Proton. */
  readonly protonEndpoint?: string;
  /** The port on 127.0.0.1, without a `runtime`. Default: any free port. */
  readonly port?: number;
  /** Default: a port and sandboxes of its own. */
  readonly runtime?: SharedRuntime;
  /**
   * The source of jitter, IDs, lags and delays, from 0 up to, but not including, 1. Default: jitter and IDs are not seeded,
   * and lags and delays are the same in every run.
   */
  readonly random?: () => number;
  /** The lags of reads behind writes, and of permissions behind policies. Default: `DEFAULT_CONSISTENCY`. */
  readonly consistency?: ConsistencyOption;
  /** The quotas of the account. Default: none. */
  readonly quotas?: QuotasOption;
  /** The delays and duplicates of events of Lambda and EventBridge. Default: prompt. */
  readonly delivery?: DeliveryOption;
  /** The values of Parameter Store at the start, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The faults of calls of services. */
  readonly faults?: Faults;
  /** The faults of responses to CloudFormation. */
  readonly answerFaults?: (request: RawRequest) => Fault | undefined;
  /** The faults of functions. */
  readonly lambdaFaults?: LambdaFaults;
  /** The difference of the clock of a service, in milliseconds; called each time the clock is read. */
  readonly skew?: (service: 'proton' | 'lambda' | 'step-functions') => number;
  /** The maximum number of events of an execution. Default: the quota of AWS. */
  readonly maxEvents?: number;
  /** As in `LambdaOptions`. */
  readonly runtimeModules?: string;
  /** Additional resource types. */
  readonly types?: Readonly<Record<string, ResourceType>>;
  readonly onStackEvent?: (event: StackEvent) => void;
  /** Called for each message that is published to a topic. */
  readonly onMessage?: (message: Message) => void;
  /** Called after every call of a service, with the error type or `ok`. */
  readonly onCall?: (call: ServiceCall, answer: string) => void;
  /** As in `LambdaOptions`. */
  readonly onRefusedConnection?: LambdaOptions['onRefusedConnection'];
  /** As in `LambdaOptions`. */
  readonly onFunctionError?: LambdaOptions['onFunctionError'];
}
