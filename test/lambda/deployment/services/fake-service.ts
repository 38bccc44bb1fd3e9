import { type Fault, HttpServer, type ServiceCall } from '../../../../emulator/core/http-server';
import type { Protocol } from '../../../../emulator/core/protocols';
import type { CallError, Driver, ReadResult } from '../../../../lambda/deployment/engine/driver';
import type { AwsContext } from '../../../../lambda/deployment/services/aws-context';
import type { Service } from '../../../../lambda/deployment/services/service';
import type { CancellationSettings, Deployment } from '../../../../lib/contract/cancellation';

/** A method call of a driver that sends one request to its service. */
export interface Call {
  readonly title: string;
  readonly deployment?: Deployment;
  readonly call: (driver: Driver) => Promise<ReadResult>;
  readonly operation: string;
  readonly input: object;
  readonly arn: string;
  readonly startedAt?: number;
  /** Whether the deployment that is found is the one that the user has specified. */
  readonly isSpecified?: true;
  readonly response: (changes?: Readonly<Record<string, unknown>>) => object;
  /** Whether its response has no members, so that any response with 200 is as good. */
  readonly hasEmptyResponse?: boolean;
  /** A request before it, whose response is always the same. */
  readonly before?: { readonly operation: string; readonly input: object; readonly response: object };
}

interface FakeServiceOptions {
  /** The prefix of its IAM actions. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly aws: AwsContext;
  readonly service: Service;
  /** The deployment of the driver, unless a call specifies another. */
  readonly deployment: Deployment;
  /** The end of the variable that names the endpoint. Default: the name in capital letters. */
  readonly endpointVariable?: string;
}

interface DriverOptions {
  readonly deployment?: Deployment;
  readonly settings?: Partial<CancellationSettings>;
  readonly callTimeout?: number;
}

/** A service on a socket that responds as a test specifies, and the driver that calls it. */
export function fakeService({
  name,
  protocol,
  aws,
  service,
  deployment: defaultDeployment,
  endpointVariable = name.toUpperCase(),
}: FakeServiceOptions) {
  const fake = {
    url: '',
    calls: [] as ServiceCall[],
    before: undefined as Call['before'],
    fault: (): Fault | undefined => undefined,
    respond: (_call: ServiceCall): object => {
      throw new Error('the test specifies no response');
    },
  };
  const { fault, respond } = fake;
  const isBefore = ({ operation }: ServiceCall) => operation === fake.before?.operation;
  const savedEnvironment = { ...process.env };
  let server: HttpServer;
  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'cn-north-1',
    });
    server = await HttpServer.listen({
      services: [
        {
          service: name,
          protocol,
          call: (call) => (isBefore(call) ? fake.before?.response : undefined) ?? fake.respond(call),
        },
      ],
      faults: (call) => (isBefore(call) ? undefined : fake.fault()),
      onCall: (call) => fake.calls.push(call),
    });
    fake.url = server.url;
  });
  afterAll(async () => {
    await server.close();
    process.env = savedEnvironment;
  });
  beforeEach(() => {
    Object.assign(fake, { calls: [], before: undefined, fault, respond });
  });

  function driver({ deployment = defaultDeployment, settings, callTimeout }: DriverOptions = {}): Driver {
    const allSettings: CancellationSettings = {
      timeoutSeconds: 60,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: fake.url,
      ...settings,
    };
    return service.connect(allSettings, { ...aws, callTimeout: callTimeout ?? aws.callTimeout }).driverFor(deployment);
  }

  /** Makes a call, which must send exactly one request, after the one before it. */
  async function invoke(
    { deployment, call, operation, input, before }: Call,
    options: DriverOptions = {},
  ): Promise<ReadResult> {
    fake.calls = [];
    fake.before = before;
    const result = await call(driver({ deployment, ...options }));
    const expected = [...(before ? [before] : []), { operation, input }];
    expect(fake.calls).toEqual(
      expected.map((sent) => ({
        service: name,
        operation: sent.operation,
        input: sent.input,
        accessKeyId: 'AKIDEXAMPLE',
      })),
    );
    return result;
  }

  function errorOf({ operation, arn }: Call, expected: Partial<CallError>): object {
    const action = `${name}:${operation}`;
    return { kind: 'error', action, resourceArn: arn, endpoint: fake.url, ...expected };
  }

  /** Tests what all drivers have in common. The partial response has the right fields, without their values. */
  function testCommonErrors(calls: readonly Call[], partialResponse: object): void {
    describe('an invalid response', () => {
      const page = '<html>\n<body>Service Unavailable</body></html>';
      const faults: [string, Fault][] = [
        ['a page with 503', { kind: 'page', statusCode: 503, body: page }],
        ['a page with 200', { kind: 'page', statusCode: 200, body: page }],
        ['an empty body with 200', { kind: 'page', statusCode: 200, body: '' }],
        ['null with 200', { kind: 'page', statusCode: 200, body: 'null' }],
        ['a list with 200', { kind: 'page', statusCode: 200, body: '[]' }],
        ['an empty object with 200', { kind: 'page', statusCode: 200, body: '{}' }],
        ['a partial response with 200', { kind: 'page', statusCode: 200, body: JSON.stringify(partialResponse) }],
        ['an empty body with 400', { kind: 'page', statusCode: 400, body: '' }],
        ['a closed connection', { kind: 'reset' }],
        ['a lost response', { kind: 'lost-answer' }],
        ['half a response', { kind: 'half-answer' }],
      ];

      const isUseful = (call: Call, given: Fault) =>
        !(call.hasEmptyResponse && given.kind === 'page' && given.statusCode === 200);

      test.each(
        calls.flatMap((call) =>
          faults
            .filter(([, given]) => isUseful(call, given))
            .map(([what, given]) => ({ title: call.title, call, what, given })),
        ),
      )('to $title: $what', async ({ call, given }) => {
        fake.fault = () => given;
        fake.respond = () => call.response();
        expect(await invoke(call)).toEqual(
          errorOf(call, { errorType: 'unreachable', errorName: expect.any(String), message: expect.any(String) }),
        );
      });

      test('that does not arrive in time is an error', async () => {
        // A server of its own, because the aborted requests may still arrive later.
        const silent = await HttpServer.listen({ services: [], rawFaults: () => ({ kind: 'hang' }) });
        const options = { settings: { endpoint: silent.url }, callTimeout: 300 };
        const results = await Promise.all(
          calls.map(({ deployment, call }) => call(driver({ deployment, ...options }))),
        );
        await silent.close();
        const late = { errorName: 'InvalidResponseError', message: 'no complete response within 0.3 s' };
        expect(results).toMatchObject(
          calls.map(({ operation, before }) => ({
            ...late,
            errorType: 'unreachable',
            action: `${name}:${before?.operation ?? operation}`,
          })),
        );
      });
    });

    test('a cancellation without a deployment id sends no request', async () => {
      expect(await driver().cancel(undefined)).toMatchObject({
        errorType: 'unreachable',
        errorName: 'InvalidResponseError',
      });
      expect(fake.calls).toEqual([]);
    });

    test('without the endpoint setting, the SDK resolves the endpoint', async () => {
      const [call] = calls as [Call];
      const variable = `AWS_ENDPOINT_URL_${endpointVariable}`;
      process.env[variable] = fake.url;
      try {
        fake.respond = () => call.response();
        expect(await invoke(call, { settings: { endpoint: undefined } })).toMatchObject({ kind: 'found' });
      } finally {
        delete process.env[variable];
      }
    });
  }

  return { fake, driver, invoke, errorOf, testCommonErrors };
}
