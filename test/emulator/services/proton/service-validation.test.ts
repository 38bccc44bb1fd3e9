import {
  AccessDeniedException,
  CreateServiceCommand,
  GetServiceCommand,
  InternalServerException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-proton';
import { errorOf, stopAll } from '../../serve-service';
import { INITIAL_STATE } from './initial-state';
import { postTo, type Running, runProton } from './serve-proton';

let proton: Running;
beforeEach(async () => {
  proton = await runProton(INITIAL_STATE);
});
afterEach(stopAll);

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
    const answer = await postTo(proton, operation, JSON.stringify(input));
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
    const { status, body } = await postTo(proton, operation, JSON.stringify(input));
    expect([status, body]).toEqual([400, { __type: 'SerializationException', message }]);
  });

  test.each(['not json', '[]', '"web"', 'null'])('a body that is %s is a SerializationException', async (body) => {
    const answer = await postTo(proton, 'GetService', body);
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
    const { status, body } = await postTo(proton, operation, '{}');
    expect([status, body.__type]).toEqual([400, 'UnknownOperationException']);
  });

  test('another target prefix is an unknown operation', async () => {
    const { status, body } = await postTo(proton, '', '{}', 'AwsProton20200101.GetService');
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
