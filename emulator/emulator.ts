import type { CallAs } from './aws/aws-custom-resource';
import { CloudFormation } from './aws/cloudformation/cloudformation';
import type { StackEvent } from './aws/cloudformation/engine';
import { answerQuery, callOf, denied, errorCodeOf, iamRequests, queryFault } from './aws/cloudformation/query';
import type { ResourceType } from './aws/cloudformation/resource-type';
import { mergeRegistries, type StackRegistry } from './aws/cloudformation/stack-registry';
import { Events, type EventsOptions } from './aws/events';
import type { IamRequest } from './aws/iam';
import { Kms } from './aws/kms';
import { answerInvocation } from './aws/lambda/api';
import type { LambdaFaults } from './aws/lambda/function';
import { Lambda, type LambdaOptions } from './aws/lambda/lambda';
import { resourceTypes } from './aws/resource-types';
import { Roles } from './aws/roles';
import { type Message, Sns } from './aws/sns';
import { Ssm } from './aws/ssm';
import type { HistoryEvent } from './aws/step-functions/history';
import { StepFunctions } from './aws/step-functions/step-functions';
import { type Clock, shifted } from './core/clock';
import {
  actsFirst,
  type Fault,
  type Faults,
  HttpServer,
  type HttpServerOptions,
  type RawAnswer,
  type RawRequest,
  type ServiceCall,
  ServiceError,
} from './core/http-server';
import { randomUuid } from './core/ids';
import type { EmulatedService, EmulatedStacks, Observable, ServiceFactory } from './core/service';
import type { SharedRuntime } from './core/shared-runtime';
import { protonIamRequests } from './services/proton/iam';
import type { InitialState } from './services/proton/plan';
import { protonService } from './services/proton/service';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT, SimulatedProton } from './services/proton/simulated-service';
import type { Assets } from './simulation/assembly';

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
  /** Default: a port and sandboxes of its own. */
  readonly runtime?: SharedRuntime;
  /** The source of jitter and IDs, from 0 up to, but not including, 1. Default: not seeded. */
  readonly random?: () => number;
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

/**
 * An emulator of the AWS services that a synthesized stack needs, on loopback. Deploys templates and runs functions
 * unchanged.
 */
export class Emulator {
  /** Starts an emulator. Close it at the end. */
  static async start(options: EmulatorOptions): Promise<Emulator> {
    const emulator = new Emulator(options);
    const { proton, stepFunctions, ssm, cloudFormation, lambda, roles, jsonServices } = emulator;
    const service: HttpServerOptions = {
      services: [protonService(proton), stepFunctions, ssm, ...jsonServices.map(({ api }) => api)],
      faults: (call) => emulator.denied(call) ?? options.faults?.(call),
      raw: (request) => {
        const call = callOf(request);
        const answer = emulator.queryDenied(request) ?? answerQuery(emulator.stacks, request);
        if (!call || !answer) {
          return answerInvocation(lambda, request, roles.authorize) ?? cloudFormation.takeAnswer(request);
        }
        options.onCall?.(call, errorCodeOf(answer) ?? 'ok');
        return answer;
      },
      rawFaults: (request) => {
        const call = callOf(request);
        if (!call) return request.method === 'PUT' ? options.answerFaults?.(request) : undefined;
        const fault = emulator.queryDenied(request) ? undefined : options.faults?.(call);
        // A fault after the operation is reported by `raw`.
        if (fault && !actsFirst(fault)) options.onCall?.(call, fault.kind === 'error' ? fault.type : fault.kind);
        return queryFault(fault);
      },
      now: (service) => options.clock.now() + (service === 'proton' ? (options.skew?.('proton') ?? 0) : 0),
      onCall: options.onCall,
      onHang: (port) => emulator.lambda.unanswered(port),
    };
    options.runtime?.server.serve(service);
    emulator.server = options.runtime?.server ?? (await HttpServer.listen(service));
    return emulator;
  }

  readonly proton: SimulatedProton;
  readonly services: readonly (EmulatedService | EmulatedStacks)[];
  readonly lambda: Lambda;
  readonly stepFunctions: StepFunctions;
  readonly ssm: Ssm;
  readonly cloudFormation: CloudFormation;
  readonly events: Events;
  readonly sns: Sns;
  private readonly environment: AwsEnvironment;
  private readonly roles: Roles;
  private server?: HttpServer;

  private constructor(private readonly options: EmulatorOptions) {
    const {
      clock,
      random,
      assembly,
      seed,
      services = [],
      protonEndpoint,
      lambdaFaults,
      types,
      skew,
      maxEvents,
      onStackEvent,
      onMessage,
    } = options;
    this.environment = options.environment ?? DEFAULT_ENVIRONMENT;
    const { region, account: accountId } = this.environment;
    this.roles = new Roles(accountId);
    const environment = { clock, region, accountId };
    const clockOf = (service: Parameters<NonNullable<typeof skew>>[0]) =>
      skew ? shifted(clock, () => skew(service)) : clock;
    this.proton = new SimulatedProton(seed, clockOf('proton'), this.environment);
    this.services = services.map((populate) => populate(clock));
    const kms = new Kms(region, accountId);
    this.ssm = new Ssm({ ...environment, hasKey: (arn) => kms.has(arn) });
    this.lambda = new Lambda({
      clock: clockOf('lambda'),
      faults: lambdaFaults,
      random,
      warm: options.runtime?.sandboxes,
      runtimeModules: options.runtimeModules,
      onRefusedConnection: options.onRefusedConnection,
      onFunctionError: options.onFunctionError,
      endpoints: () => ({
        AWS_ENDPOINT_URL: this.url,
        ...(protonEndpoint !== undefined && { AWS_ENDPOINT_URL_PROTON: protonEndpoint }),
      }),
    });
    const { lambda, roles } = this;
    this.sns = new Sns(onMessage);
    this.stepFunctions = new StepFunctions({
      ...environment,
      clock: clockOf('step-functions'),
      random,
      lambda,
      authorize: roles.authorize,
      call: (call) => this.call(call),
      maxEvents,
    });
    const { stepFunctions } = this;
    const authorize: EventsOptions['authorize'] = (roleArn, request) =>
      roles.authorize(roles.accessKeyIdOf(roleArn), request);
    const events = new Events({ clock, lambda, stepFunctions, authorize });
    this.events = events;
    stepFunctions.onHistory((event) => publishExecutionEnd(event, stepFunctions, events));
    const callAs: CallAs = (functionArn, call) =>
      this.call({ ...call, accessKeyId: lambda.configuration(functionArn).accessKeyId });
    this.cloudFormation = new CloudFormation({
      ...environment,
      types: {
        ...resourceTypes({
          ...environment,
          assembly,
          roles,
          kms,
          lambda,
          stepFunctions,
          events,
          sns: this.sns,
          callAs,
        }),
        ...types,
      },
      templateAt: (url) => assembly.templateAt(url),
      responseUrlBase: () => this.url,
      ids: random && (() => randomUuid(random)),
      invoke: async (functionArn, event) => {
        lambda.invokeAsync(functionArn, event);
      },
      onEvent: (event) => {
        onStackEvent?.(event);
        publishStackStatus(event, events);
      },
    });
  }

  /** The URL of every service of the emulator. */
  get url(): string {
    if (!this.server) throw new Error('the emulator does not listen yet');
    return this.server.url;
  }

  private get stacks(): StackRegistry {
    return mergeRegistries(
      this.cloudFormation,
      ...this.services.flatMap((other) => ('stacks' in other ? [other.stacks] : [])),
    );
  }

  private get jsonServices(): readonly EmulatedService[] {
    return this.services.flatMap((other) => ('api' in other ? [other] : []));
  }

  /** Every service with deployments that can be cancelled. */
  get simulatedServices(): readonly Observable[] {
    return [this.proton, ...this.services.map(({ simulated }) => simulated)];
  }

  async close(): Promise<void> {
    for (const service of this.simulatedServices) service.stop();
    this.stepFunctions.close();
    await this.lambda.close();
    if (!this.options.runtime) await this.server?.close();
  }

  /** The fault of a call that the role of the caller does not allow. */
  private denied(call: ServiceCall): Fault | undefined {
    const message = this.reason(call.accessKeyId, this.iamRequests(call));
    return message === undefined ? undefined : { kind: 'error', type: 'AccessDeniedException', message };
  }

  /** Answers a call that does not come over HTTP. */
  private call(call: ServiceCall): object {
    const answer = (type: string) => this.options.onCall?.(call, type);
    const denial = this.reason(call.accessKeyId, this.iamRequests(call));
    try {
      if (denial !== undefined) throw new ServiceError('AccessDeniedException', denial);
      const answered = call.service === 'sns' ? this.sns.call(call) : protonService(this.proton).call(call);
      answer('ok');
      return answered;
    } catch (error) {
      if (error instanceof ServiceError) answer(error.type);
      throw error;
    }
  }

  private queryDenied(request: RawRequest): RawAnswer | undefined {
    const { region, account: accountId } = this.environment;
    const message = this.reason(request.accessKeyId, iamRequests({ ...this.stacks, region, accountId }, request));
    return message === undefined ? undefined : denied(message);
  }

  private iamRequests(call: ServiceCall): IamRequest[] {
    switch (call.service) {
      case 'proton':
        return protonIamRequests(call, this.environment);
      case 'sfn':
        return this.stepFunctions.iamRequests(call);
      case 'sns':
        return this.sns.iamRequests(call);
      case 'ssm':
        return this.ssm.iamRequests(call);
      default: {
        const service = this.jsonServices.find(({ api }) => api.service === call.service);
        if (service) return service.iamRequests(call);
        throw new Error(`the emulator does not know the permissions for calls of ${call.service}`);
      }
    }
  }

  private reason(accessKeyId: string | undefined, requests: readonly IamRequest[]): string | undefined {
    for (const request of requests) {
      const reason = this.roles.authorize(accessKeyId, request);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}

/** Publishes the event of a new stack status. */
function publishStackStatus({ stackId, physicalId, status, statusReason = '' }: StackEvent, events: Events): void {
  if (physicalId !== stackId) return;
  events.publish({
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Stack Status Change',
    detail: { 'stack-id': stackId, 'status-details': { status, 'status-reason': statusReason } },
  });
}

/** Publishes the event of the end of an execution. */
function publishExecutionEnd(
  { type, executionArn }: HistoryEvent,
  { executions }: StepFunctions,
  events: Events,
): void {
  const status = ENDS[type];
  const execution = executions.find(({ arn }) => arn === executionArn);
  if (!status || !execution) return;
  const { name, stateMachineArn } = execution;
  // Events have no data that is encrypted with a customer managed key.
  const input = execution.encryptionKey === undefined ? execution.input : undefined;
  events.publish({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { executionArn, stateMachineArn, name, status, input },
  });
}

const ENDS: Readonly<Record<string, string>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};
