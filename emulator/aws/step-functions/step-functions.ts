import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock';
import { type JsonService, type ServiceCall, ServiceError } from '../../core/http-server';
import type { Authorize, IamRequest } from '../iam';
import type { Lambda } from '../lambda/lambda';
import { compile, type Program } from './definition';
import { Execution, type ExecutionStatus } from './execution';
import { describeEvent, type HistoryEvent } from './history';
import { loadInterpreter } from './interpreter';
import { MAX_DATA } from './task';

export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly lambda: Pick<Lambda, 'invoke'>;
  /** Checks the permissions of the role of a machine. Default: everything is allowed. */
  readonly authorize?: Authorize;
  /** Calls the other services for tasks. Default: there are none. */
  readonly call?: (call: ServiceCall) => object;
  /** The source of the jitter of a Retry, from 0 up to, but not including, 1. Default: always 0.5. */
  readonly random?: () => number;
  /** The maximum number of events of an execution. Default: the quota of AWS. */
  readonly maxEvents?: number;
}

/** A state machine as declared by its template. */
export interface StateMachineConfiguration {
  readonly name: string;
  /** JSON, in the Amazon States Language. */
  readonly definition: string;
  readonly roleArn: string;
  /** The access key ID of its role. */
  readonly accessKeyId: string;
  /** The ARN of the customer managed key that encrypts its executions. Default: the key of AWS. */
  readonly encryptionKey?: string;
}

interface Machine {
  readonly arn: string;
  readonly createdAt: number;
  configuration: StateMachineConfiguration;
  program: Program;
  deleting: boolean;
}

/** The supported members of each operation. Other members are rejected, because they would change its meaning. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  StartExecution: ['stateMachineArn', 'name', 'input', 'traceHeader'],
  StopExecution: ['executionArn', 'error', 'cause'],
  DescribeExecution: ['executionArn'],
  ListExecutions: ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken'],
  GetExecutionHistory: ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
  DescribeStateMachine: ['stateMachineArn'],
};

/** The permissions for the key of an execution that an operation needs. */
const KEY_ACTIONS: Readonly<Record<string, (input: ServiceCall['input']) => string[]>> = {
  DescribeExecution: () => ['kms:Decrypt'],
  GetExecutionHistory: () => ['kms:Decrypt'],
  StopExecution: ({ error, cause }) => (error === undefined && cause === undefined ? [] : ['kms:GenerateDataKey']),
};

const STATUSES: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const MAX_NAME = 80;
const MAX_ERROR = 256;
const MAX_CAUSE = 32768;
const PAGE = { default: 100, max: 1000 };

/** Step Functions, limited to Standard workflows and the API of their executions. */
export class StepFunctions implements JsonService {
  readonly service = 'sfn';
  readonly target = 'AWSStepFunctions';
  readonly version = '1.0';
  private readonly machines = new Map<string, Machine>();
  private readonly all: Execution[] = [];
  private readonly listeners = new Set<(event: HistoryEvent) => void>();
  private readonly interpreter: ReturnType<typeof loadInterpreter>;

  constructor(private readonly options: StepFunctionsOptions) {
    this.interpreter = loadInterpreter(options.clock, options.random ?? (() => 0.5));
  }

  /** All executions, oldest first. */
  get executions(): readonly Execution[] {
    return this.all;
  }

  /** Calls back at every event of every execution from now on. Returns a function that ends this. */
  onHistory(listener: (event: HistoryEvent) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Creates a machine and returns its ARN. Throws if AWS would reject the definition, or the emulator does not support it. */
  createStateMachine(configuration: StateMachineConfiguration): string {
    const arn = this.arn('stateMachine', configuration.name);
    if (this.machines.has(arn)) {
      throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
    }
    const program = compile(configuration.definition);
    this.machines.set(arn, { arn, createdAt: this.options.clock.now(), configuration, program, deleting: false });
    return arn;
  }

  /** Updates a machine. Running executions keep their definition. */
  updateStateMachine(arn: string, changes: Partial<Omit<StateMachineConfiguration, 'name'>>): void {
    const machine = this.machine(arn);
    if (changes.definition !== undefined) machine.program = compile(changes.definition);
    machine.configuration = { ...machine.configuration, ...changes };
  }

  /** Deletes a machine. Its executions are aborted at their next state. */
  deleteStateMachine(arn: string): void {
    const machine = this.machine(arn);
    machine.deleting = true;
    this.machines.delete(arn);
  }

  /** Aborts all executions. */
  close(): void {
    for (const execution of this.all) execution.stop();
  }

  /** Starts an execution, as StartExecution does. */
  startExecution({ stateMachineArn, input = '{}', name = randomUUID() }: StartRequest): Execution {
    checkName(name);
    checkInput(input);
    const machine = this.machine(stateMachineArn);
    const { configuration, program } = machine;
    const arn = this.arn('execution', `${configuration.name}:${name}`);
    const former = this.all.find((execution) => execution.arn === arn);
    if (former) {
      if (former.status === 'RUNNING' && former.input === input) return former;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const { clock, lambda, authorize, call = rejectCall, maxEvents } = this.options;
    const { accessKeyId, encryptionKey } = configuration;
    for (const request of keyRequests(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey, stateMachineArn)) {
      const denial = authorize?.(accessKeyId, request);
      if (denial !== undefined) throw new ServiceError('KmsAccessDeniedException', denial);
    }
    const execution = new Execution({
      clock,
      interpreter: this.interpreter,
      program,
      arn,
      name,
      input,
      stateMachine: { arn: stateMachineArn, name: configuration.name, roleArn: configuration.roleArn },
      encryptionKey,
      deps: {
        lambda,
        denied: (request) => authorize?.(machine.configuration.accessKeyId, request),
        startExecution: (request) => this.startExecution(request),
        call: (request) => call({ ...request, accessKeyId: machine.configuration.accessKeyId }),
      },
      isDeleting: () => machine.deleting,
      maxEvents,
      onHistory: (event) => {
        for (const listener of this.listeners) listener(event);
      },
    });
    this.all.push(execution);
    execution.begin();
    return execution;
  }

  call({ operation, input }: ServiceCall): object {
    const members = MEMBERS[operation];
    if (!members)
      throw new ServiceError('UnknownOperationException', `the emulated Step Functions has no ${operation}`);
    const unsupported = Object.keys(input).find((member) => !members.includes(member));
    if (unsupported) throw invalid(`the emulated Step Functions does not support ${unsupported} of ${operation}`);
    switch (operation) {
      case 'StartExecution': {
        const { arn, startDate } = this.startExecution({
          stateMachineArn: required(input, 'stateMachineArn'),
          name: optional(input, 'name'),
          input: optional(input, 'input'),
        });
        return { executionArn: arn, startDate: startDate / 1000 };
      }
      case 'StopExecution':
        return this.stop(input);
      case 'DescribeExecution':
        return describe(this.execution(required(input, 'executionArn')));
      case 'ListExecutions':
        return this.list(input);
      case 'GetExecutionHistory':
        return this.history(input);
      default:
        return this.describeMachine(required(input, 'stateMachineArn'));
    }
  }

  /** The permissions that a call needs. */
  iamRequests({ operation, input }: ServiceCall): IamRequest[] {
    if (!Object.hasOwn(MEMBERS, operation)) return [];
    const resource = String(input.executionArn ?? input.stateMachineArn);
    const execution = this.all.find(({ arn }) => arn === input.executionArn);
    const { encryptionKey, stateMachineArn = '' } = execution ?? {};
    const keyActions = KEY_ACTIONS[operation]?.(input) ?? [];
    return [{ action: `states:${operation}`, resource }, ...keyRequests(keyActions, encryptionKey, stateMachineArn)];
  }

  private stop(input: ServiceCall['input']): object {
    const execution = this.execution(required(input, 'executionArn'));
    const error = optional(input, 'error', MAX_ERROR);
    const cause = optional(input, 'cause', MAX_CAUSE);
    execution.stop(error, cause);
    return { stopDate: (execution.stopDate ?? 0) / 1000 };
  }

  private list(input: ServiceCall['input']): object {
    const machine = this.machine(required(input, 'stateMachineArn'));
    const status = optional(input, 'statusFilter');
    if (status !== undefined && !STATUSES.some((known) => known === status)) {
      throw invalid(constraint('statusFilter', `Member must satisfy enum value set: [${STATUSES.join(', ')}]`));
    }
    const found = this.all
      .map((execution, ordinal) => ({ execution, ordinal }))
      .filter(({ execution }) => execution.stateMachineArn === machine.arn)
      .filter(({ execution }) => status === undefined || execution.status === status)
      .reverse();
    // The token holds the last execution of the page, not a count, because newer executions may start.
    const { before } = readToken(optional(input, 'nextToken'), 'before');
    const rest = found.filter(({ ordinal }) => before === undefined || ordinal < before);
    const page = rest.slice(0, pageSize(input.maxResults));
    const last = page.at(-1);
    return {
      executions: page.map(({ execution }) => summary(execution)),
      ...(last && page.length < rest.length ? { nextToken: writeToken({ before: last.ordinal }) } : {}),
    };
  }

  private history(input: ServiceCall['input']): object {
    const { history } = this.execution(required(input, 'executionArn'));
    const events = input.reverseOrder === true ? history.toReversed() : history;
    const { from = 0 } = readToken(optional(input, 'nextToken'), 'from');
    const to = from + pageSize(input.maxResults);
    return {
      events: events.slice(from, to).map(describeEvent),
      ...(to < events.length ? { nextToken: writeToken({ from: to }) } : {}),
    };
  }

  private describeMachine(stateMachineArn: string): object {
    const { arn, createdAt, configuration } = this.machine(stateMachineArn);
    const { name, definition, roleArn } = configuration;
    return {
      stateMachineArn: arn,
      name,
      status: 'ACTIVE',
      definition,
      roleArn,
      type: 'STANDARD',
      creationDate: createdAt / 1000,
    };
  }

  private machine(arn: string): Machine {
    checkArn(arn, 'stateMachine');
    const machine = this.machines.get(arn);
    if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  private execution(arn: string): Execution {
    checkArn(arn, 'execution');
    const execution = this.all.find((candidate) => candidate.arn === arn);
    if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  private arn(resourceType: string, resource: string): string {
    const { region, accountId } = this.options;
    return `arn:aws:states:${region}:${accountId}:${resourceType}:${resource}`;
  }
}

function rejectCall({ service, operation }: ServiceCall): never {
  throw new Error(`the emulated Step Functions has no ${service} that it could call for ${operation}`);
}

function keyRequests(actions: readonly string[], key: string | undefined, stateMachineArn: string): IamRequest[] {
  if (key === undefined) return [];
  const context = { 'kms:EncryptionContext:aws:states:stateMachineArn': stateMachineArn };
  return actions.map((action) => ({ action, resource: key, context }));
}

interface StartRequest {
  readonly stateMachineArn: string;
  readonly input?: string;
  readonly name?: string;
}

function summary({ arn, name, stateMachineArn, status, startDate, stopDate }: Execution) {
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: startDate / 1000,
    stopDate: stopDate === undefined ? undefined : stopDate / 1000,
  };
}

function describe(execution: Execution): object {
  const { input, output, error, cause } = execution;
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    output,
    outputDetails: output === undefined ? undefined : { included: true },
    error,
    cause,
  };
}

/** Characters that AWS forbids in names: white space, brackets, wildcards, control characters, separators of ARNs and URLs. */
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]/u;

function checkName(name: string): void {
  if (name.length === 0) throw invalid(constraint('name', 'Member must have length greater than or equal to 1'));
  if (name.length > MAX_NAME) {
    throw invalid(constraint('name', `Member must have length less than or equal to ${MAX_NAME}`));
  }
  if (FORBIDDEN_IN_NAMES.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}

function checkInput(input: string): void {
  const refuse = (reason: string) =>
    new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  if (Buffer.byteLength(input) > MAX_DATA) throw refuse(`the input is larger than ${MAX_DATA} bytes`);
  try {
    JSON.parse(input);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function checkArn(arn: string, resourceType: string): void {
  if (!arn.startsWith('arn:')) throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (arn.split(':')[5] === resourceType) return;
  throw new ServiceError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn.split(':')[5]}'`);
}

function required(input: ServiceCall['input'], member: string): string {
  const value = optional(input, member);
  if (value === undefined) throw invalid(constraint(member, 'Member must not be null'));
  return value;
}

function optional(
  input: ServiceCall['input'],
  member: string,
  maxLength = Number.POSITIVE_INFINITY,
): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ServiceError('SerializationException', `${member} is not a string`);
  if (value.length <= maxLength) return value;
  throw invalid(constraint(member, `Member must have length less than or equal to ${maxLength}`));
}

function pageSize(maxResults: unknown): number {
  const size = Number(maxResults ?? 0);
  if (size > PAGE.max) {
    throw invalid(constraint('maxResults', `Member must have value less than or equal to ${PAGE.max}`));
  }
  return size || PAGE.default;
}

function writeToken(token: Readonly<Record<string, number>>): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken<K extends string>(token: string | undefined, key: K): Partial<Record<K, number>> {
  if (token === undefined) return {};
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const value = (read as Partial<Record<K, unknown>>)[key];
    if (typeof value === 'number') return { [key]: value } as Record<K, number>;
  } catch {
    // The token is invalid as well.
  }
  throw new ServiceError('InvalidToken', `Invalid Token: '${token}'`);
}

function constraint(member: string, what: string): string {
  return `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${what}`;
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
