import {
  AccessDeniedException,
  CancelComponentDeploymentCommand,
  CancelEnvironmentDeploymentCommand,
  CancelServiceInstanceDeploymentCommand,
  CancelServicePipelineDeploymentCommand,
  ConflictException,
  CreateServiceCommand,
  GetComponentCommand,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetServiceCommand,
  GetServiceInstanceCommand,
  InternalServerException,
  ListDeploymentsCommand,
  ListServiceInstancesCommand,
  type ListServiceInstancesInput,
  paginateListDeployments,
  paginateListServiceInstances,
  ResourceNotFoundException,
  ThrottlingException,
  UpdateServiceInstanceCommand,
  type UpdateServiceInstanceInput,
  ValidationException,
} from '@aws-sdk/client-proton';
import { HOURS, type InitialState, MINUTES, SECONDS } from '../../../../emulator/services/proton/plan';
import { errorOf, stopAll } from '../../serve-service';
import { type Running, runProton } from './serve-proton';

const RUNNING = {
  at: -2 * MINUTES,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' as const }] },
};

const INITIAL_STATE: InitialState = {
  environments: [{ name: 'prod', deployments: [RUNNING], spec: 'environment spec' }, { name: 'test' }],
  services: [
    {
      name: 'web',
      spec: 'service spec',
      instances: [
        { name: 'web-prod', environmentName: 'prod', deployments: [RUNNING], spec: 'instance spec' },
        { name: 'web-test', environmentName: 'test' },
      ],
      pipeline: { environmentName: 'prod', deployments: [RUNNING], spec: 'pipeline spec' },
    },
    {
      name: 'api',
      instances: [
        {
          name: 'api-test',
          environmentName: 'test',
          deployments: [{ at: -HOURS, steps: [{ after: MINUTES, status: 'FAILED', message: 'why it failed' }] }],
          withholdsDeploymentIds: true,
        },
      ],
    },
  ],
  components: [
    {
      name: 'bucket',
      environmentName: 'prod',
      serviceName: 'web',
      serviceInstanceName: 'web-prod',
      deployments: [RUNNING],
    },
    { name: 'loose', environmentName: 'prod' },
  ],
};

const ARN = 'arn:aws:proton:us-east-1:123456789012';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let proton: Running;
beforeEach(async () => {
  proton = await runProton(INITIAL_STATE);
});
afterEach(stopAll);

function idOf(path: string): string {
  return proton.simulated.resource(path).deployments.at(-1)!.id;
}

async function raw(operation: string, body: string, target = `AwsProton20200720.${operation}`) {
  const response = await fetch(proton.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body,
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('reads', () => {
  test('GetServiceInstance returns every member of the model, with timestamps that the SDK reads as dates', async () => {
    const { serviceInstance } = await proton.client.send(
      new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' }),
    );
    const now = proton.clock.now();
    expect(serviceInstance).toEqual({
      arn: `${ARN}:service/web/service-instance/web-prod`,
      createdAt: new Date(now - 24 * HOURS),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastAttemptedDeploymentId: idOf('service/web/service-instance/web-prod'),
      lastDeploymentAttemptedAt: new Date(now - 2 * MINUTES),
      lastDeploymentSucceededAt: new Date(now - 24 * HOURS + 4 * MINUTES),
      lastSucceededDeploymentId: proton.simulated.resource('service/web/service-instance/web-prod').deployments[0]!.id,
      name: 'web-prod',
      serviceName: 'web',
      spec: 'instance spec',
      templateMajorVersion: '1',
      templateMinorVersion: '0',
      templateName: 'fargate-service',
    });
  });

  test('timestamps on the wire are numbers of seconds since the epoch', async () => {
    const answer = await raw('GetServiceInstance', '{"serviceName":"web","name":"web-prod"}');
    expect(answer).toMatchObject({ status: 200, contentType: 'application/x-amz-json-1.0' });
    expect(answer.body.serviceInstance).toMatchObject({
      lastDeploymentAttemptedAt: (proton.clock.now() - 2 * MINUTES) / 1000,
    });
  });

  test('a resource that withholds deployment IDs is returned without them, and with its message', async () => {
    const { serviceInstance } = await proton.client.send(
      new GetServiceInstanceCommand({ serviceName: 'api', name: 'api-test' }),
    );
    expect(serviceInstance).toMatchObject({ deploymentStatus: 'FAILED', deploymentStatusMessage: 'why it failed' });
    expect(serviceInstance).not.toHaveProperty('lastAttemptedDeploymentId');
    expect(serviceInstance).not.toHaveProperty('lastSucceededDeploymentId');
  });

  test('GetService returns the service with its pipeline', async () => {
    const { service } = await proton.client.send(new GetServiceCommand({ name: 'web' }));
    expect(service).toMatchObject({
      arn: `${ARN}:service/web`,
      createdAt: expect.any(Date),
      lastModifiedAt: expect.any(Date),
      name: 'web',
      spec: 'service spec',
      status: 'ACTIVE',
      templateName: 'fargate-service',
      pipeline: {
        arn: expect.stringMatching(/:service\/web\/pipeline\/[0-9a-f-]{36}$/),
        deploymentStatus: 'IN_PROGRESS',
        lastAttemptedDeploymentId: idOf('service/web/pipeline'),
        spec: 'pipeline spec',
      },
    });
  });

  test('GetService returns a service without a pipeline', async () => {
    const { service } = await proton.client.send(new GetServiceCommand({ name: 'api' }));
    expect(service).toMatchObject({ name: 'api' });
    expect(service).not.toHaveProperty('pipeline');
  });

  test('GetEnvironment returns the environment', async () => {
    const { environment } = await proton.client.send(new GetEnvironmentCommand({ name: 'prod' }));
    expect(environment).toMatchObject({
      arn: `${ARN}:environment/prod`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      lastAttemptedDeploymentId: idOf('environment/prod'),
      lastDeploymentAttemptedAt: expect.any(Date),
      lastDeploymentSucceededAt: expect.any(Date),
      name: 'prod',
      spec: 'environment spec',
      templateMajorVersion: '1',
      templateMinorVersion: '0',
      templateName: 'fargate-environment',
    });
  });

  test('GetComponent returns an attached component with its service instance', async () => {
    const { component } = await proton.client.send(new GetComponentCommand({ name: 'bucket' }));
    expect(component).toMatchObject({
      arn: `${ARN}:component/bucket`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastModifiedAt: new Date(proton.clock.now() - 2 * MINUTES),
      name: 'bucket',
      serviceName: 'web',
      serviceInstanceName: 'web-prod',
      serviceSpec: expect.any(String),
    });
  });

  test('GetComponent returns a component that is not attached without a service', async () => {
    const { component } = await proton.client.send(new GetComponentCommand({ name: 'loose' }));
    expect(component).toMatchObject({ name: 'loose', deploymentStatus: 'SUCCEEDED' });
    expect(component).not.toHaveProperty('serviceName');
    expect(component).not.toHaveProperty('serviceSpec');
  });

  test.each([
    [
      'service/web/service-instance/web-prod',
      'SERVICE_INSTANCE',
      { serviceName: 'web', serviceInstanceName: 'web-prod' },
    ],
    ['service/web/pipeline', 'SERVICE_PIPELINE', { serviceName: 'web' }],
    ['environment/prod', 'ENVIRONMENT', {}],
    ['component/bucket', 'COMPONENT', { componentName: 'bucket', serviceName: 'web', serviceInstanceName: 'web-prod' }],
  ])('GetDeployment returns the deployment of %s', async (path, targetResourceType, names) => {
    const id = idOf(path);
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id }));
    expect(deployment).toMatchObject({
      arn: `${ARN}:deployment/${id}`,
      createdAt: new Date(proton.clock.now() - 2 * MINUTES),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      id,
      lastAttemptedDeploymentId: id,
      lastModifiedAt: new Date(proton.clock.now() - 2 * MINUTES),
      targetArn: proton.simulated.resource(path).arn,
      targetResourceCreatedAt: new Date(proton.clock.now() - 24 * HOURS),
      targetResourceType,
      targetState: expect.any(Object),
      ...names,
    });
    expect(deployment).not.toHaveProperty('completedAt');
  });

  test('GetDeployment returns the completion time', async () => {
    const { id } = proton.simulated.resource('environment/test').deployments[0]!;
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id }));
    expect(deployment?.completedAt).toEqual(new Date(proton.clock.now() - 24 * HOURS + 4 * MINUTES));
  });

  test('GetDeployment accepts matching names, and finds nothing with other names', async () => {
    const id = idOf('service/web/service-instance/web-prod');
    const fitting = { serviceName: 'web', serviceInstanceName: 'web-prod', environmentName: 'prod' };
    const { deployment } = await proton.client.send(new GetDeploymentCommand({ id, ...fitting }));
    expect(deployment?.id).toBe(id);
    for (const names of [
      { serviceName: 'api' },
      { serviceName: 'web', serviceInstanceName: 'web-test' },
      { environmentName: 'test' },
      { componentName: 'bucket' },
    ]) {
      const error = await errorOf(proton.client.send(new GetDeploymentCommand({ id, ...names })));
      expect(error).toBeInstanceOf(ResourceNotFoundException);
    }
  });

  test('unknown input members are ignored, and null members count as absent', async () => {
    const answer = await raw('GetEnvironment', '{"name":"prod","nmae":7}');
    expect(answer).toMatchObject({ status: 200, body: { environment: { name: 'prod' } } });
    const { status, body } = await raw('ListServiceInstances', '{"serviceName":null,"filters":null}');
    expect([status, (body.serviceInstances as unknown[]).length]).toEqual([200, 3]);
  });
});

describe('cancels', () => {
  test('CancelServiceInstanceDeployment returns CANCELLING, and later the instance is CANCELLED', async () => {
    const read = new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' });
    const { serviceInstance } = await proton.client.send(
      new CancelServiceInstanceDeploymentCommand({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
    );
    expect(serviceInstance).toMatchObject({ name: 'web-prod', deploymentStatus: 'CANCELLING' });
    await proton.clock.pass(39 * SECONDS);
    expect((await proton.client.send(read)).serviceInstance?.deploymentStatus).toBe('CANCELLING');
    await proton.clock.pass(SECONDS);
    expect((await proton.client.send(read)).serviceInstance).toMatchObject({
      deploymentStatus: 'CANCELLED',
      deploymentStatusMessage: 'User initiated cancellation.',
      lastAttemptedDeploymentId: serviceInstance?.lastAttemptedDeploymentId,
    });
    expect(proton.simulated.acceptedCancels).toEqual([
      {
        at: proton.clock.now() - 40 * SECONDS,
        resource: 'service/web/service-instance/web-prod',
        deploymentId: serviceInstance?.lastAttemptedDeploymentId,
      },
    ]);
  });

  test('each other cancellation reaches only its own resource', async () => {
    const { client } = proton;
    const answers = [
      (await client.send(new CancelServicePipelineDeploymentCommand({ serviceName: 'web' }))).pipeline,
      (await client.send(new CancelEnvironmentDeploymentCommand({ environmentName: 'prod' }))).environment,
      (await client.send(new CancelComponentDeploymentCommand({ componentName: 'bucket' }))).component,
    ];
    expect(answers.map((answer) => answer?.deploymentStatus)).toEqual(['CANCELLING', 'CANCELLING', 'CANCELLING']);
    expect(proton.simulated.acceptedCancels.map(({ resource }) => resource)).toEqual([
      'service/web/pipeline',
      'environment/prod',
      'component/bucket',
    ]);
    const { serviceInstance } = await client.send(
      new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-prod' }),
    );
    expect(serviceInstance?.deploymentStatus).toBe('IN_PROGRESS');
  });

  test('a second cancellation, and one of an ended deployment, are conflicts', async () => {
    const again = () => proton.client.send(new CancelEnvironmentDeploymentCommand({ environmentName: 'prod' }));
    await again();
    expect(await errorOf(again())).toBeInstanceOf(ConflictException);
    const finished = new CancelServiceInstanceDeploymentCommand({
      serviceName: 'web',
      serviceInstanceName: 'web-test',
    });
    expect(await errorOf(proton.client.send(finished))).toBeInstanceOf(ConflictException);
  });
});

describe('what does not exist', () => {
  const id = '00000000-0000-0000-0000-000000000000';
  test.each([
    ['a service instance', () => new GetServiceInstanceCommand({ serviceName: 'web', name: 'nope' })],
    ['the service of an instance', () => new GetServiceInstanceCommand({ serviceName: 'nope', name: 'web-prod' })],
    ['a service', () => new GetServiceCommand({ name: 'nope' })],
    ['an environment', () => new GetEnvironmentCommand({ name: 'nope' })],
    ['a component', () => new GetComponentCommand({ name: 'nope' })],
    ['a deployment', () => new GetDeploymentCommand({ id })],
    ['a pipeline to cancel', () => new CancelServicePipelineDeploymentCommand({ serviceName: 'api' })],
    [
      'an instance to cancel',
      () => new CancelServiceInstanceDeploymentCommand({ serviceName: 'api', serviceInstanceName: 'web-prod' }),
    ],
    ['an environment to cancel', () => new CancelEnvironmentDeploymentCommand({ environmentName: 'nope' })],
    ['a component to cancel', () => new CancelComponentDeploymentCommand({ componentName: 'nope' })],
    ['the service to list', () => new ListServiceInstancesCommand({ serviceName: 'nope' })],
    ['the environment to list', () => new ListDeploymentsCommand({ environmentName: 'nope' })],
  ] as const)('%s is a typed ResourceNotFoundException', async (_what, command) => {
    const error = await errorOf(proton.client.send(command() as GetServiceCommand));
    expect(error).toBeInstanceOf(ResourceNotFoundException);
  });
});

describe('validation', () => {
  const NAME_PATTERN = '^[0-9A-Za-z]+[0-9A-Za-z_\\-]*$';
  const failed = (value: string, member: string, what: string) =>
    `Value ${value} at '${member}' failed to satisfy constraint: Member must ${what}`;
  const one = (...violation: Parameters<typeof failed>) => `1 validation error detected: ${failed(...violation)}`;
  const FILTER_KEYS =
    '[name, deploymentStatus, templateName, serviceName, deployedTemplateVersionStatus, environmentName, ' +
    'lastDeploymentAttemptedAtBefore, lastDeploymentAttemptedAtAfter, createdAtBefore, createdAtAfter]';
  const DEPLOYMENT_ID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

  test.each([
    ['GetServiceInstance', { serviceName: 'web' }, one('null', 'name', 'not be null')],
    ['GetServiceInstance', { serviceName: 'web', name: null }, one('null', 'name', 'not be null')],
    [
      'CancelServiceInstanceDeployment',
      {},
      `2 validation errors detected: ${failed('null', 'serviceInstanceName', 'not be null')}; ${failed('null', 'serviceName', 'not be null')}`,
    ],
    ['GetService', {}, one('null', 'name', 'not be null')],
    ['GetEnvironment', {}, one('null', 'name', 'not be null')],
    ['GetComponent', {}, one('null', 'name', 'not be null')],
    ['GetDeployment', {}, one('null', 'id', 'not be null')],
    ['CancelServicePipelineDeployment', {}, one('null', 'serviceName', 'not be null')],
    ['CancelEnvironmentDeployment', {}, one('null', 'environmentName', 'not be null')],
    ['CancelComponentDeployment', {}, one('null', 'componentName', 'not be null')],
    [
      'GetService',
      { name: '' },
      `2 validation errors detected: ${failed("''", 'name', 'have length greater than or equal to 1')}; ${failed("''", 'name', `satisfy regular expression pattern: ${NAME_PATTERN}`)}`,
    ],
    [
      'GetService',
      { name: 'a'.repeat(101) },
      one(`'${'a'.repeat(101)}'`, 'name', 'have length less than or equal to 100'),
    ],
    ['GetService', { name: '-web' }, one("'-web'", 'name', `satisfy regular expression pattern: ${NAME_PATTERN}`)],
    ['GetService', { name: 'web\n' }, one("'web\n'", 'name', `satisfy regular expression pattern: ${NAME_PATTERN}`)],
    [
      'GetDeployment',
      { id: 'ABC' },
      one("'ABC'", 'id', `satisfy regular expression pattern: ${DEPLOYMENT_ID_PATTERN}`),
    ],
    ['ListDeployments', { maxResults: 0 }, one("'0'", 'maxResults', 'have value greater than or equal to 1')],
    ['ListDeployments', { maxResults: 101 }, one("'101'", 'maxResults', 'have value less than or equal to 100')],
    [
      'ListDeployments',
      { nextToken: '*' },
      one("'*'", 'nextToken', 'satisfy regular expression pattern: ^[A-Za-z0-9+=/]+$'),
    ],
    [
      'ListServiceInstances',
      { sortOrder: 'UP' },
      one("'UP'", 'sortOrder', 'satisfy enum value set: [ASCENDING, DESCENDING]'),
    ],
    [
      'ListServiceInstances',
      { sortBy: 'spec' },
      one(
        "'spec'",
        'sortBy',
        'satisfy enum value set: [name, deploymentStatus, templateName, serviceName, environmentName, lastDeploymentAttemptedAt, createdAt]',
      ),
    ],
    [
      'ListServiceInstances',
      {
        filters: [
          { key: 'name', value: 'a' },
          { key: 'colour', value: 'red' },
        ],
      },
      one("'colour'", 'filters.2.member.key', `satisfy enum value set: ${FILTER_KEYS}`),
    ],
    ['ListServiceInstances', { filters: [{ key: 'name' }] }, one('null', 'filters.1.member.value', 'not be null')],
    ['ListServiceInstances', { filters: [null] }, one('null', 'filters.1.member', 'not be null')],
    [
      'GetDeployment',
      { id: '00000000-0000-0000-0000-000000000000', serviceInstanceName: 'web-prod' },
      'A serviceInstanceName must come with a serviceName.',
    ],
    ['ListServiceInstances', { nextToken: 'bm90IG91cnM=' }, 'The nextToken is not valid.'],
    [
      'ListServiceInstances',
      { filters: [{ key: 'createdAtAfter', value: 'yesterday' }] },
      "The value 'yesterday' of the filter createdAtAfter is not a valid date.",
    ],
    [
      'ListServiceInstances',
      { filters: [{ key: 'createdAtAfter', value: '2026-01-01T00:00:00+01:00' }] },
      "The value '2026-01-01T00:00:00+01:00' of the filter createdAtAfter is not a valid date.",
    ],
  ])('%s rejects %j', async (operation, input, message) => {
    const answer = await raw(operation, JSON.stringify(input));
    expect(answer).toEqual({
      status: 400,
      contentType: 'application/x-amz-json-1.0',
      body: { __type: 'ValidationException', message },
    });
  });

  test('is a typed error of the SDK, which does not validate inputs itself', async () => {
    const error = await errorOf(proton.client.send(new GetServiceCommand({ name: '' })));
    expect(error).toBeInstanceOf(ValidationException);
    expect(error.message).toContain("Value '' at 'name' failed to satisfy constraint");
  });

  test.each([
    ['a number for a string', 'GetService', { name: 7 }, 'NUMBER_VALUE cannot be converted to String'],
    ['a boolean for a string', 'GetService', { name: true }, 'TRUE_VALUE cannot be converted to String'],
    ['a list for a string', 'GetService', { name: [] }, 'Start of list found where not expected'],
    ['an object for a string', 'GetService', { name: {} }, 'Start of structure or map found where not expected'],
    ['a string for an integer', 'ListDeployments', { maxResults: '5' }, 'STRING_VALUE cannot be converted to Integer'],
    [
      'a fraction for an integer',
      'ListDeployments',
      { maxResults: 1.5 },
      'NUMBER_VALUE cannot be converted to Integer',
    ],
    [
      'an object for a list',
      'ListServiceInstances',
      { filters: {} },
      'Start of structure or map found where not expected',
    ],
    [
      'a string in a list of objects',
      'ListServiceInstances',
      { filters: ['a'] },
      'STRING_VALUE cannot be converted to Structure',
    ],
    [
      'a number in a filter',
      'ListServiceInstances',
      { filters: [{ key: 1 }] },
      'NUMBER_VALUE cannot be converted to String',
    ],
  ])('%s is a SerializationException', async (_what, operation, input, message) => {
    const { status, body } = await raw(operation, JSON.stringify(input));
    expect([status, body]).toEqual([400, { __type: 'SerializationException', message }]);
  });

  test.each(['not json', '[]', '"web"', 'null'])('a body that is %s is a SerializationException', async (body) => {
    const answer = await raw('GetService', body);
    expect(answer).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
  });
});

describe('unsupported operations', () => {
  test('an operation that is not emulated is unknown, by name', async () => {
    const command = new CreateServiceCommand({
      name: 'web',
      templateName: 'fargate-service',
      templateMajorVersion: '1',
      spec: 'spec',
    });
    const error = await errorOf(proton.client.send(command));
    expect(error.name).toBe('UnknownOperationException');
    expect(error.message).toContain('CreateService');
  });

  test.each(['Nonsense', 'toString', 'constructor', '__proto__'])('%s is an unknown operation', async (operation) => {
    const { status, body } = await raw(operation, '{}');
    expect([status, body.__type]).toEqual([400, 'UnknownOperationException']);
  });

  test('another target prefix is an unknown operation', async () => {
    const { status, body } = await raw('', '{}', 'AwsProton20200101.GetService');
    expect([status, body.__type]).toEqual([400, 'UnknownOperationException']);
  });
});

describe('injected errors', () => {
  test.each([
    ['ThrottlingException', ThrottlingException, 400],
    ['AccessDeniedException', AccessDeniedException, 400],
    ['InternalServerException', InternalServerException, 500],
  ] as const)('%s reaches the client as its type', async (type, expected, statusCode) => {
    const faulty = await runProton(INITIAL_STATE, [
      { service: 'proton', fault: { kind: 'error', type, message: 'why', statusCode } },
    ]);
    const error = await errorOf(faulty.client.send(new GetServiceCommand({ name: 'web' })));
    expect(error).toBeInstanceOf(expected);
    expect(error.message).toBe('why');
  });
});

describe('ListServiceInstances', () => {
  const list = async (input: ListServiceInstancesInput) => {
    const { serviceInstances } = await proton.client.send(new ListServiceInstancesCommand(input));
    return serviceInstances?.map(({ name }) => name);
  };
  const ago = (ms: number) => new Date(proton.clock.now() - ms).toISOString();

  test('returns summaries without spec', async () => {
    const { serviceInstances, nextToken } = await proton.client.send(new ListServiceInstancesCommand({}));
    expect(serviceInstances?.[1]).toMatchObject({
      arn: `${ARN}:service/web/service-instance/web-prod`,
      createdAt: expect.any(Date),
      deploymentStatus: 'IN_PROGRESS',
      environmentName: 'prod',
      lastAttemptedDeploymentId: expect.stringMatching(UUID),
      name: 'web-prod',
      serviceName: 'web',
    });
    expect(serviceInstances?.[1]).not.toHaveProperty('spec');
    expect(nextToken).toBeUndefined();
  });

  test('sorts by service name and then by name by default', async () => {
    expect(await list({})).toEqual(['api-test', 'web-prod', 'web-test']);
  });

  test.each([
    ['name', ['api-test', 'web-prod', 'web-test']],
    ['deploymentStatus', ['api-test', 'web-prod', 'web-test']],
    ['environmentName', ['web-prod', 'api-test', 'web-test']],
    ['lastDeploymentAttemptedAt', ['web-test', 'api-test', 'web-prod']],
    ['createdAt', ['api-test', 'web-prod', 'web-test']],
    ['templateName', ['api-test', 'web-prod', 'web-test']],
    ['serviceName', ['api-test', 'web-prod', 'web-test']],
  ] as const)('sorts by %s, both ways', async (sortBy, names) => {
    expect(await list({ sortBy })).toEqual(names);
    expect(await list({ sortBy, sortOrder: 'DESCENDING' })).toEqual([...names].reverse());
  });

  test('filters by service', async () => {
    expect(await list({ serviceName: 'web' })).toEqual(['web-prod', 'web-test']);
  });

  test.each([
    ['name', 'web-test', ['web-test']],
    ['deploymentStatus', 'IN_PROGRESS', ['web-prod']],
    ['templateName', 'fargate-service', ['api-test', 'web-prod', 'web-test']],
    ['serviceName', 'api', ['api-test']],
    ['environmentName', 'test', ['api-test', 'web-test']],
    ['deployedTemplateVersionStatus', 'PUBLISHED', ['api-test', 'web-prod', 'web-test']],
    ['deployedTemplateVersionStatus', 'DRAFT', []],
    ['lastDeploymentAttemptedAtAfter', 30 * MINUTES, ['web-prod']],
    ['lastDeploymentAttemptedAtBefore', 30 * MINUTES, ['api-test', 'web-test']],
    ['createdAtAfter', 24 * HOURS, []],
    ['createdAtBefore', 23 * HOURS, ['api-test', 'web-prod', 'web-test']],
  ] as const)('filters by %s', async (key, value, names) => {
    expect(await list({ filters: [{ key, value: typeof value === 'string' ? value : ago(value) }] })).toEqual(names);
  });

  test('returns the instances that match every filter', async () => {
    const environment = { key: 'environmentName', value: 'test' } as const;
    expect(await list({ filters: [environment, { key: 'serviceName', value: 'web' }] })).toEqual(['web-test']);
    expect(await list({ filters: [environment, { key: 'name', value: 'web-prod' }] })).toEqual([]);
  });

  test.each([
    [1, [['api-test'], ['web-prod'], ['web-test']]],
    [2, [['api-test', 'web-prod'], ['web-test']]],
    [3, [['api-test', 'web-prod', 'web-test']]],
    [100, [['api-test', 'web-prod', 'web-test']]],
  ])('pages by %d: each instance once, and no token after the last page', async (maxResults, pages) => {
    const seen: (string | undefined)[][] = [];
    for await (const page of paginateListServiceInstances({ client: proton.client }, { maxResults })) {
      seen.push(page.serviceInstances?.map(({ name }) => name) ?? []);
    }
    expect(seen).toEqual(pages);
  });
});

describe('ListDeployments', () => {
  const list = async (input: ListDeploymentsCommand['input']) => {
    const { deployments } = await proton.client.send(new ListDeploymentsCommand(input));
    return deployments ?? [];
  };

  test('returns every deployment, the newest first', async () => {
    const times = (await list({})).map(({ createdAt }) => createdAt!.getTime());
    expect(times).toHaveLength(13);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test.each([
    [{ serviceName: 'api' }, ['SERVICE_INSTANCE', 'SERVICE_INSTANCE']],
    [{ serviceName: 'web', serviceInstanceName: 'web-test' }, ['SERVICE_INSTANCE']],
    [{ componentName: 'bucket' }, ['COMPONENT', 'COMPONENT']],
    [{ environmentName: 'test' }, ['SERVICE_INSTANCE', 'ENVIRONMENT', 'SERVICE_INSTANCE', 'SERVICE_INSTANCE']],
  ])('returns those of %j', async (input, types) => {
    expect((await list(input)).map(({ targetResourceType }) => targetResourceType)).toEqual(types);
  });

  test('returns summaries with everything that the model requires, and without messages', async () => {
    const [newest] = await list({ serviceName: 'api' });
    expect(newest).toMatchObject({
      arn: expect.stringContaining(':deployment/'),
      completedAt: new Date(proton.clock.now() - 59 * MINUTES),
      createdAt: new Date(proton.clock.now() - HOURS),
      deploymentStatus: 'FAILED',
      environmentName: 'test',
      id: expect.stringMatching(UUID),
      lastModifiedAt: expect.any(Date),
      targetArn: `${ARN}:service/api/service-instance/api-test`,
      targetResourceCreatedAt: expect.any(Date),
      targetResourceType: 'SERVICE_INSTANCE',
    });
    expect(newest).not.toHaveProperty('deploymentStatusMessage');
    expect(newest).not.toHaveProperty('targetState');
  });

  test('pages: each deployment once', async () => {
    const ids: (string | undefined)[] = [];
    for await (const page of paginateListDeployments({ client: proton.client }, { maxResults: 5 })) {
      ids.push(...(page.deployments ?? []).map(({ id }) => id));
    }
    expect(ids).toHaveLength(13);
    expect(new Set(ids).size).toBe(13);
  });
});

describe('an update of a service instance', () => {
  const update = (changes: Partial<UpdateServiceInstanceInput> = {}) =>
    new UpdateServiceInstanceCommand({
      serviceName: 'web',
      name: 'web-test',
      deploymentType: 'MINOR_VERSION',
      templateMinorVersion: '7',
      ...changes,
    });
  const read = new GetServiceInstanceCommand({ serviceName: 'web', name: 'web-test' });

  test('starts a deployment, which changes the version when it has succeeded', async () => {
    const proton = await runProton(INITIAL_STATE);
    const { serviceInstance } = await proton.client.send(update());
    expect(serviceInstance).toMatchObject({ deploymentStatus: 'IN_PROGRESS', templateMinorVersion: '0' });
    await proton.clock.pass(10 * MINUTES);
    const { serviceInstance: later } = await proton.client.send(read);
    expect(later).toMatchObject({ deploymentStatus: 'SUCCEEDED', templateMinorVersion: '7' });
  });

  test('is a conflict while a deployment is in flight', async () => {
    const proton = await runProton(INITIAL_STATE);
    await proton.client.send(update());
    expect(await errorOf(proton.client.send(update()))).toBeInstanceOf(ConflictException);
  });

  test.each<Partial<UpdateServiceInstanceInput>>([
    { deploymentType: 'NONE' },
    { deploymentType: 'MAJOR_VERSION' },
    { deploymentType: undefined },
    { spec: 'spec' },
    { templateMinorVersion: '07' },
  ])('to %j is rejected', async (changes) => {
    const proton = await runProton(INITIAL_STATE);
    expect(await errorOf(proton.client.send(update(changes)))).toBeInstanceOf(ValidationException);
  });
});
