import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { DeploymentStatus } from '@aws-sdk/client-proton';
import { type Fault, HttpServer, ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import type { CallError, Phase } from '../../../../lambda/deployment/engine/driver';
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
import { atMost } from '../../../helpers/at-most';
import { type Call, fakeService } from './fake-service';

const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:deployment',
});
const ARN = 'arn:aws-cn:proton:cn-north-1:111122223333';
const AWS_ARN = 'arn:aws:proton:us-east-1:999999999999';
const SECRET = 'hunter2';

/** The fields that the API returns for every kind, with times in seconds since the epoch. */
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
  readonly read: { readonly operation: string; readonly input: object; readonly response: (fields: object) => object };
  readonly cancel: { readonly operation: string; readonly response: (fields: object) => object };
  /** The other fields of its responses. */
  readonly fields: object;
  /** The fields that may be shown. */
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
    response: (serviceInstance) => ({ serviceInstance }),
  },
  cancel: { operation: 'CancelServiceInstanceDeployment', response: (serviceInstance) => ({ serviceInstance }) },
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
    response: (pipeline) => ({
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
  cancel: { operation: 'CancelServicePipelineDeployment', response: (pipeline) => ({ pipeline }) },
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
    read: { operation: 'GetEnvironment', input: { name: 'prod' }, response: (environment) => ({ environment }) },
    cancel: { operation: 'CancelEnvironmentDeployment', response: (environment) => ({ environment }) },
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
    read: { operation: 'GetComponent', input: { name: 'bucket' }, response: (component) => ({ component }) },
    cancel: { operation: 'CancelComponentDeployment', response: (component) => ({ component }) },
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

interface ProtonCall extends Call {
  readonly deployment: Deployment;
  /** A response without data. */
  readonly empty: object;
  readonly attributes: Attributes;
}

function callsOf({ deployment, resource, read, cancel, fields, attributes }: Kind) {
  const responses = (response: (fields: object) => object) => ({
    response: (changes?: object) => response({ ...FIELDS, ...fields, ...changes }),
    empty: response({}),
  });
  const arn = `${ARN}:${resource}`;
  const title = (name: string) => `${name} of ${deployment.kind}`;
  const describe: ProtonCall = {
    title: title('describe'),
    deployment,
    call: (driver) => driver.describe(undefined),
    ...read,
    arn,
    ...responses(read.response),
    attributes,
  };
  const describeById: ProtonCall = {
    title: title('describeById'),
    deployment,
    call: (driver) => driver.describeById('x'),
    operation: 'GetDeployment',
    input: { id: 'x', ...deployment.identifiers },
    arn: `${ARN}:deployment/x`,
    response: (changes) => ({
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
        ...changes,
      },
    }),
    empty: { deployment: {} },
    attributes: {},
  };
  const cancelling: ProtonCall = {
    title: title('cancel'),
    deployment,
    call: (driver) => driver.cancel(undefined),
    operation: cancel.operation,
    input: deployment.identifiers,
    arn,
    ...responses(cancel.response),
    attributes,
  };
  return { describe, describeById, cancel: cancelling };
}

/** The calls of one kind, for tests that do not depend on the kind. */
const CALLS = callsOf(INSTANCE);
const ALL_CALLS = KINDS.flatMap((kind) => Object.values(callsOf(kind)));
const BY_NAME = KINDS.flatMap((kind) => [callsOf(kind).describe, callsOf(kind).cancel]);

const { fake, driver, invoke, errorOf } = fakeService({
  name: 'proton',
  protocol: jsonProtocol('AwsProton20200720', '1.0'),
  aws: AWS,
  service,
  deployment: INSTANCE.deployment,
});

test('every kind is tested', () => {
  expect(KINDS.map(({ deployment }) => deployment.kind)).toEqual(Object.keys(PROTON_KINDS));
});

describe('a response', () => {
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

  test('every status of the API has a phase', () => {
    expect(Object.keys(PHASES).sort()).toEqual(Object.values(DeploymentStatus).sort());
    for (const [status, phase] of statuses) expect(phaseOf(STATUSES, status)).toBe(phase);
  });

  test.each(
    ALL_CALLS.flatMap((call) => statuses.map(([status, phase]) => ({ title: call.title, call, status, phase }))),
  )('to $title with $status', async ({ call, status, phase }) => {
    fake.respond = () => call.response({ deploymentStatus: status });
    const { lastDeploymentAttemptedAt: attempted } = call.attributes;
    expect(await invoke(call)).toEqual({
      kind: 'found',
      phase,
      deploymentStatus: status,
      deploymentId: 'x',
      startedAt: attempted && Date.parse(attempted),
      attributes: call.attributes,
    });
  });

  test.each(ALL_CALLS)('to $title has no secrets, and the status message only if it is requested', async (call) => {
    fake.respond = () => call.response({});
    expect(inspect(await invoke(call), { depth: null })).not.toContain(SECRET);
    const withMessage = await invoke(call, { settings: { includeStatusMessage: true } });
    expect(withMessage).toMatchObject({ attributes: { deploymentStatusMessage: `status ${SECRET}` } });
    expect(inspect(withMessage, { depth: null })).not.toMatch(/spec|token|description|role|of the service/);
  });

  test.each(BY_NAME)('to $title without an id, or with an empty one, has no deployment id', async (call) => {
    for (const lastAttemptedDeploymentId of [undefined, null, '']) {
      fake.respond = () => call.response({ lastAttemptedDeploymentId });
      expect(await invoke(call)).toMatchObject({ kind: 'found', deploymentId: undefined });
    }
  });

  test('to describeById without an id is about the requested deployment', async () => {
    fake.respond = () => CALLS.describeById.response({ id: undefined });
    expect(await invoke(CALLS.describeById)).toMatchObject({ kind: 'found', deploymentId: 'x' });
  });

  test('with missing fields has no attributes for them', async () => {
    fake.respond = () => ({ serviceInstance: { name: 'web-prod', deploymentStatus: 'SUCCEEDED', createdAt: null } });
    const read = await invoke(CALLS.describe, { settings: { includeStatusMessage: true } });
    expect(read).toStrictEqual({
      kind: 'found',
      phase: 'COMPLETED',
      deploymentStatus: 'SUCCEEDED',
      deploymentId: undefined,
      startedAt: undefined,
      attributes: { name: 'web-prod' },
    });
  });

  test.each([0, 1, 2])('of any size and alphabet is truncated at a character (%d)', async (offset) => {
    const wide = `${'x'.repeat(offset)}${'🚀\n'.repeat(50_000)}`;
    fake.respond = () =>
      CALLS.describe.response({
        deploymentStatus: `A\n${wide}`,
        lastAttemptedDeploymentId: wide,
        name: wide,
        deploymentStatusMessage: wide,
      });
    const read = await invoke(CALLS.describe, { settings: { includeStatusMessage: true } });
    const text = JSON.stringify(read);
    expect(text.length).toBeLessThan(20_000);
    expect(text).not.toMatch(/\\n|\\ud/);
    expect(read).toMatchObject({ phase: 'UNKNOWN', deploymentStatus: expect.stringMatching(/^A x*🚀 .*…$/u) });
  });
});

describe('an error', () => {
  const types: [string, CallError['errorType'], number][] = [
    ['AccessDeniedException', 'denied', 400],
    ['ConflictException', 'conflict', 400],
    ['ValidationException', 'rejected', 400],
    ['ThrottlingException', 'throttled', 400],
    ['InternalServerException', 'server-error', 500],
    ['UnrecognizedClientException', 'unreachable', 400],
    ['InvalidSignatureException', 'rejected', 400],
    ['UnknownOperationException', 'unreachable', 400],
    ['ServiceUnavailable', 'server-error', 503],
    ['InternalError', 'server-error', 500],
    ['BadGateway', 'server-error', 502],
    ['TooManyRequestsException', 'throttled', 429],
    ['RequestLimitExceeded', 'throttled', 503],
    ['SomeNewException', 'rejected', 400],
  ];

  test.each(
    ALL_CALLS.flatMap((call) =>
      types.map(([type, errorType, statusCode]) => ({ title: call.title, call, type, errorType, statusCode })),
    ),
  )('$type of $title is $errorType, after one request', async ({ call, type, errorType, statusCode }) => {
    fake.fault = () => ({ kind: 'error', type: `com.amazonaws.proton#${type}`, message: 'Two\n lines.', statusCode });
    const message = errorType === 'unreachable' ? `Two lines (http ${statusCode})` : 'Two lines';
    expect(await invoke(call)).toEqual(errorOf(call, { errorType, errorName: type, message }));
  });

  test.each(KINDS)(
    'that there is no $displayName is a result of a read, and a conflict of a cancellation',
    async (kind) => {
      const { describe, describeById, cancel } = callsOf(kind);
      fake.respond = () => {
        throw new ServiceError('ResourceNotFoundException', `The ${kind.displayName} was not found.`);
      };
      expect(await invoke(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' });
      expect(await invoke(describeById)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
      expect(await invoke(cancel)).toEqual(
        errorOf(cancel, {
          errorType: 'conflict',
          errorName: 'ResourceNotFoundException',
          message: `The ${kind.displayName} was not found`,
        }),
      );
    },
  );

  test('a service without a pipeline is not found, and a response without a service is invalid', async () => {
    const { describe } = callsOf(PIPELINE);
    for (const pipeline of [undefined, null]) {
      fake.respond = () => ({ service: { name: 'web', spec: SECRET, pipeline } });
      expect(await invoke(describe)).toEqual({ kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' });
    }
    fake.respond = () => ({ pipeline: {} });
    expect(await invoke(describe)).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('with a message of any size and type is truncated', async () => {
    fake.fault = () => ({ kind: 'error', type: 'ValidationException', message: 'x'.repeat(1_000_000) });
    expect(await invoke(CALLS.describe)).toMatchObject({ message: expect.stringMatching(/^x{300}…$/) });
    fake.fault = () => undefined;
    fake.respond = () => {
      throw Object.assign(new ServiceError('ThrottlingException', ''), { message: { not: 'a string' } });
    };
    expect(await invoke(CALLS.describe)).toMatchObject({ errorType: 'throttled', message: expect.any(String) });
  });

  test('with an invalid type has another name', async () => {
    fake.fault = () => ({ kind: 'error', type: `this is\n${SECRET}`, message: 'm' });
    expect(await invoke(CALLS.describe)).toMatchObject({ errorType: 'unreachable', errorName: 'Error' });
  });
});

describe('an invalid response', () => {
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
      'an empty body with 200',
      { kind: 'page', statusCode: 200, body: '' },
      { errorName: 'InvalidResponseError', message: 'the response has no deployment status' },
    ],
    ['null with 200', { kind: 'page', statusCode: 200, body: 'null' }, { errorName: 'InvalidResponseError' }],
    ['a list with 200', { kind: 'page', statusCode: 200, body: '[]' }, { errorName: 'InvalidResponseError' }],
    ['a text with 200', { kind: 'page', statusCode: 200, body: '"ok"' }, { errorType: 'unreachable' }],
    [
      'an empty body with 400',
      { kind: 'page', statusCode: 400, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 400)' },
    ],
    [
      'an empty body with 410',
      { kind: 'page', statusCode: 410, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 410)' },
    ],
    [
      'an empty body with 503',
      { kind: 'page', statusCode: 503, body: '' },
      { errorName: 'Unknown', message: 'UnknownError (http 503)' },
    ],
    ['a redirect', { kind: 'page', statusCode: 301, body: '' }, { message: 'UnknownError (http 301)' }],
    ['a closed connection', { kind: 'reset' }, { message: expect.stringMatching(/socket hang up$/) }],
    ['a lost response', { kind: 'lost-answer' }, { message: expect.stringMatching(/socket hang up$/) }],
    ['half a response', { kind: 'half-answer' }, { message: expect.stringMatching(/aborted \(http 200\)$|aborted$/) }],
  ];

  test.each(
    ALL_CALLS.flatMap((call) =>
      faults.map(([what, given, expected]) => ({ title: call.title, call, what, given, expected })),
    ),
  )('to $title: $what', async ({ call, given, expected }) => {
    fake.fault = () => given;
    fake.respond = () => call.response({});
    expect(await invoke(call)).toEqual({
      ...errorOf(call, { errorType: 'unreachable', errorName: expect.any(String), message: expect.any(String) }),
      ...expected,
    });
  });

  test.each(ALL_CALLS)('to $title without a valid status', async (call) => {
    for (const empty of [
      {},
      call.empty,
      call.response({ deploymentStatus: '' }),
      call.response({ deploymentStatus: ' ' }),
      call.response({ deploymentStatus: 7 }),
    ]) {
      fake.respond = () => empty;
      expect(await invoke(call)).toEqual(
        errorOf(call, {
          errorType: 'unreachable',
          errorName: 'InvalidResponseError',
          message: 'the response has no deployment status',
        }),
      );
    }
  });

  test.each([
    ['an invalid time', { createdAt: '2026-09-21' }],
    ['a time out of range', { createdAt: 1e300 }],
    ['a number instead of a string', { environmentName: 7 }],
  ])('an instance with %s', async (_, fields) => {
    fake.respond = () => CALLS.describe.response(fields);
    expect(await invoke(CALLS.describe)).toMatchObject({ errorType: 'unreachable' });
  });

  test('that does not arrive in time is an error', async () => {
    fake.fault = () => ({ kind: 'hang' });
    await Promise.all(
      ALL_CALLS.map(async (call) => {
        const read = await call.call(driver({ deployment: call.deployment, callTimeout: 500 }));
        expect(read).toEqual(
          errorOf(call, {
            errorType: 'unreachable',
            errorName: 'InvalidResponseError',
            message: 'no complete response within 0.5 s',
          }),
        );
      }),
    );
    expect(fake.calls).toHaveLength(ALL_CALLS.length);
  });

  test('that starts in time and does not end is an error', async () => {
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

  test('of an endpoint that refuses connections is an error with the endpoint', async () => {
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

  test('of an unknown host is an error with the endpoint', async () => {
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

test('without the endpoint setting, the SDK resolves the endpoint', async () => {
  process.env.AWS_ENDPOINT_URL_PROTON = fake.url;
  try {
    fake.respond = () => CALLS.describe.response({});
    expect(await invoke(CALLS.describe, { settings: { endpoint: undefined } })).toMatchObject({ kind: 'found' });
  } finally {
    delete process.env.AWS_ENDPOINT_URL_PROTON;
  }
});

test.each(KINDS)('the driver of $displayName has a display name, and a hint that Proton has ended', (kind) => {
  const { displayName, unavailableHint } = driver(kind);
  expect(displayName).toBe(kind.displayName);
  expect(unavailableHint).toContain('AWS ended Proton on 2026-10-07');
});

describe('a cancellation from start to end', () => {
  const START = Date.UTC(2026, 9, 1);

  async function cancel(settings: Partial<CancellationSettings> = {}): Promise<NonNullable<Progress['result']>> {
    let now = START;
    const request = {
      contractVersion: CONTRACT_VERSION,
      deployment: INSTANCE.deployment,
      settings: { timeoutSeconds: 600, endpoint: fake.url, ...settings },
    };
    const countStep = atMost(1_000);
    let progress: Progress | undefined;
    while (!progress?.result) {
      countStep();
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
          endpoints: [fake.url],
          driverFor: ({ deployment, settings: parsed }) => service.connect(parsed, AWS).driverFor(deployment),
        },
      );
    }
    expect(progress.next).toBe(STEPS.END);
    return progress.result;
  }

  const operations = () => fake.calls.map(({ operation }) => operation);

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

  test('finds, reads and cancels the deployment, and polls until it is cancelled', async () => {
    let status = 'IN_PROGRESS';
    let reads = 0;
    fake.respond = ({ operation }) => {
      if (operation === 'CancelServiceInstanceDeployment') status = 'CANCELLING';
      else if (status === 'CANCELLING' && ++reads === 2) status = 'CANCELLED';
      return CALLS.describe.response({ deploymentStatus: status });
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

  test('says that the service is unavailable, and its endpoint', async () => {
    fake.fault = () => ({ kind: 'page', statusCode: 200, body: '' });
    const { outcome, failed, reason } = await cancel();
    expect({ outcome, failed }).toEqual({ outcome: 'UNAVAILABLE', failed: true });
    expect(reason).toContain(`${fake.url} gave no usable answer to proton:GetServiceInstance`);
    expect(reason).toContain('AWS ended Proton on 2026-10-07');
  });

  test('says what is not allowed, without the message of the service', async () => {
    fake.respond = ({ operation }) => {
      if (operation === 'GetServiceInstance') return CALLS.describe.response({});
      throw new ServiceError('AccessDeniedException', `no, ${SECRET}`, 403);
    };
    const { outcome, reason } = await cancel();
    expect(outcome).toBe('ACCESS_DENIED');
    expect(reason).toContain(
      `not allowed to call proton:CancelServiceInstanceDeployment on ${ARN}:${INSTANCE.resource}`,
    );
    expect(reason).not.toContain(SECRET);
  });

  test('does not cancel a newer deployment, and reads the older one by its id', async () => {
    let reads = 0;
    fake.respond = ({ operation }) => {
      if (operation === 'GetDeployment') return CALLS.describeById.response({ deploymentStatus: 'FAILED' });
      return CALLS.describe.response({ lastAttemptedDeploymentId: ++reads === 1 ? 'x' : 'y' });
    };
    expect(await cancel()).toMatchObject({
      outcome: 'SUPERSEDED',
      attributes: { deploymentId: 'x', deploymentStatus: 'FAILED' },
    });
    expect(operations()).toEqual(['GetServiceInstance', 'GetServiceInstance', 'GetDeployment']);
  });

  test('finds the end of the deployment after a lost response to the cancel request, and after every type of error', async () => {
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
    fake.respond = ({ operation }) => {
      if (operation === 'CancelServiceInstanceDeployment') status = 'CANCELLED';
      return CALLS.describe.response({ deploymentStatus: status });
    };
    fake.fault = () => consecutiveErrors.shift();
    expect(await cancel()).toMatchObject({ outcome: 'CANCELLED', failed: false });
    expect(consecutiveErrors).toEqual([]);
    expect(operations().filter((operation) => operation.startsWith('Cancel'))).toHaveLength(1);
  });
});
