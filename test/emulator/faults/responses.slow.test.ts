import type { Fault } from '../../../emulator/core/http-server';
import { MINUTES } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import { cancellationStack, deployedAt, EmulatorFixture, failureOf, stackOf } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);

describe('5. a response that cannot be sent is retried, and is still correct', () => {
  const page = (statusCode: number): Fault => ({ kind: 'page', statusCode, body: 'not now' });
  test.each<[string, number, Fault]>([
    ['after a lost connection', 1, { kind: 'reset' }],
    ['after many lost connections', 6, { kind: 'reset' }],
    ['after several responses 403', 5, page(403)],
    ['after several responses 500', 5, page(500)],
    ['after several requests without a response', 2, { kind: 'hang' }],
    ['after more rejections than one invocation retries', 25, page(503)],
  ])('%s', async (_when, times, fault) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    let left = times;
    fixture.answerFaults = () => (left-- > 0 ? fault : undefined);
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(new Set(fixture.recorder.answers.map(({ body }) => body)).size).toBe(1);
    expect(fixture.recorder.answers).toHaveLength(times + 1);
    expectNoSecrets(fixture.recorder);
  });

  test('although it was delivered, which is harmless', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    let left = 1;
    fixture.answerFaults = () => (left-- > 0 ? { kind: 'lost-answer' } : undefined);
    expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(fixture.recorder.answers).toHaveLength(2);
    expectNoSecrets(fixture.recorder);
  });

  test('by the state machine, and then by the rule for ended executions', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.answerFaults = () =>
      fixture.emulator.stepFunctions.executions[0]?.status === 'RUNNING' ? page(403) : undefined;
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.recorder.results).toMatchObject([{ status: 'FAILED', outcome: 'ResponseDeliveryError' }]);
    await fixture.pass(60);
    expectNoSecrets(fixture.recorder);
  });

  test('until the retries end, with a log event for each failure, and the stack fails when CloudFormation stops waiting', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    const refusedAt: number[] = [];
    const begun = fixture.clock.now();
    fixture.answerFaults = ({ body }) => {
      if (body.includes('-Delete-') || fixture.requests.includes('Delete Cancellation')) return undefined;
      refusedAt.push(fixture.clock.now() - begun);
      return page(403);
    };
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(failureOf(fixture)).toContain('CloudFormation did not receive a response from your Custom Resource');
    expect(Math.max(...refusedAt)).toBeLessThan(30 * MINUTES);
    const logged = fixture.recorder.logs.filter((line) => line.includes('response-not-sent'));
    expect(logged).toHaveLength(refusedAt.length);
    expect(logged[0]).toContain('ResponseRejectedError403');
    expect(fixture.deployments).toEqual(['CANCELLED']);
    // The response is left behind, and its URL is not.
    const left = fixture.emulator.ssm.parameters;
    expect(left.map(({ name }) => name.replace(/.*-Create-\w+/, ''))).toEqual(['.response']);
    expect(JSON.stringify(left)).not.toContain('X-Amz-Signature');
  });
});

describe('9. a response is at most 4,096 bytes of valid JSON, and truncated correctly:', () => {
  /** A text that is longer than a response, even with one byte for each character. */
  const long = (text: string) => text.repeat(Math.ceil(6_000 / text.length));
  const texts: [string, string][] = [
    ['plain text', long('too long a story ')],
    ['quotes and backslashes', long('"\\')],
    ['control characters', long('a\u0000\u001b\n\t\u007f\u0085')],
    ['characters of two, three and four bytes', long('é漢😀')],
    ['combining characters', long('e\u0301\u0323')],
    ['right-to-left text', long('\u202eשלום\u200f')],
    ['lone surrogates', long('\ud83d \ude00')],
    ['markup', long('<Reason>&amp;]]>')],
    ['line separators', long('a\u2028b\u2029')],
    ['an empty text', ''],
  ];

  test.each(texts)('%s, in an error', async (_name, message) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.faults = ({ operation }) =>
      operation === 'CancelServiceInstanceDeployment'
        ? { kind: 'error', type: 'ValidationException', message }
        : undefined;
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expectSound(fixture);
    const [execution] = fixture.emulator.stepFunctions.executions;
    expect(failureOf(fixture)).toContain(
      'Message returned: the service refused proton:CancelServiceInstanceDeployment: ValidationException: ',
    );
    expect(failureOf(fixture)).toContain(`last seen as IN_PROGRESS; see https://`);
    expect(failureOf(fixture)).toContain(`${execution?.arn} (RequestId: `);
  });

  test.each(texts)('%s, in the status message of a deployment', async (_name, message) => {
    const steps = [{ after: 5_000, status: 'FAILED' as const, message }];
    const seed = serviceInstanceSeed(DEFAULT_NAMES, { at: -2 * MINUTES, onCancel: { steps } });
    const fixture = await EmulatorFixture.start({ assembly, seed });
    const telling = cancellationStack({ includeStatusMessage: true });
    const { status, outputs } = await fixture.create(stackOf(telling));
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'FAILED']);
    expectSound(fixture);
    const { Data } = JSON.parse(fixture.recorder.answers[0]?.body ?? '') as { Data: Record<string, string> };
    expect(Data).toMatchObject({ outcome: 'CANCEL_FAILED', name: 'web-prod' });
    expect(Data.deploymentStatusMessage === '').toBe(message === '');
  });

  /** Expects a response that CloudFormation accepts and shows correctly. */
  function expectSound({ recorder }: EmulatorFixture): void {
    for (const { body } of recorder.answers) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
      // A lone surrogate would be encoded as this character.
      expect(body).not.toContain('\ufffd');
      const { Reason, Data } = JSON.parse(body) as { Reason: string; Data: Record<string, string> };
      for (const text of [Reason, ...Object.values(Data)]) expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
    }
    expectNoSecrets(recorder);
  }
});
