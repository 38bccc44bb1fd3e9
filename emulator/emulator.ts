import type { CallAs } from './aws/aws-custom-resource';
import { CloudFormation } from './aws/cloudformation/cloudformation';
import type { StackEvent } from './aws/cloudformation/engine';
import { answerQuery, callOf, denied, errorCodeOf, iamRequests, queryFault } from './aws/cloudformation/query';
import type { ResourceType } from './aws/cloudformation/resource-type';
import { type StackRegistry, together } from './aws/cloudformation/stack-registry';
import { Events, type EventsOptions } from './aws/events';
import type { IamRequest } from './aws/iam';
import { Kms } from './aws/kms';
import { answerInvocation } from './aws/lambda/api';
import type { LambdaFaults } from './aws/lambda/function';
import { Lambda } from './aws/lambda/lambda';
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
import type { EmbeddedService, EmbeddedStacks, Observable, ServiceFactory } from './core/service';
import type { SharedRuntime } from './core/shared-runtime';
import { protonIamRequests } from './services/proton/iam';
import type { InitialState } from './services/proton/plan';
import { protonService } from './services/proton/service';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT, SimulatedProton } from './services/proton/simulated-service';
import type { Assets } from './simulation/assembly';

export interface EmulatorOptions {
  readonly clock: Clock;
  /** Where the templates and bundles are that are deployed. */
  readonly assembly: Assets;
  /** Where AWS has it; somewhere unless told. */
  readonly environment?: AwsEnvironment;
  /** What the embedded Proton holds. */
  readonly seed: InitialState;
  /** What else it holds whose deployments can be cancelled. */
  readonly services?: readonly ServiceFactory[];
  /** The URL of a Proton that runs elsewhere, in the place of the embedded one. */
  readonly protonEndpoint?: string;
  /** Where it runs; on a host of its own unless told. */
  readonly runtime?: SharedRuntime;
  /** What jitter and ids are drawn from, from 0 up to, but not including, 1; chance itself unless told. */
  readonly random?: () => number;
  /** What goes wrong with calls of services; nothing unless told. */
  readonly faults?: Faults;
  /** What goes wrong with the answers to CloudFormation; nothing unless told. */
  readonly answerFaults?: (request: RawRequest) => Fault | undefined;
  /** What goes wrong with functions; nothing unless told. */
  readonly lambdaFaults?: LambdaFaults;
  /** By how many milliseconds the clock of a service differs, asked anew each time; by none unless told. */
  readonly skew?: (service: 'proton' | 'lambda' | 'step-functions') => number;
  /** How many events an execution may have; as many as AWS keeps unless told. */
  readonly maxEvents?: number;
  /** As in `LambdaOptions`. */
  readonly runtimeModules?: string;
  /** Resource types beside the ones that the cloud knows. */
  readonly types?: Readonly<Record<string, ResourceType>>;
  readonly onStackEvent?: (event: StackEvent) => void;
  /** Sees what is published to topics. */
  readonly onMessage?: (message: Message) => void;
  /** Sees every call of a service, with the error type or `ok` that it was answered with. */
  readonly onCall?: (call: ServiceCall, answer: string) => void;
}

/** What a synthesised stack needs of AWS, on loopback: it is deployed as it is, and its functions run as they are. */
export class Emulator {
  /** Starts a cloud; close it when it is not needed any more. */
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
        // What acts first is seen when it acts.
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
  readonly services: readonly (EmbeddedService | EmbeddedStacks)[];
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
    this.roles = new Roles(accountId, region);
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
    stepFunctions.onHistory((event) => tellEnd(event, stepFunctions, events));
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
      ids: random && (() => uuid(random)),
      invoke: async (functionArn, event) => {
        lambda.invokeAsync(functionArn, event);
      },
      onEvent: (event) => {
        onStackEvent?.(event);
        tellStatus(event, events);
      },
    });
  }

  /** Where every service of this cloud listens. */
  get url(): string {
    if (!this.server) throw new Error('the embedded cloud is not listening yet');
    return this.server.url;
  }

  /** All stacks there are. */
  private get stacks(): StackRegistry {
    return together(
      this.cloudFormation,
      ...this.services.flatMap((other) => ('stacks' in other ? [other.stacks] : [])),
    );
  }

  private get jsonServices(): readonly EmbeddedService[] {
    return this.services.flatMap((other) => ('api' in other ? [other] : []));
  }

  /** Everything here whose deployments can be cancelled. */
  get worlds(): readonly Observable[] {
    return [this.proton, ...this.services.map(({ world }) => world)];
  }

  async close(): Promise<void> {
    for (const world of this.worlds) world.stop();
    this.stepFunctions.close();
    await this.lambda.close();
    if (!this.options.runtime) await this.server?.close();
  }

  /** A call that the role of whoever signed it does not allow. */
  private denied(call: ServiceCall): Fault | undefined {
    const message = this.reason(call.accessKeyId, this.iamRequests(call));
    return message === undefined ? undefined : { kind: 'error', type: 'AccessDeniedException', message };
  }

  /** What a service answers to a call that does not come over the wire. */
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
        throw new Error(`the embedded cloud does not know what a call of ${call.service} needs to be allowed`);
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

/** What EventBridge tells of a stack that has another status. */
function tellStatus({ stackId, physicalId, status, statusReason = '' }: StackEvent, events: Events): void {
  if (physicalId !== stackId) return;
  events.publish({
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Stack Status Change',
    detail: { 'stack-id': stackId, 'status-details': { status, 'status-reason': statusReason } },
  });
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** What EventBridge tells of an execution that has ended. */
function tellEnd({ type, executionArn }: HistoryEvent, { executions }: StepFunctions, events: Events): void {
  const status = ENDS[type];
  const execution = executions.find(({ arn }) => arn === executionArn);
  if (!status || !execution) return;
  const { name, stateMachineArn } = execution;
  // Nothing that is encrypted with a key of the user's own is in an event.
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
