import type { ServiceName } from '../lib/deployments/kinds';
import type { CallAs } from './aws/aws-custom-resource';
import { CloudFormation } from './aws/cloudformation/cloudformation';
import {
  answerQuery,
  OPERATION_NAMES as CLOUDFORMATION_OPERATIONS,
  callOf,
  errorCodeOf,
  iamRequests,
  queryFault,
} from './aws/cloudformation/query';
import { mergeRegistries, type StackRegistry } from './aws/cloudformation/stack-registry';
import { Events } from './aws/events';
import type { IamRequest } from './aws/iam';
import { Kms } from './aws/kms';
import { answerInvocation } from './aws/lambda/api';
import { FunctionPolicies } from './aws/lambda/function-policies';
import { InlineCode } from './aws/lambda/inline-code';
import { Lambda } from './aws/lambda/lambda';
import { executionEndEvent, stackStatusEvent } from './aws/published-events';
import { resourceTypes } from './aws/resource-types';
import { Roles } from './aws/roles';
import { accessDeniedError, throttlingError } from './aws/service-errors';
import { Sns } from './aws/sns';
import { Ssm } from './aws/ssm';
import type { Execution } from './aws/step-functions/execution';
import { type StartRequest, StepFunctions } from './aws/step-functions/step-functions';
import { answerCallerIdentity, Sts } from './aws/sts';
import { shifted } from './core/clock';
import { Consistency, DEFAULT_CONSISTENCY } from './core/consistency';
import { Delivery } from './core/delivery';
import { type AwsEnvironment, arnOf, DEFAULT_ENVIRONMENT } from './core/environment';
import {
  actionOf,
  actsFirst,
  type EmulatedApi,
  type Fault,
  HttpServer,
  type HttpServerOptions,
  type RawAnswer,
  type RawRequest,
  type ServiceCall,
  ServiceError,
} from './core/http-server';
import { randomUuid } from './core/ids';
import { JSON_ERRORS, type Protocol, QUERY_ERRORS } from './core/protocols';
import { Quotas } from './core/quotas';
import { keyedRandom, seededRandom } from './core/seeded-random';
import type { EmulatedService, EmulatedStacks, Observable } from './core/service';
import type { EmulatorOptions } from './emulator-options';
import { protonIamRequests } from './services/proton/iam';
import { protonService } from './services/proton/service';
import { SimulatedProton } from './services/proton/simulated-service';

/** The seed of lags and delays without a source of random numbers. */
const DEFAULT_SEED = 1;

/**
 * An emulator of the AWS services that a synthesized stack needs, on loopback. Deploys templates and runs functions
 * unchanged.
 */
export class Emulator {
  /** Starts an emulator. Close it at the end. */
  static async start(options: EmulatorOptions): Promise<Emulator> {
    const emulator = new Emulator(options);
    const service = emulator.serverOptions();
    options.runtime?.server.serve(service);
    try {
      emulator.server = options.runtime?.server ?? (await HttpServer.listen(service, options.port));
    } catch (error) {
      await emulator.close();
      throw error;
    }
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
  private readonly sts: Sts;
  private readonly quotas: Quotas;
  private readonly inlineCode = new InlineCode();
  private server?: HttpServer;

  private constructor(private readonly options: EmulatorOptions) {
    const { clock, random, assembly, seed, services = [], protonEndpoint, types, skew, maxEvents } = options;
    this.environment = options.environment ?? DEFAULT_ENVIRONMENT;
    const { environment } = this;
    const clockOf = (service: Parameters<NonNullable<typeof skew>>[0]) =>
      skew ? shifted(clock, () => skew(service)) : clock;
    const draws = keyedRandom(random ?? seededRandom(DEFAULT_SEED));
    const consistency = new Consistency(options.consistency ?? DEFAULT_CONSISTENCY, draws);
    const delivery = new Delivery(options.delivery ?? 'prompt', draws);
    this.quotas = new Quotas(options.quotas ?? 'none', clock);
    this.roles = new Roles(environment, clock, consistency);
    const { roles } = this;
    this.sts = new Sts(roles, clock);
    this.proton = new SimulatedProton(seed, clockOf('proton'), this.environment, consistency);
    this.services = services.map((create) => create(clock, consistency));
    const kms = new Kms(environment);
    this.ssm = new Ssm({
      clock,
      environment,
      consistency,
      hasKey: (arn) => kms.has(arn),
      initial: options.parameters,
    });
    this.lambda = new Lambda({
      clock: clockOf('lambda'),
      faults: options.lambdaFaults,
      random,
      delivery,
      concurrency: this.quotas.lambdaConcurrency,
      warm: options.runtime?.sandboxes,
      runtimeModules: options.runtimeModules,
      onRefusedConnection: options.onRefusedConnection,
      onFunctionError: options.onFunctionError,
      endpoints: () => ({
        AWS_ENDPOINT_URL: this.url,
        ...(protonEndpoint !== undefined && { AWS_ENDPOINT_URL_PROTON: protonEndpoint }),
      }),
    });
    const { lambda } = this;
    const functionPolicies = new FunctionPolicies(clock, consistency);
    this.sns = new Sns(options.onMessage);
    this.stepFunctions = new StepFunctions({
      environment,
      clock: clockOf('step-functions'),
      random,
      lambda,
      authorize: roles.authorize,
      call: (call) => this.call(call),
      startNested: (request) => this.startExecution(request),
      maxEvents,
      consistency,
    });
    const { stepFunctions } = this;
    const events = new Events({
      clock,
      lambda,
      startExecution: (request) => this.startExecution(request),
      authorize: (roleArn, request) => roles.authorize(roles.accessKeyIdOf(roleArn), request),
      mayInvoke: (functionArn, sourceArn) =>
        functionPolicies.allows(functionArn, { principal: 'events.amazonaws.com', sourceArn }),
      delivery,
    });
    this.events = events;
    stepFunctions.onHistory((historyEvent) => {
      const event = executionEndEvent(historyEvent, stepFunctions);
      if (event) events.publish(event);
    });
    const callAs: CallAs = (functionArn, call) =>
      this.call({ ...call, accessKeyId: lambda.configuration(functionArn).accessKeyId });
    const { sns, ssm } = this;
    this.cloudFormation = new CloudFormation({
      clock,
      environment,
      consistency,
      types: {
        ...resourceTypes({
          environment,
          assembly,
          inlineCode: this.inlineCode,
          roles,
          kms,
          lambda,
          functionPolicies,
          stepFunctions,
          events,
          sns,
          ssm,
          callAs,
        }),
        ...types,
      },
      templateAt: (url) => assembly.templateAt(url),
      ssmParameter: (name) => ssm.parameters.find((parameter) => parameter.name === name.split(':')[0])?.value,
      responseUrlBase: () => this.url,
      ids: random && (() => randomUuid(random)),
      invoke: async (functionArn, event) => {
        lambda.invokeAsync(functionArn, event);
      },
      onEvent: (stackEvent) => {
        options.onStackEvent?.(stackEvent);
        const event = stackStatusEvent(stackEvent);
        if (event) events.publish(event);
      },
    });
  }

  /** The URL of every service of the emulator. */
  get url(): string {
    if (!this.server) throw new Error('the emulator does not listen yet');
    return this.server.url;
  }

  /** Every service with deployments that can be cancelled. */
  get simulatedServices(): readonly Observable[] {
    return [this.proton, ...this.services.map(({ simulated }) => simulated)];
  }

  /** The simulated service of that name. Throws if the account does not have it. */
  simulatedService(name: ServiceName): Observable {
    const nameOf = (other: EmulatedService | EmulatedStacks) => ('api' in other ? other.api.service : 'cloudformation');
    const found = name === 'proton' ? this.proton : this.services.find((other) => nameOf(other) === name)?.simulated;
    if (!found) throw new Error(`the emulator has no ${name}`);
    return found;
  }

  /** The names of the emulated operations of each service. */
  get operationNames(): Readonly<Record<string, readonly string[]>> {
    const cloudformation = { service: 'cloudformation', operationNames: CLOUDFORMATION_OPERATIONS };
    const names: Record<string, readonly string[]> = {};
    for (const { service, operationNames } of [cloudformation, ...this.apis]) {
      names[service] = [...(names[service] ?? []), ...operationNames];
    }
    return names;
  }

  async close(): Promise<void> {
    for (const service of this.simulatedServices) service.stop();
    this.events.close();
    this.stepFunctions.close();
    await this.lambda.close();
    this.inlineCode.close();
    if (!this.options.runtime) await this.server?.close();
  }

  private serverOptions(): HttpServerOptions {
    const { clock, faults, answerFaults, skew, onCall } = this.options;
    const { cloudFormation, lambda, roles } = this;
    return {
      services: this.apis,
      faults: (call) => this.faultOf(this.rejection(call, this.iamRequests(call)), call) ?? faults?.(call),
      raw: (request) => {
        const identity = answerCallerIdentity(this.environment, request);
        if (identity) return identity;
        const call = callOf(request);
        if (!call) return answerInvocation(lambda, request, roles.authorize) ?? cloudFormation.takeAnswer(request);
        return this.answerQuery(call, request);
      },
      rawFaults: (request) => {
        const call = callOf(request);
        if (!call) return request.method === 'PUT' ? answerFaults?.(request) : undefined;
        const { environment, stacks } = this;
        const rejection = this.rejection(call, iamRequests({ ...stacks, environment }, request));
        const fault = faultFor(rejection) ?? faults?.(call);
        // A fault after the operation is reported by `raw`.
        if (fault && !actsFirst(fault)) onCall?.(call, fault.kind === 'error' ? fault.type : fault.kind);
        return queryFault(fault);
      },
      now: (service) => clock.now() + (service === 'proton' ? (skew?.('proton') ?? 0) : 0),
      onCall,
      onHang: (port) => lambda.unanswered(port),
    };
  }

  private get stacks(): StackRegistry {
    return mergeRegistries(
      this.cloudFormation,
      ...this.services.flatMap((other) => ('stacks' in other ? [other.stacks] : [])),
    );
  }

  private get apis(): readonly EmulatedApi[] {
    return [
      protonService(this.proton),
      this.stepFunctions,
      this.ssm,
      this.sts,
      ...this.otherServices.map(({ api }) => api),
    ];
  }

  private get otherServices(): readonly EmulatedService[] {
    return this.services.flatMap((other) => ('api' in other ? [other] : []));
  }

  private answerQuery(call: ServiceCall, request: RawRequest): RawAnswer | undefined {
    const answer = answerQuery(this.stacks, request);
    if (answer) this.options.onCall?.(call, errorCodeOf(answer) ?? 'ok');
    return answer;
  }

  /** Answers a call that does not come over HTTP. */
  private call(call: ServiceCall): object {
    const report = (answer: string) => this.options.onCall?.(call, answer);
    try {
      const rejection = this.rejection(call, this.iamRequests(call));
      if (rejection) throw rejection;
      const output = this.apiOf(call).call(call);
      report('ok');
      return output;
    } catch (error) {
      if (error instanceof ServiceError) report(error.type);
      throw error;
    }
  }

  private apiOf({ service }: ServiceCall): Pick<EmulatedApi, 'call'> {
    const { sns, events } = this;
    const others: Readonly<Record<string, Pick<EmulatedApi, 'call'>>> = { sns, events };
    const found = others[service] ?? this.apis.find((api) => api.service === service);
    if (!found) throw new Error(`the emulator has no ${service}`);
    return found;
  }

  /** Starts an execution for a task or a rule. */
  private startExecution(request: StartRequest): Execution {
    if (!this.quotas.take('states:StartExecution')) throw throttlingError(JSON_ERRORS);
    return this.stepFunctions.startExecution(request);
  }

  /** The error of a call that exceeds a quota, or that the role of the caller does not allow. */
  private rejection(call: ServiceCall, requests: readonly IamRequest[]): ServiceError | undefined {
    if (!this.quotas.take(actionOf(call))) return throttlingError(this.errorsOf(call));
    for (const request of requests) {
      const reason = this.roles.authorize(call.accessKeyId, request);
      if (reason !== undefined) return accessDeniedError(this.errorsOf(call), reason);
    }
    return undefined;
  }

  private faultOf(rejection: ServiceError | undefined, call: ServiceCall): Fault | undefined {
    const isDenied = rejection?.type === this.errorsOf(call).accessDenied.type;
    const output = isDenied ? this.serviceOf(call)?.deniedAnswer?.(call.operation) : undefined;
    return output ? { kind: 'empty-answer', output } : faultFor(rejection);
  }

  private errorsOf({ service }: ServiceCall): Protocol['errors'] {
    const api = this.apis.find((candidate) => candidate.service === service);
    if (api) return api.protocol.errors;
    return service === 'cloudformation' ? QUERY_ERRORS : JSON_ERRORS;
  }

  private serviceOf({ service, operation }: ServiceCall): EmulatedService | undefined {
    return this.otherServices.find(({ api }) => api.service === service && api.operationNames.includes(operation));
  }

  private iamRequests(call: ServiceCall): IamRequest[] {
    const other = this.serviceOf(call);
    if (other) return other.iamRequests(call);
    switch (call.service) {
      case 'proton':
        return protonIamRequests(call, this.environment);
      case 'sfn':
        return this.stepFunctions.iamRequests(call);
      case 'events':
        return [{ action: actionOf(call), resource: arnOf(this.environment, 'events', 'event-bus/default') }];
      case 'sns':
        return this.sns.iamRequests(call);
      case 'ssm':
        return this.ssm.iamRequests(call);
      case 'sts':
        return this.sts.iamRequests(call);
      default:
        // An operation that is not emulated is rejected whatever the permissions are.
        if (this.otherServices.some(({ api }) => api.service === call.service)) return [];
        throw new Error(`the emulator does not know the permissions for calls of ${call.service}`);
    }
  }
}

function faultFor(error: ServiceError | undefined): Fault | undefined {
  return error && { kind: 'error', type: error.type, message: error.message, statusCode: error.statusCode };
}
