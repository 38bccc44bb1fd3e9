import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import type { StackEvent } from '../../emulator/aws/cloudformation/engine';
import type { Invocation, LogLine } from '../../emulator/aws/lambda/function';
import type { Parameter } from '../../emulator/aws/ssm';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import type { RawRequest, ServiceCall } from '../../emulator/core/http-server';
import { Emulator } from '../../emulator/emulator';
import type { EmulatorOptions } from '../../emulator/emulator-options';
import type { Mark } from '../../lambda/cloudformation/response-target';

const startEmulator = Emulator.start.bind(Emulator);

/** Records the calls, events, invocations and logs of an emulator. */
export class Recorder {
  /** Starts an emulator with a recorder. */
  static async start(options: EmulatorOptions): Promise<Recorder> {
    const recorder: Recorder = new Recorder(() =>
      startEmulator({
        ...options,
        onStackEvent: (event) => {
          recorder.recordEvent(event);
          options.onStackEvent?.(event);
        },
        onCall: (call, answer) => {
          recorder.calls.push({ call, answer });
          options.onCall?.(call, answer);
        },
        lambdaFaults: (invocation) => {
          recorder.invocations.push(invocation);
          return options.lambdaFaults?.(invocation);
        },
        answerFaults: (request) => {
          recorder.answers.push(request);
          return options.answerFaults?.(request);
        },
      }),
    );
    recorder.emulator = await recorder.begin();
    return recorder;
  }

  emulator!: Emulator;
  readonly events: StackEvent[] = [];
  readonly calls: { readonly call: ServiceCall; readonly answer: string }[] = [];
  readonly invocations: Invocation[] = [];
  /** The requests to response URLs. */
  readonly answers: RawRequest[] = [];
  private readonly logGroups: (readonly LogLine[])[] = [];

  private constructor(private readonly begin: () => Promise<Emulator>) {}

  /** The logs of all functions, including deleted ones. */
  get logs(): string[] {
    return this.logGroups.flat().map(({ text }) => text);
  }

  /** The requests of CloudFormation, once for each delivery. */
  get requests(): CustomResourceEvent[] {
    return this.invocations.flatMap(({ event }) =>
      (event as Partial<CustomResourceEvent>).RequestType === undefined ? [] : (event as CustomResourceEvent),
    );
  }

  /** `operation: answer` of each call of a service, in order. */
  callsOf(service: string): string[] {
    return this.calls
      .filter(({ call }) => call.service === service)
      .map(({ call: { operation }, answer }) => `${operation}: ${answer}`);
  }

  /** The IDs of the deployments whose cancellation was accepted, in order. */
  get cancelled(): string[] {
    return this.emulator.proton.acceptedCancels.map(({ deploymentId }) => deploymentId);
  }

  /** The results of the executions: outcome and reason, or error and cause. */
  get results(): { readonly status: string; readonly outcome?: string; readonly reason?: string }[] {
    return this.emulator.stepFunctions.executions.map(({ status, output, error, cause }) => {
      if (output === undefined) return { status, outcome: error, reason: cause };
      const { outcome, reason } = JSON.parse(output) as { outcome: string; reason: string };
      return { status, outcome, reason };
    });
  }

  /**
   * Everything that a principal with read permissions, but without access to parameters, can read: executions, inputs of
   * tasks, events, logs, stack events and calls.
   */
  get readable(): string {
    const { stepFunctions } = this.emulator;
    return JSON.stringify([
      stepFunctions.executions.map(({ name, input, output, error, cause, history }) => ({
        name,
        input,
        output,
        error,
        cause,
        history,
      })),
      // Only the requests of CloudFormation contain response URLs.
      this.invocations.filter(({ event }) => (event as Partial<CustomResourceEvent>).RequestType === undefined),
      this.logs,
      this.events,
      this.calls.map(({ call }) => ({ ...call, input: { ...call.input, Value: undefined } })),
    ]);
  }

  private recordEvent(event: StackEvent): void {
    this.events.push(event);
    const { resourceType, status, physicalId } = event;
    if (resourceType !== 'AWS::Lambda::Function' || status !== 'CREATE_COMPLETE') return;
    const { region, account } = DEFAULT_ENVIRONMENT;
    // The array also gets later lines.
    this.logGroups.push(this.emulator.lambda.logs(`arn:aws:lambda:${region}:${account}:function:${physicalId}`));
  }
}

/** Whether a parameter only says that a response was sent, or is not needed. It is deleted after the execution. */
export function isMark({ name, value }: Parameter): boolean {
  return name.includes('/response-urls/') && MARKS.includes(value);
}

const MARKS: readonly string[] = (['answered', 'withdrawn'] satisfies Mark[]).map((mark) => JSON.stringify({ mark }));

/** Expects that no secret was exposed, whatever happened on the emulator. */
export function expectNoSecrets(recorder: Recorder): void {
  const { readable, logs, answers, requests, emulator } = recorder;
  const signatures = requests.flatMap(({ ResponseURL }) => /X-Amz-Signature=(\w{64})/.exec(ResponseURL)?.[1] ?? []);
  expect(signatures.length).toBeGreaterThan(0);
  expect(logs.length).toBeGreaterThan(0);
  // Response URLs are known to CloudFormation and the function only, and are replaced after use by marks without secrets.
  for (const signature of signatures) expect(readable).not.toContain(signature);
  expect(emulator.ssm.parameters.filter((parameter) => !isMark(parameter))).toEqual([]);
  // The specs and status messages of the emulated Proton.
  expect(readable).not.toContain('ServiceSpec');
  expect(logs.join('\n')).not.toMatch(/User initiated cancellation|failed to roll back/);
  for (const { body } of answers) {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
    expect(body).not.toContain('ServiceSpec');
  }
}
