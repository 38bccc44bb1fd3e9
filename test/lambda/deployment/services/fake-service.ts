import { type Fault, HttpServer, type ServiceCall } from '../../../../emulator/core/http-server';
import type { CallError, Driver, ReadResult } from '../../../../lambda/deployment/engine/driver';
import type { AwsContext } from '../../../../lambda/deployment/services/aws';
import type { CancellationSettings, Deployment } from '../../../../lib/contract/cancellation';

/** A call of a driver that makes one call of its service. */
export interface Call {
  readonly title: string;
  readonly deployment?: Deployment;
  readonly call: (driver: Driver) => Promise<ReadResult>;
  readonly operation: string;
  readonly input: object;
  readonly arn: string;
  readonly startedAt?: number;
  readonly answer: (changed?: Readonly<Record<string, unknown>>) => object;
}

interface Driven {
  /** Its name, as its actions have it. */
  readonly service: string;
  /** What the names of its operations are preceded by on the wire. */
  readonly target: string;
  readonly aws: AwsContext;
  readonly driver: (deployment: Deployment, settings: CancellationSettings, aws: AwsContext) => Driver;
  /** What the driver is for, unless a call says otherwise. */
  readonly deployment: Deployment;
}

interface Given {
  readonly deployment?: Deployment;
  readonly settings?: Partial<CancellationSettings>;
  readonly callTimeout?: number;
}

/** A service on a socket that answers as a test says, and the driver that asks it. */
export function answering({ service, target, aws, driver: create, deployment: usual }: Driven) {
  const remote = {
    url: '',
    calls: [] as ServiceCall[],
    fault: (): Fault | undefined => undefined,
    answer: (_call: ServiceCall): object => {
      throw new Error('no answer was prepared');
    },
  };
  const { fault, answer } = remote;
  const savedEnvironment = { ...process.env };
  let server: HttpServer;
  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'cn-north-1',
    });
    server = await HttpServer.listen({
      services: [{ service, target, version: '1.1', call: (call) => remote.answer(call) }],
      faults: () => remote.fault(),
      onCall: (call) => remote.calls.push(call),
    });
    remote.url = server.url;
  });
  afterAll(async () => {
    await server.close();
    process.env = savedEnvironment;
  });
  beforeEach(() => {
    Object.assign(remote, { calls: [], fault, answer });
  });

  function driver({ deployment = usual, settings, callTimeout = aws.callTimeout }: Given = {}): Driver {
    const whole: CancellationSettings = {
      timeoutSeconds: 60,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: remote.url,
      ...settings,
    };
    return create(deployment, whole, { ...aws, callTimeout });
  }

  /** One call, of which one attempt must have reached the service. */
  async function ask({ deployment, call, operation, input }: Call, given: Given = {}): Promise<ReadResult> {
    remote.calls = [];
    const read = await call(driver({ deployment, ...given }));
    expect(remote.calls).toEqual([{ service, operation, input, accessKeyId: 'AKIDEXAMPLE' }]);
    return read;
  }

  function troubled({ operation, arn }: Call, expected: Partial<CallError>): object {
    const action = `${service}:${operation}`;
    return { kind: 'error', action, resourceArn: arn, endpoint: remote.url, ...expected };
  }

  /** What holds for every driver, whatever its service says when all is well. */
  function testNoAnswer(calls: readonly Call[], half: object): void {
    describe('no usable answer', () => {
      const page = '<html>\n<body>Service Unavailable</body></html>';
      const faults: [string, Fault][] = [
        ['a page with 503', { kind: 'page', statusCode: 503, body: page }],
        ['a page with 200', { kind: 'page', statusCode: 200, body: page }],
        ['nothing with 200', { kind: 'page', statusCode: 200, body: '' }],
        ['null with 200', { kind: 'page', statusCode: 200, body: 'null' }],
        ['a list with 200', { kind: 'page', statusCode: 200, body: '[]' }],
        ['an empty object with 200', { kind: 'page', statusCode: 200, body: '{}' }],
        ['half of it with 200', { kind: 'page', statusCode: 200, body: JSON.stringify(half) }],
        ['nothing with 400', { kind: 'page', statusCode: 400, body: '' }],
        ['a connection that is closed', { kind: 'reset' }],
        ['an answer that is lost', { kind: 'lost-answer' }],
        ['half an answer', { kind: 'half-answer' }],
      ];

      test.each(calls.flatMap((call) => faults.map(([what, given]) => ({ title: call.title, call, what, given }))))(
        'to $title: $what',
        async ({ call, given }) => {
          remote.fault = () => given;
          remote.answer = () => call.answer();
          expect(await ask(call)).toEqual(
            troubled(call, { errorType: 'unreachable', errorName: expect.any(String), message: expect.any(String) }),
          );
        },
      );

      test('in time is given up', async () => {
        // On its own: what is given up may arrive later.
        const silent = await HttpServer.listen({ services: [], rawFaults: () => ({ kind: 'hang' }) });
        const given = { settings: { endpoint: silent.url }, callTimeout: 300 };
        const sightings = await Promise.all(
          calls.map(({ deployment, call }) => call(driver({ deployment, ...given }))),
        );
        await silent.close();
        const late = { errorName: 'InvalidResponseError', message: 'not answered in full within 0.3 s' };
        expect(sightings).toMatchObject(
          calls.map(({ operation }) => ({ ...late, errorType: 'unreachable', action: `${service}:${operation}` })),
        );
      });
    });

    test('where it is not known which one to stop, nothing is sent', async () => {
      expect(await driver().cancel(undefined)).toMatchObject({
        errorType: 'unreachable',
        errorName: 'InvalidResponseError',
      });
      expect(remote.calls).toEqual([]);
    });

    test('where no endpoint is given, the SDK looks for it', async () => {
      const [call] = calls as [Call];
      const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
      process.env[variable] = remote.url;
      try {
        remote.answer = () => call.answer();
        expect(await ask(call, { settings: { endpoint: undefined } })).toMatchObject({ kind: 'found' });
      } finally {
        delete process.env[variable];
      }
    });
  }

  return { remote, driver, ask, troubled, testNoAnswer };
}
