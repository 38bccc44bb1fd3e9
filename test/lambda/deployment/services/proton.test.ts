import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { DeploymentStatus } from '@aws-sdk/client-proton';
import {
  type Fault,
  HttpServer,
  type JsonService,
  type ServiceCall,
  ServiceError,
} from '../../../../emulator/core/http-server';
import type { CallError, Driver, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { run } from '../../../../lambda/deployment/engine/run';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/proton';
import { STATUSES } from '../../../../lambda/deployment/services/proton/statuses';
import { phaseOf } from '../../../../lambda/deployment/services/statuses';
import {
  type Attributes,
  type CancellationSettings,
  CONTRACT_VERSION,
  type Deployment,
  type Progress,
  STEPS,
} from '../../../../lib/contract/cancellation';
import { PROTON_KINDS } from '../../../../lib/deployments/proton/kinds';

const SURROUNDING = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});
const ARN = 'arn:aws-cn:proton:cn-north-1:111122223333';
const AWS_ARN = 'arn:aws:proton:us-east-1:999999999999';
const SECRET = 'hunter2';

/** What the API answers about every kind: times in seconds since the epoch, and a spec that is nobody's business. */
const FIELDS = {
  createdAt: 1_790_000_000,
  lastDeploymentAttemptedAt: 1_790_000_060.5,
  lastDeploymentSucceededAt: 1_789_999_999.123,
  deploymentStatus: 'IN_PROGRESS',
  deploymentStatusMessage: `status ${SECRET}`,
  lastAttemptedDeploymentId: 'x',
  lastSucceededDeploymentId: 'w',
};
const TIMES = {
  createdAt: '2026-09-21T14:13:20.000Z',
  lastDeploymentAttemptedAt: '2026-09-21T14:14:20.500Z',
  lastDeploymentSucceededAt: '2026-09-21T14:13:19.123Z',
};
const TEMPLATE = { templateName: 'fargate', templateMajorVersion: '1', templateMinorVersion: '2' };

interface Kind {
  readonly deployment: Deployment;
  readonly displayName: string;
  readonly resource: string;
  readonly read: { readonly operation: string; readonly input: object; readonly answer: (fields: object) => object };
  readonly cancel: { readonly operation: string; readonly answer: (fields: object) => object };
  /** What its answers hold besides the fields that every kind has. */
  readonly fields: object;
  /** What of all that may be shown. */
  readonly attributes: Attributes;
}

const SERVICE_INSTANCE = { serviceName: 'web', name: 'web-prod', environmentName: 'prod', ...TEMPLATE };
const INSTANCE: Kind = {
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } },
  displayName: 'service instance web/web-prod',
  resource: 'service/web/service-instance/web-prod',
  read: {
    operation: 'GetServiceInstance',
    input: { serviceName: 'web', name: 'web-prod' },
    answer: (serviceInstance) => ({ serviceInstance }),
  },
  cancel: { operation: 'CancelServiceInstanceDeployment', answer: (serviceInstance) => ({ serviceInstance }) },
  fields: {
    arn: `${AWS_ARN}:service/web/service-instance/web-prod`,
    ...SERVICE_INSTANCE,
    spec: `spec ${SECRET}`,
    lastClientRequestToken: `token ${SECRET}`,
  },
  attributes: { arn: `${AWS_ARN}:service/web/service-instance/web-prod`, ...SERVICE_INSTANCE, ...TIMES },
};
const PIPELINE: Kind = {
  deployment: { kind: 'proton-service-pipeline', identifiers: { serviceName: 'web' } },
  displayName: 'service pipeline web',
  resource: 'service/web',
  read: {
    operation: 'GetService',
    input: { name: 'web' },
    answer: (pipeline) => ({
      service: {
        name: 'web',
        arn: `${AWS_ARN}:service/web`,
        createdAt: 1_780_000_000,
        lastModifiedAt: 1_780_000_000,
        status: 'ACTIVE',
        statusMessage: `service ${SECRET}`,
        templateName: 'of the service',
        spec: `spec ${SECRET}`,
        pipeline,
      },
    }),
  },
  cancel: { operation: 'CancelServicePipelineDeployment', answer: (pipeline) => ({ pipeline }) },
  fields: { arn: `${AWS_ARN}:service/web/pipeline/1`, ...TEMPLATE, spec: `spec ${SECRET}` },
  attributes: { arn: `${AWS_ARN}:service/web/pipeline/1`, ...TEMPLATE, ...TIMES },
};
const KINDS: readonly Kind[] = [
  INSTANCE,
  PIPELINE,
  {
    deployment: { kind: 'proton-environment', identifiers: { environmentName: 'prod' } },
    displayName: 'environment prod',
    resource: 'environment/prod',
    read: { operation: 'GetEnvironment', input: { name: 'prod' }, answer: (environment) => ({ environment }) },
    cancel: { operation: 'CancelEnvironmentDeployment', answer: (environment) => ({ environment }) },
    fields: {
      arn: `${AWS_ARN}:environment/prod`,
      name: 'prod',
      ...TEMPLATE,
      description: `description ${SECRET}`,
      protonServiceRoleArn: `role ${SECRET}`,
      spec: `spec ${SECRET}`,
    },
    attributes: { arn: `${AWS_ARN}:environment/prod`, name: 'prod', ...TEMPLATE, ...TIMES },
  },
  {
    deployment: { kind: 'proton-component', identifiers: { componentName: 'bucket' } },
    displayName: 'component bucket',
    resource: 'component/bucket',
    read: { operation: 'GetComponent', input: { name: 'bucket' }, answer: (component) => ({ component }) },
    cancel: { operation: 'CancelComponentDeployment', answer: (component) => ({ component }) },
    fields: {
      arn: `${AWS_ARN}:component/bucket`,
      name: 'bucket',
      environmentName: 'prod',
      serviceName: 'web',
      serviceInstanceName: 'web-prod',
      lastModifiedAt: 1_790_000_061,
      description: `description ${SECRET}`,
      serviceSpec: `spec ${SECRET}`,
      lastClientRequestToken: `token ${SECRET}`,
    },
    attributes: {
      arn: `${AWS_ARN}:component/bucket`,
      name: 'bucket',
      environmentName: 'prod',
      serviceName: 'web',
      ...TIMES,
    },
  },
];

/** A call of a driver: what it asks for, and how a service answers it in full. */
interface Call {
  readonly title: string;
  readonly deployment: Deployment;
  readonly call: (driver: Driver) => Promise<ReadResult>;
  readonly operation: string;
  readonly input: object;
  readonly arn: string;
  readonly answer: (fields: object) => object;
  /** An answer that says nothing. */
  readonly empty: object;
  readonly attributes: Attributes;
}

function callsOf({ deployment, resource, read, cancel, fields, attributes }: Kind) {
  const whole = (answer: (fields: object) => object) => ({
    answer: (changed: object) => answer({ ...FIELDS, ...fields, ...changed }),
    empty: answer({}),
  });
  const arn = `${ARN}:${resource}`;
  const title = (name: string) => `${name} of ${deployment.kind}`;
  const describe: Call = {
    title: title('look'),
    deployment,
    call: (driver) => driver.describe(undefined),
    ...read,
    arn,
    ...whole(read.answer),
    attributes,
  };
  const describeById: Call = {
    title: title('lookAt'),
    deployment,
    call: (driver) => driver.describeById('x'),
    operation: 'GetDeployment',
    input: { id: 'x', ...deployment.identifiers },
    arn: `${ARN}:deployment/x`,
    answer: (changed) => ({
      deployment: {
        id: 'x',
        arn: `${AWS_ARN}:deployment/x`,
        targetArn: `${AWS_ARN}:${resource}`,
        targetResourceType: 'SERVICE_INSTANCE',
        createdAt: 1_790_000_060,
        lastModifiedAt: 1_790_000_061,
        environmentName: 'prod',
        deploymentStatus: 'IN_PROGRESS',
        deploymentStatusMessage: `status ${SECRET}`,
        initialState: { serviceInstance: { spec: `spec ${SECRET}` } },
        ...changed,
      },
    }),
    empty: { deployment: {} },
    attributes: {},
  };
  const asking: Call = {
    title: title('cancel'),
    deployment,
    call: (driver) => driver.cancel(undefined),
    operation: cancel.operation,
    input: deployment.identifiers,
    arn,
    ...whole(cancel.answer),
    attributes,
  };
  return { describe, describeById, cancel: asking };
}

/** Where one kind is as good as another. */
const CALLS = callsOf(INSTANCE);
const ALL_CALLS = KINDS.flatMap((kind) => Object.values(callsOf(kind)));
const BY_NAME = KINDS.flatMap((kind) => [callsOf(kind).describe, callsOf(kind).cancel]);

/** What the service answers next, and what it was asked. */
let answer: (call: ServiceCall) => object;
let fault: () => Fault | undefined;
let calls: ServiceCall[];
let server: HttpServer;
const savedEnvironment = { ...process.env };

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'cn-north-1',
  });
  const proton: JsonService = {
    service: 'proton',
    target: 'AwsProton20200720',
    version: '1.0',
    call: (call) => answer(call),
  };
  server = await HttpServer.listen({
    services: [proton],
    faults: () => fault(),
    onCall: (call) => calls.push(call),
  });
});
afterAll(async () => {
  await server.close();
  process.env = savedEnvironment;
});
beforeEach(() => {
  calls = [];
  fault = () => undefined;
  answer = () => {
    throw new Error('no answer was prepared');
  };
});

interface Given {
  readonly deployment?: Deployment;
  readonly settings?: Partial<CancellationSettings>;
  readonly callTimeout?: number;
}

function driver({
  deployment = INSTANCE.deployment,
  settings,
  callTimeout = SURROUNDING.callTimeout,
}: Given = {}): Driver {
  const whole: CancellationSettings = {
    timeoutSeconds: 60,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    endpoint: server.url,
    ...settings,
  };
  return service.connect(whole, { ...SURROUNDING, callTimeout }).driverFor(deployment);
}

/** One call, of which one attempt must have reached the service. */
async function ask({ deployment, call, operation, input }: Call, given: Given = {}): Promise<ReadResult> {
  const read = await call(driver({ deployment, ...given }));
  expect(calls).toEqual([{ service: 'proton', operation, input, accessKeyId: 'AKIDEXAMPLE' }]);
  return read;
}

function troubled({ operation, arn }: Call, expected: Partial<CallError>): Partial<CallError> {
  return { kind: 'error', action: `proton:${operation}`, resourceArn: arn, endpoint: server.url, ...expected };
}

test('every kind is tested', () => {
  expect(KINDS.map(({ deployment }) => deployment.kind)).toEqual(Object.keys(PROTON_KINDS));
});

describe('an answer', () => {
  const PHASES: Readonly<Record<DeploymentStatus, Phase>> = {
    IN_PROGRESS: 'IN_PROGRESS',
    CANCELLING: 'CANCELLING',
    DELETE_IN_PROGRESS: 'DELETING',
    CANCELLED: 'CANCELLED',
    SUCCEEDED: 'COMPLETED',
    FAILED: 'FAILED',
    DELETE_FAILED: 'DELETION_OVER',
    DELETE_COMPLETE: 'DELETION_OVER',
  };
  const statuses: [string, Phase][] = [
    ...Object.entries(PHASES),
    ['PAUSED', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
    ['in_progress', 'UNKNOWN'],
  ];

  test('every status of the API has its phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(DeploymentStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(STATUSES, status)).toBe(phase);
  });

  test.each(
    ALL_CALLS.flatMap((call) => statuses.map(([status, phase]) => ({ title: call.title, call, status, phase }))),
  )('to $title that says $status', async ({ call, status, phase }) => {
    answer = () => call.answer({ deploymentStatus: status });
    const { lastDeploymentAttemptedAt: attempted } = call.attributes;
    expect(await ask(call)).toEqual({
      kind: 'found',
      phase,
      deploymentStatus: status,
      deploymentId: 'x',
      startedAt: attempted && Date.parse(attempted),
      attributes: call.attributes,
    });
  });

  test.each(ALL_CALLS)(
    'to $title keeps secrets to itself, and the status message unless it is asked for',
    async (call) => {
      answer = () => call.answer({});
      expect(inspect(await ask(call), { depth: null })).not.toContain(SECRET);
      calls = [];
      const told = await ask(call, { settings: { includeStatusMessage: true } });
      expect(told).toMatchObject({ attributes: { deploymentStatusMessage: `status ${SECRET}` } });
      expect(inspect(told, { depth: null })).not.toMatch(/spec|token|description|role|of the service/);
    },
  );

  test.each(BY_NAME)('to $title without an id, or with an empty one, names no deployment', async (call) => {
    for (const lastAttemptedDeploymentId of [undefined, null, '']) {
      calls = [];
      answer = () => call.answer({ lastAttemptedDeploymentId });
      expect(await ask(call)).toMatchObject({ kind: 'found', deploymentId: undefined });
    }
  });

  test('about one deployment is about the one that was asked for', async () => {
    answer = () => CALLS.describeById.answer({ id: undefined });
    expect(await ask(CALLS.describeById)).toMatchObject({ kind: 'found', deploymentId: 'x' });
  });

  test('with fields left out has no attributes for them', async () => {
    answer = () => ({ serviceInstance: { name: 'web-prod', deploymentStatus: 'SUCCEEDED', createdAt: null } });
    const read = await ask(CALLS.describe, { settings: { includeStatusMessage: true } });
    expect(read).toStrictEqual({
      kind: 'found',
      phase: 'COMPLETED',
      deploymentStatus: 'SUCCEEDED',
      deploymentId: undefined,
      startedAt: undefined,
      attributes: { name: 'web-prod' },
    });
  });

  test.each([0, 1, 2])('of any size and alphabet can be carried along, wherever it is cut (%d)', async (offset) => {
    const wide = `${'x'.repeat(offset)}${'🚀\n'.repeat(50_000)}`;
    answer = () =>
      CALLS.describe.answer({
        deploymentStatus: `A\n${wide}`,
        lastAttemptedDeploymentId: wide,
        name: wide,
        deploymentStatusMessage: wide,
      });
    const read = await ask(CALLS.describe, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(20_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentStatus: expect.stringMatching(/^A x*🚀 .*…$/u) });
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ConflictException', 'rejected', 400],
    ['ValidationException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['InternalServerException', 'server-error', 500],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['InvalidSignatureException', 'unreachable', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['ServiceUnavailable', 'unreachable', 503],
  ];

  test.each(
    ALL_CALLS.flatMap((call) =>
      types.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$type of $title is $errorType, after one attempt', async ({ call, type, errorType, statusCode }) => {
    fault = () => ({ kind: 'error', type: `com.amazonaws.proton#${type}`, message: 'Two\n lines.', statusCode });
    const message = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    expect(await ask(call)).toEqual(troubled(call, { errorType, errorName: type, message }));
  });

  test.each(KINDS)('that there is no $displayName is an answer to a read, and a refusal to a cancel', async (kind) => {
    const { describe, describeById, cancel } = callsOf(kind);
    answer = () => {
      throw new ServiceError('ResourceNotFoundException', `The ${kind.displayName} was not found.`);
    };
    expect(await ask(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' });
    calls = [];
    expect(await ask(describeById)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    calls = [];
    expect(await ask(cancel)).toEqual(
      troubled(cancel, {
        errorType: 'rejected',
        errorName: 'ResourceNotFoundException',
        message: `The ${kind.displayName} was not found`,
      }),
    );
  });

  test('a service that has no pipeline has none, which is not the same as an answer without a service', async () => {
    const { describe } = callsOf(PIPELINE);
    for (const pipeline of [undefined, null]) {
      calls = [];
      answer = () => ({ service: { name: 'web', spec: SECRET, pipeline } });
      expect(await ask(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' });
    }
    calls = [];
    answer = () => ({ pipeline: {} });
    expect(await ask(describe)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('with a message of any size and type is told in short', async () => {
    fault = () => ({ kind: 'error', type: 'ValidationException', message: 'x'.repeat(1_000_000) });
    expect(await ask(CALLS.describe)).toMatchObject({ message: expect.stringMatching(/^x{300}…$/) });
    calls = [];
    fault = () => undefined;
    answer = () => {
      throw Object.assign(new ServiceError('ThrottlingException', ''), { message: { not: 'a text' } });
    };
    expect(await ask(CALLS.describe)).toMatchObject({ errorType: 'throttled', message: expect.any(String) });
  });

  test('whose type is no name is not told by it', async () => {
    fault = () => ({ kind: 'error', type: `this is\n${SECRET}`, message: 'm' });
    expect(await ask(CALLS.describe)).toMatchObject({ errorType: 'unreachable', errorName: 'Error' });
  });
});

describe('no usable answer', () => {
  const page = '<html>\n<body>Service Unavailable</body></html>';
  const faults: [string, Fault, Partial<CallError>][] = [
    [
      'a page with 503',
      { kind: 'page', statusCode: 503, body: page },
      {
        errorName: 'SyntaxError',
        message: expect.stringMatching(/^Unexpected token .* is not valid JSON \(http 503\)$/),
      },
    ],
    [
      'a page with 200',
      { kind: 'page', statusCode: 200, body: page },
      { errorName: 'SyntaxError', message: expect.stringMatching(/\(http 200\)$/) },
    ],
    [
      'nothing with 200',
      { kind: 'page', statusCode: 200, body: '' },
      { errorName: 'InvalidResponseError', message: 'the response has no deployment status' },
    ],
    ['null with 200', { kind: 'page', statusCode: 200, body: 'null' }, { errorName: 'InvalidResponseError' }],
    ['a list with 200', { kind: 'page', statusCode: 200, body: '[]' }, { errorName: 'InvalidResponseError' }],
    ['a text with 200', { kind: 'page', statusCode: 200, body: '"ok"' }, { errorType: 'unreachable' }],
    [
      'nothing with 400',
      { kind: 'page', statusCode: 400, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 400)' },
    ],
    [
      'nothing with 410',
      { kind: 'page', statusCode: 410, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 410)' },
    ],
    [
      'nothing with 503',
      { kind: 'page', statusCode: 503, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 503)' },
    ],
    ['a redirection', { kind: 'page', statusCode: 301, body: '' }, { message: 'UnknownError (http 301)' }],
    ['a connection that is closed', { kind: 'reset' }, { message: expect.stringMatching(/socket hang up$/) }],
    ['an answer that is lost', { kind: 'lost-answer' }, { message: expect.stringMatching(/socket hang up$/) }],
    ['half an answer', { kind: 'half-answer' }, { message: expect.stringMatching(/aborted \(http 200\)$|aborted$/) }],
  ];

  test.each(
    ALL_CALLS.flatMap((call) =>
      faults.map(([what, given, expected]) => ({ title: call.title, call, what, given, expected })),
    ),
  )('to $title: $what', async ({ call, given, expected }) => {
    fault = () => given;
    answer = () => call.answer({});
    expect(await ask(call)).toEqual({
      ...troubled(call, { errorType: 'unreachable', errorName: expect.any(String), message: expect.any(String) }),
      ...expected,
    });
  });

  test.each(ALL_CALLS)('to $title: an answer without a status, or with one that is no text', async (call) => {
    for (const empty of [
      {},
      call.empty,
      call.answer({ deploymentStatus: '' }),
      call.answer({ deploymentStatus: ' ' }),
      call.answer({ deploymentStatus: 7 }),
    ]) {
      calls = [];
      answer = () => empty;
      expect(await ask(call)).toEqual(
        troubled(call, {
          errorType: 'unreachable',
          errorName: 'InvalidResponseError',
          message: 'the response has no deployment status',
        }),
      );
    }
  });

  test.each([
    ['a time that is none', { createdAt: '2026-09-21' }],
    ['a time beyond time', { createdAt: 1e300 }],
    ['a number for a text', { environmentName: 7 }],
  ])('an instance with %s', async (_, fields) => {
    answer = () => CALLS.describe.answer(fields);
    expect(await ask(CALLS.describe)).toMatchObject({ errorType: 'unreachable' });
  });

  test('to any call in time is given up', async () => {
    fault = () => ({ kind: 'hang' });
    await Promise.all(
      ALL_CALLS.map(async (call) => {
        const read = await call.call(driver({ deployment: call.deployment, callTimeout: 500 }));
        expect(read).toEqual(
          troubled(call, {
            errorType: 'unreachable',
            errorName: 'InvalidResponseError',
            message: 'no complete response within 0.5 s',
          }),
        );
      }),
    );
    expect(calls).toHaveLength(ALL_CALLS.length);
  });

  test('an answer that begins in time and goes on for ever is given up', async () => {
    const drip = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.write('{"serviceInstance":');
      const timer = setInterval(() => response.write(' '), 10);
      response.once('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve));
    try {
      const endpoint = `http://127.0.0.1:${(drip.address() as AddressInfo).port}`;
      expect(await driver({ settings: { endpoint }, callTimeout: 100 }).cancel(undefined)).toMatchObject({
        errorType: 'unreachable',
        message: 'no complete response within 0.1 s',
      });
    } finally {
      drip.closeAllConnections();
      await new Promise((resolve) => drip.close(resolve));
    }
  });

  test('nobody there, and the endpoint that was tried', async () => {
    const gone = await HttpServer.listen({ services: [] });
    const { url } = gone;
    await gone.close();
    const read = await driver({ settings: { endpoint: url } }).describe(undefined);
    expect(read).toMatchObject({
      errorType: 'unreachable',
      endpoint: url,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('no such host, and the endpoint that was tried', async () => {
    expect(
      await driver({ settings: { endpoint: 'https://proton.invalid:8443/path' }, callTimeout: 2_000 }).describe(
        undefined,
      ),
    ).toMatchObject({
      errorType: 'unreachable',
      endpoint: 'https://proton.invalid:8443',
    });
  });
});

test('where no endpoint is given, the SDK looks for it', async () => {
  process.env.AWS_ENDPOINT_URL_PROTON = server.url;
  try {
    answer = () => CALLS.describe.answer({});
    expect(await ask(CALLS.describe, { settings: { endpoint: undefined } })).toMatchObject({ kind: 'found' });
  } finally {
    delete process.env.AWS_ENDPOINT_URL_PROTON;
  }
});

test.each(KINDS)('a person is told that it is $displayName, and what has become of its service', (kind) => {
  const { displayName, unavailableHint } = driver(kind);
  expect(displayName).toBe(kind.displayName);
  expect(unavailableHint).toContain('AWS ended Proton on 2026-10-07');
});

describe('a whole cancellation over the wire', () => {
  const START = Date.UTC(2026, 9, 1);

  async function cancel(settings: Partial<CancellationSettings> = {}): Promise<NonNullable<Progress['result']>> {
    let now = START;
    const request = {
      contractVersion: CONTRACT_VERSION,
      deployment: INSTANCE.deployment,
      settings: { timeoutSeconds: 600, endpoint: server.url, ...settings },
    };
    let progress: Progress | undefined;
    while (!progress?.result) {
      progress = await run(
        { request, startTime: new Date(START).toISOString(), progress },
        {
          clock: {
            now: () => now,
            sleep: async (ms) => {
              now += ms;
            },
            random: () => 0.5,
          },
          remaining: () => 300_000,
          driverFor: ({ deployment, settings: parsed }) => service.connect(parsed, SURROUNDING).driverFor(deployment),
        },
      );
    }
    expect(progress.next).toBe(STEPS.END);
    return progress.result;
  }

  const operations = () => calls.map(({ operation }) => operation);

  let console: jest.SpyInstance;
  beforeEach(() => {
    console = jest.spyOn(globalThis.console, 'info').mockImplementation(() => undefined);
  });
  afterEach(() => {
    const written = inspect(console.mock.calls, { depth: null, maxArrayLength: null });
    console.mockRestore();
    expect(written).toContain('web/web-prod');
    expect(written).not.toContain(SECRET);
  });

  test('finds, looks, cancels, and looks until it is cancelled', async () => {
    let status = 'IN_PROGRESS';
    let looks = 0;
    answer = ({ operation }) => {
      if (operation === 'CancelServiceInstanceDeployment') status = 'CANCELLING';
      else if (status === 'CANCELLING' && ++looks === 2) status = 'CANCELLED';
      return CALLS.describe.answer({ deploymentStatus: status });
    };
    expect(await cancel()).toEqual({
      outcome: 'CANCELLED',
      failed: false,
      reason: 'deployment x of service instance web/web-prod is CANCELLED',
      attributes: { ...INSTANCE.attributes, outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', deploymentId: 'x' },
    });
    expect(operations()).toEqual([
      'GetServiceInstance',
      'GetServiceInstance',
      'CancelServiceInstanceDeployment',
      'GetServiceInstance',
      'GetServiceInstance',
    ]);
  });

  test('says that the service is not there, where and since when', async () => {
    fault = () => ({ kind: 'page', statusCode: 200, body: '' });
    const { outcome, failed, reason } = await cancel();
    expect({ outcome, failed }).toEqual({ outcome: 'UNAVAILABLE', failed: true });
    expect(reason).toContain(`${server.url} gave no usable answer to proton:GetServiceInstance`);
    expect(reason).toContain('AWS ended Proton on 2026-10-07');
  });

  test('says what is not allowed, with secrets in everything that the service says', async () => {
    answer = ({ operation }) => {
      if (operation === 'GetServiceInstance') return CALLS.describe.answer({});
      throw new ServiceError('AccessDeniedException', `no, ${SECRET}`, 403);
    };
    const { outcome, reason } = await cancel();
    expect(outcome).toBe('ACCESS_DENIED');
    expect(reason).toContain(
      `not allowed to call proton:CancelServiceInstanceDeployment on ${ARN}:${INSTANCE.resource}`,
    );
    expect(reason).not.toContain(SECRET);
  });

  test('leaves a newer deployment alone and reads the older one by its id', async () => {
    let looks = 0;
    answer = ({ operation }) => {
      if (operation === 'GetDeployment') return CALLS.describeById.answer({ deploymentStatus: 'FAILED' });
      return CALLS.describe.answer({ lastAttemptedDeploymentId: ++looks === 1 ? 'x' : 'y' });
    };
    expect(await cancel()).toMatchObject({
      outcome: 'SUPERSEDED',
      attributes: { deploymentId: 'x', deploymentStatus: 'FAILED' },
    });
    expect(operations()).toEqual(['GetServiceInstance', 'GetServiceInstance', 'GetDeployment']);
  });

  test('finds what became of it after a cancel whose answer was lost, and after every kind of error', async () => {
    const consecutiveErrors: (Fault | undefined)[] = [
      { kind: 'error', type: 'ThrottlingException', message: SECRET },
      { kind: 'page', statusCode: 503, body: `<html>${SECRET}</html>` },
      undefined,
      { kind: 'error', type: 'InternalServerException', statusCode: 500, message: SECRET },
      undefined,
      { kind: 'lost-answer' },
      { kind: 'half-answer' },
      { kind: 'reset' },
    ];
    let status = 'IN_PROGRESS';
    answer = ({ operation }) => {
      if (operation === 'CancelServiceInstanceDeployment') status = 'CANCELLED';
      return CALLS.describe.answer({ deploymentStatus: status });
    };
    fault = () => consecutiveErrors.shift();
    expect(await cancel()).toMatchObject({ outcome: 'CANCELLED', failed: false });
    expect(consecutiveErrors).toEqual([]);
    expect(operations().filter((operation) => operation.startsWith('Cancel'))).toHaveLength(1);
  });
});
