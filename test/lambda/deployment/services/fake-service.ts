import { type Fault, type ServiceCall, Wire } from '../../../../emulator/core/http-server';
import type { Driver, Sighting, Trouble } from '../../../../lambda/deployment/engine/driver';
import type { Surrounding } from '../../../../lambda/deployment/services/aws';
import type { Deployment, Policy } from '../../../../lib/contract/cancellation';

/** A call of a driver that makes one call of its service. */
export interface Call {
  readonly title: string;
  readonly deployment?: Deployment;
  readonly call: (driver: Driver) => Promise<Sighting>;
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
  readonly surrounding: Surrounding;
  readonly driver: (deployment: Deployment, policy: Policy, surrounding: Surrounding) => Driver;
  /** What the driver is for, unless a call says otherwise. */
  readonly deployment: Deployment;
}

interface Given {
  readonly deployment?: Deployment;
  readonly policy?: Partial<Policy>;
  readonly callTimeout?: number;
}

/** A service on a socket that answers as a test says, and the driver that asks it. */
export function answering({ service, target, surrounding, driver: create, deployment: usual }: Driven) {
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
  let wire: Wire;
  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'cn-north-1',
    });
    wire = await Wire.listen({
      services: [{ service, target, version: '1.1', call: (call) => remote.answer(call) }],
      faults: () => remote.fault(),
      onCall: (call) => remote.calls.push(call),
    });
    remote.url = wire.url;
  });
  afterAll(async () => {
    await wire.close();
    process.env = savedEnvironment;
  });
  beforeEach(() => {
    Object.assign(remote, { calls: [], fault, answer });
  });

  function driver({ deployment = usual, policy, callTimeout = surrounding.callTimeout }: Given = {}): Driver {
    const whole: Policy = {
      timeoutSeconds: 60,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: remote.url,
      ...policy,
    };
    return create(deployment, whole, { ...surrounding, callTimeout });
  }

  /** One call, of which one attempt must have reached the service. */
  async function ask({ deployment, call, operation, input }: Call, given: Given = {}): Promise<Sighting> {
    remote.calls = [];
    const sighting = await call(driver({ deployment, ...given }));
    expect(remote.calls).toEqual([{ service, operation, input, accessKeyId: 'AKIDEXAMPLE' }]);
    return sighting;
  }

  function troubled({ operation, arn }: Call, expected: Partial<Trouble>): object {
    const action = `${service}:${operation}`;
    return { kind: 'trouble', action, resourceArn: arn, endpoint: remote.url, ...expected };
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
            troubled(call, { trouble: 'unreachable', errorName: expect.any(String), message: expect.any(String) }),
          );
        },
      );

      test('in time is given up', async () => {
        // On its own: what is given up may arrive later.
        const silent = await Wire.listen({ services: [], rawFaults: () => ({ kind: 'hang' }) });
        const given = { policy: { endpoint: silent.url }, callTimeout: 300 };
        const sightings = await Promise.all(
          calls.map(({ deployment, call }) => call(driver({ deployment, ...given }))),
        );
        await silent.close();
        const late = { errorName: 'UnusableAnswer', message: 'not answered in full within 0.3 s' };
        expect(sightings).toMatchObject(
          calls.map(({ operation }) => ({ ...late, trouble: 'unreachable', action: `${service}:${operation}` })),
        );
      });
    });

    test('where it is not known which one to stop, nothing is sent', async () => {
      expect(await driver().cancel(undefined)).toMatchObject({ trouble: 'unreachable', errorName: 'UnusableAnswer' });
      expect(remote.calls).toEqual([]);
    });

    test('where no endpoint is given, the SDK looks for it', async () => {
      const [call] = calls as [Call];
      const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
      process.env[variable] = remote.url;
      try {
        remote.answer = () => call.answer();
        expect(await ask(call, { policy: { endpoint: undefined } })).toMatchObject({ kind: 'seen' });
      } finally {
        delete process.env[variable];
      }
    });
  }

  return { remote, driver, ask, troubled, testNoAnswer };
}
