import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import type { StackEvent } from '../../emulator/aws/cloudformation/engine';
import type { Invocation, LogLine } from '../../emulator/aws/lambda/function';
import type { RawRequest, ServiceCall } from '../../emulator/core/http-server';
import { Emulator, type EmulatorOptions } from '../../emulator/emulator';
import { DEFAULT_ENVIRONMENT } from '../../emulator/services/proton/simulated-service';

const startCloud = Emulator.start.bind(Emulator);

/** What could be seen from outside of everything that has happened on a cloud, whether it runs or is closed by now. */
export class Recorder {
  /** Starts a cloud under the eyes of a witness. */
  static async start(options: EmulatorOptions): Promise<Recorder> {
    const recorder: Recorder = new Recorder(() =>
      startCloud({
        ...options,
        onStackEvent: (event) => {
          recorder.seeEvent(event);
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
  /** What was put to a `ResponseURL`, well or not. */
  readonly answers: RawRequest[] = [];
  private readonly logGroups: (readonly LogLine[])[] = [];

  private constructor(private readonly begin: () => Promise<Emulator>) {}

  /** What the functions have logged, those among them that are deleted by now. */
  get logs(): string[] {
    return this.logGroups.flat().map(({ text }) => text);
  }

  /** What CloudFormation has asked for, each time that it was delivered. */
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

  /** The ids of the deployments that a cancellation was accepted for, in order. */
  get cancelled(): string[] {
    return this.emulator.proton.acceptedCancels.map(({ deploymentId }) => deploymentId);
  }

  /** What executions came to: the result of one that succeeded, and what a failed one says of itself. */
  get results(): { readonly status: string; readonly outcome?: string; readonly reason?: string }[] {
    return this.emulator.stepFunctions.executions.map(({ status, output, error, cause }) => {
      if (output === undefined) return { status, outcome: error, reason: cause };
      const { outcome, reason } = JSON.parse(output) as { outcome: string; reason: string };
      return { status, outcome, reason };
    });
  }

  /**
   * Everything that can be read by whoever may look but may not read parameters: executions, what the tasks were given,
   * events, logs, stack events, what services were asked for.
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
      // Events of EventBridge among them; only what CloudFormation asks for holds where to answer to.
      this.invocations.filter(({ event }) => (event as Partial<CustomResourceEvent>).RequestType === undefined),
      this.logs,
      this.events,
      this.calls.map(({ call }) => ({ ...call, input: { ...call.input, Value: undefined } })),
    ]);
  }

  private seeEvent(event: StackEvent): void {
    this.events.push(event);
    const { resourceType, status, physicalId } = event;
    if (resourceType !== 'AWS::Lambda::Function' || status !== 'CREATE_COMPLETE') return;
    const { region, account } = DEFAULT_ENVIRONMENT;
    // Lines that are still to come are in here as well.
    this.logGroups.push(this.emulator.lambda.logs(`arn:aws:lambda:${region}:${account}:function:${physicalId}`));
  }
}

/** Holds for everything that ever happens on a cloud, whatever goes wrong on it. */
export function expectDiscretion(recorder: Recorder): void {
  const { readable, logs, answers, requests, emulator } = recorder;
  const signatures = requests.flatMap(({ ResponseURL }) => /X-Amz-Signature=(\w{64})/.exec(ResponseURL)?.[1] ?? []);
  expect(signatures.length).toBeGreaterThan(0);
  expect(logs.length).toBeGreaterThan(0);
  // Where to answer to is known to CloudFormation and to the function that answers, and is kept no longer than needed.
  for (const signature of signatures) expect(readable).not.toContain(signature);
  expect(emulator.ssm.parameters).toEqual([]);
  // The embedded Proton's specs, and its messages about deployments.
  expect(readable).not.toContain('ServiceSpec');
  expect(logs.join('\n')).not.toMatch(/User initiated cancellation|failed to roll back/);
  for (const { body } of answers) {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
    expect(body).not.toContain('ServiceSpec');
  }
}
