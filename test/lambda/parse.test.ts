import { parseRequest } from '../../lambda/parse';
import {
  CONTRACT_VERSION,
  LONG_TIMEOUT_SECONDS,
  POLL_INTERVAL_SECONDS,
  TERMINAL_OUTCOMES,
  TIMEOUT_SECONDS,
} from '../../lib/contract/cancellation';
import { DECLARABLE_KINDS, DEPLOYMENT_KINDS, sampleIdentifiers } from '../../lib/deployments/kinds';
import { problemOf } from './problem-of';

const NAMES = { serviceName: 'web', serviceInstanceName: 'web-prod' };
const DEPLOYMENT = { kind: 'proton-service-instance', identifiers: NAMES };
const ALL_NAMES: Readonly<Record<string, string>> = Object.assign(
  {},
  ...DEPLOYMENT_KINDS.map((kind) => sampleIdentifiers(kind)),
);
const POLICY = { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
const GOOD = { contractVersion: CONTRACT_VERSION, deployment: DEPLOYMENT, settings: POLICY };

const withDeployment = (deployment: unknown) => ({ ...GOOD, deployment });
const withName = (serviceName: unknown) => withDeployment({ ...DEPLOYMENT, identifiers: { ...NAMES, serviceName } });
const withPolicy = (settings: object) => ({ ...GOOD, settings: { ...POLICY, ...settings } });
/** Parses JSON, which can have an own property with the name `__proto__`. A literal cannot. */
const json = (text: string): unknown => JSON.parse(text);

describe('a valid request', () => {
  test('is parsed as it is in the input of the state machine', () => {
    expect(parseRequest(GOOD)).toEqual({ deployment: DEPLOYMENT, settings: { ...POLICY, endpoint: undefined } });
  });

  test('is parsed as CloudFormation sends it, with every scalar a string', () => {
    const settings = {
      timeoutSeconds: '600',
      failOn: ['CANCELLED', 'SUPERSEDED'],
      onNotFound: 'succeed',
      includeStatusMessage: 'true',
      endpoint: 'http://127.0.0.1:8080/proton',
    };
    const properties = {
      ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:f',
      contractVersion: CONTRACT_VERSION,
      stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:m',
      trigger: '7',
      deployment: DEPLOYMENT,
      settings,
    };
    expect(parseRequest(properties)).toEqual({
      deployment: DEPLOYMENT,
      settings: { ...settings, timeoutSeconds: 600, includeStatusMessage: true },
    });
  });

  test('needs only the timeout of the settings', () => {
    expect(parseRequest({ ...GOOD, settings: { timeoutSeconds: '1' } }).settings).toEqual({
      timeoutSeconds: 1,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: undefined,
    });
  });

  test.each([true, 'true', false, 'false'])('may have %p as a boolean', (includeStatusMessage) => {
    expect(parseRequest(withPolicy({ includeStatusMessage })).settings.includeStatusMessage).toBe(
      String(includeStatusMessage) === 'true',
    );
  });

  test.each([TIMEOUT_SECONDS.min, TIMEOUT_SECONDS.max, LONG_TIMEOUT_SECONDS.max])(
    'may have a timeout of %d s, as a number or a string',
    (timeoutSeconds) => {
      expect(parseRequest(withPolicy({ timeoutSeconds })).settings.timeoutSeconds).toBe(timeoutSeconds);
      expect(parseRequest(withPolicy({ timeoutSeconds: `${timeoutSeconds}` })).settings.timeoutSeconds).toBe(
        timeoutSeconds,
      );
    },
  );

  test.each([POLL_INTERVAL_SECONDS.min, POLL_INTERVAL_SECONDS.max])('may have a poll interval of %d s', (seconds) => {
    for (const pollIntervalSeconds of [seconds, `${seconds}`]) {
      expect(parseRequest(withPolicy({ pollIntervalSeconds })).settings.pollIntervalSeconds).toBe(seconds);
    }
    expect(parseRequest(withPolicy({})).settings).not.toHaveProperty('pollIntervalSeconds');
  });

  test('may have every terminal outcome in failOn', () => {
    expect(parseRequest(withPolicy({ failOn: TERMINAL_OUTCOMES })).settings.failOn).toEqual(TERMINAL_OUTCOMES);
  });

  test.each(DEPLOYMENT_KINDS)('may be about a %s, and is refused if a name of it is missing', (kind) => {
    const identifiers = sampleIdentifiers(kind);
    expect(parseRequest(withDeployment({ kind, identifiers })).deployment).toMatchObject({ kind, identifiers });
    // Kinds may have different samples for an identifier of one name.
    const all: Readonly<Record<string, string>> = { ...ALL_NAMES, ...identifiers };
    const { deployment } = parseRequest(withDeployment({ kind, identifiers: all }));
    expect(deployment).toMatchObject({ kind });
    expect(deployment.identifiers).toEqual(identifiers);
    for (const name of Object.keys(identifiers)) {
      const { [name]: _, ...others } = all;
      expect(problemOf(withDeployment({ kind, identifiers: others }))).toBe(`${name} must be a string, not undefined`);
    }
  });

  test('with the ARN of an ECS service deployment is for that one, and other identifiers are ignored', () => {
    const kind = 'ecs-service-deployment';
    const serviceDeploymentArn =
      'arn:aws:ecs:us-east-1:111122223333:service-deployment/prod/web/r9i43YFjvgF_xlg7m2eJ1r';
    const identifiers = { ...ALL_NAMES, serviceDeploymentArn };
    expect(parseRequest(withDeployment({ kind, identifiers })).deployment).toEqual({
      kind,
      identifiers: { serviceDeploymentArn },
    });
  });

  test('with the ID of a CodeDeploy deployment is for that one, and other identifiers are ignored', () => {
    const kind = 'codedeploy-deployment';
    const identifiers = { ...ALL_NAMES, deploymentId: 'd-A1B2C3D4E' };
    expect(parseRequest(withDeployment({ kind, identifiers })).deployment).toEqual({
      kind,
      identifiers: { deploymentId: 'd-A1B2C3D4E' },
    });
  });

  test('that names one execution of a pipeline is about that one', () => {
    const kind = 'codepipeline-execution';
    const identifiers = { pipelineName: 'release', executionId: '01234567-89ab-cdef-0123-456789abcdef' };
    const { deployment } = parseRequest(withDeployment({ kind, identifiers: { ...ALL_NAMES, ...identifiers } }));
    expect(deployment).toEqual({ kind, identifiers, options: { abandon: false } });
  });

  test.each([
    [undefined, false],
    [{}, false],
    [{ abandon: true }, true],
    [{ abandon: 'true' }, true],
    [{ abandon: false }, false],
    [{ abandon: 'false' }, false],
  ])('may have the options %j', (options, abandon) => {
    const identifiers = { pipelineName: 'release' };
    const { deployment } = parseRequest(withDeployment({ kind: 'codepipeline-execution', identifiers, options }));
    expect(deployment.options).toEqual({ abandon });
  });

  test.each([[300], ['300']])('may have a duration in seconds as an option: %j', (abandonAfterSeconds) => {
    const identifiers = { pipelineName: 'release' };
    const options = { abandon: 'false', abandonAfterSeconds };
    const { deployment } = parseRequest(withDeployment({ kind: 'codepipeline-execution', identifiers, options }));
    expect(deployment.options).toEqual({ abandon: false, abandonAfterSeconds: 300 });
  });

  test('may have a duration beyond the timeout only if it cancels nothing', () => {
    const identifiers = { pipelineName: 'release' };
    const deployment = { kind: 'codepipeline-execution', identifiers, options: { abandonAfterSeconds: 2000 } };
    const request = withDeployment(deployment);
    expect(problemOf(request)).toBe(
      'abandonAfterSeconds must be less than the timeout, 1800 seconds, not 2000 seconds',
    );
    expect(parseRequest({ ...request, observeOnly: true }).deployment.options).toMatchObject({
      abandonAfterSeconds: 2000,
    });
  });

  test('has no options if its kind has none', () => {
    expect(parseRequest(withDeployment({ ...DEPLOYMENT, options: {} })).deployment).toEqual(DEPLOYMENT);
  });

  test.each(['a', '0', 'A-b_9', 'a'.repeat(100)])('may have the name %s', (name) => {
    expect(parseRequest(withName(name)).deployment.identifiers.serviceName).toBe(name);
  });

  test('passes on only the identifiers of its kind', () => {
    const identifiers = json('{"serviceName":"web","serviceInstanceName":"web-prod","spec":"x","__proto__":{"a":"b"}}');
    const { deployment } = parseRequest({ ...withDeployment({ ...DEPLOYMENT, identifiers, extra: 1 }), extra: 2 });
    expect(deployment).toEqual(DEPLOYMENT);
    expect(Object.getPrototypeOf(deployment.identifiers)).toBe(Object.prototype);
  });
});

describe('an invalid request is an error of one line', () => {
  test.each<[unknown, string]>([
    [undefined, 'the request must be an object, not missing'],
    [null, 'the request must be an object, not null'],
    ['', 'the request must be an object, not ""'],
    [[], 'the request must be an object, not []'],
    [7, 'the request must be an object, not 7'],
    [{}, "contractVersion must be '1', not missing; deploy the stack again with one version of this library"],
  ])('the request %p', (input, message) => {
    expect(problemOf(input)).toBe(message);
  });

  test.each<[unknown, string | RegExp]>([
    [{ abandon: 'yes' }, 'abandon must be true or false, not "yes"'],
    [{ abandon: 1 }, 'abandon must be true or false, not 1'],
    [{ abandonAfterSeconds: 0 }, /^abandonAfterSeconds must be a whole number from 1 to \d+, not 0$/],
    [{ abandonAfterSeconds: true }, /^abandonAfterSeconds must be a whole number from 1 to \d+, not true$/],
    [
      { abandon: true, abandonAfterSeconds: 300 },
      'deployment.options.abandonAfterSeconds takes effect only without deployment.options.abandon',
    ],
    [{ abandon: true, retry: true }, 'deployment.options.retry is not an option of codepipeline-execution'],
    [{ constructor: true }, 'deployment.options.constructor is not an option of codepipeline-execution'],
    ['abandon', 'deployment.options must be an object, not "abandon"'],
  ])('the options %j', (options, message) => {
    const identifiers = { pipelineName: 'release' };
    expect(problemOf(withDeployment({ kind: 'codepipeline-execution', identifiers, options }))).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  test('an option of another kind', () => {
    expect(problemOf(withDeployment({ ...DEPLOYMENT, options: { abandon: true } }))).toBe(
      'deployment.options.abandon is not an option of proton-service-instance',
    );
  });

  test.each([['0'], ['2'], [1], [null], [''], ['1 '], ['1.0'], [['1']], [{}]])(
    'contract version %p',
    (contractVersion) => {
      expect(problemOf({ ...GOOD, contractVersion })).toContain(
        `contractVersion must be '1', not ${JSON.stringify(contractVersion)}`,
      );
    },
  );

  test('a request whose properties are only in its prototype', () => {
    expect(problemOf(Object.create(GOOD))).toContain('contractVersion');
    expect(problemOf(json(`{"__proto__":${JSON.stringify(GOOD)}}`))).toContain('contractVersion');
    expect(problemOf(withDeployment({ ...DEPLOYMENT, identifiers: Object.create(NAMES) }))).toContain('serviceName');
  });

  test.each([undefined, null, '', 'web', 7, true, [], [DEPLOYMENT]])('deployment %p', (deployment) => {
    expect(problemOf(withDeployment(deployment))).toContain('deployment must be an object, not ');
  });

  test.each([
    undefined,
    null,
    '',
    'proton',
    'PROTON-SERVICE-INSTANCE',
    ' proton-service-instance',
    '__proto__',
    'constructor',
    'toString',
    0,
    {},
    ['proton-service-instance'],
  ])('kind %p', (kind) => {
    expect(problemOf(withDeployment({ ...DEPLOYMENT, kind }))).toContain(
      `deployment.kind must be one of ${DECLARABLE_KINDS.join(', ')}, not `,
    );
  });

  test.each([undefined, null, '', 'web', 7, ['web', 'web-prod']])('identifiers %p', (identifiers) => {
    expect(problemOf(withDeployment({ ...DEPLOYMENT, identifiers }))).toContain(
      'deployment.identifiers must be an object, not ',
    );
  });

  test.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['a number', 7],
    ['a boolean', true],
    ['an object', {}],
    ['a list', ['web']],
    ['an object with its own toString', { toString: 'web' }],
    ['empty', ''],
    ['blank', ' '],
    ['too long', 'a'.repeat(101)],
    ['far too long', 'a'.repeat(100_000)],
    ['with a dash first', '-web'],
    ['with an underscore first', '_web'],
    ['with a space', 'we b'],
    ['with a slash', 'web/../x'],
    ['with a line break', 'we\nb'],
    ['with a line break last', 'web\n'],
    ['with a carriage return', 'we\rb'],
    ['with a line separator', 'we\u2028b'],
    ['with a null byte', 'we\u0000b'],
    ['not ASCII', 'wéb'],
    ['with full-width digits', '１２'],
    ['with a lone surrogate', '\ud83d'],
    ['an emoji', '🚀'],
    ['a wildcard', '*'],
    ['__proto__', '__proto__'],
    ['an unresolved reference', '{{resolve:ssm:name}}'],
  ])('a name that is %s', (_, name) => {
    expect(problemOf(withName(name))).toMatch(/^serviceName must /);
  });

  test('a name that is only in the prototype', () => {
    expect(
      problemOf(withDeployment({ ...DEPLOYMENT, identifiers: json('{"__proto__":{"serviceName":"web"}}') })),
    ).toMatch(/^serviceName must /);
    expect(problemOf(withDeployment({ ...DEPLOYMENT, identifiers: { serviceName: 'web' } }))).toMatch(
      /^serviceInstanceName must /,
    );
  });

  test('the name of a property of every object is a valid name', () => {
    expect(parseRequest(withName('constructor')).deployment.identifiers.serviceName).toBe('constructor');
  });

  test.each([undefined, null, '', 7, [], 'fail'])('settings %p', (settings) => {
    expect(problemOf({ ...GOOD, settings })).toContain('settings must be an object, not ');
  });

  test.each([
    undefined,
    null,
    '',
    ' ',
    '0',
    0,
    -1,
    '-1',
    1.5,
    '1.5',
    '1e3',
    '0x10',
    ' 60',
    '60 ',
    '60s',
    LONG_TIMEOUT_SECONDS.max + 1,
    `${LONG_TIMEOUT_SECONDS.max + 1}`,
    '9'.repeat(400),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    [60],
    { seconds: 60 },
    '６０',
  ])('timeoutSeconds %p', (timeoutSeconds) => {
    expect(problemOf(withPolicy({ timeoutSeconds }))).toContain(
      `settings.timeoutSeconds must be a whole number from ${TIMEOUT_SECONDS.min} to ${LONG_TIMEOUT_SECONDS.max}, not `,
    );
  });

  test.each([0, '0', 301, 1.5, '', null, true, [5]])('pollIntervalSeconds %p', (pollIntervalSeconds) => {
    expect(problemOf(withPolicy({ pollIntervalSeconds }))).toContain(
      'settings.pollIntervalSeconds must be a whole number from 1 to 300, not ',
    );
  });

  test.each([['CANCELLED'], [true], [{}], [7], ['']])('failOn %p', (failOn) => {
    expect(problemOf(withPolicy({ failOn }))).toContain('settings.failOn must be a list, not ');
  });

  test.each(['cancelled', 'TIMED_OUT', 'NOT_FOUND', '', null, 7, ['CANCELLED'], '__proto__', 'toString'])(
    'failOn with %p',
    (outcome) => {
      expect(problemOf(withPolicy({ failOn: ['CANCELLED', outcome] }))).toContain(
        `settings.failOn must be one of ${TERMINAL_OUTCOMES.join(', ')}, not `,
      );
    },
  );

  test.each(['', 'FAIL', 'ignore', true, 0, {}, 'constructor'])('onNotFound %p', (onNotFound) => {
    expect(problemOf(withPolicy({ onNotFound }))).toContain('settings.onNotFound must be one of fail, succeed, not ');
  });

  test.each(['', 'yes', 'True', '1', 1, 0, {}, []])('includeStatusMessage %p', (includeStatusMessage) => {
    expect(problemOf(withPolicy({ includeStatusMessage }))).toContain(
      'settings.includeStatusMessage must be true or false, not ',
    );
  });

  test.each([
    null,
    '',
    'proton',
    '127.0.0.1:8080',
    'ftp://proton.example',
    'javascript:alert(1)',
    'http://',
    'http:// x',
    'http://a b',
    'https://proton.example/\nx',
    'http://[',
    7,
    {},
    ['http://a'],
  ])('endpoint %p', (endpoint) => {
    expect(problemOf(withPolicy({ endpoint }))).toContain('settings.endpoint must be an http or https URL, not ');
  });

  test.each<unknown>(['', 'admin', 'arn:aws:iam::1:role/admin', 'arn:aws:iam::111122223333:user/admin', 7, ['a']])(
    'role %p',
    (roleArn) => {
      const problem = 'settings.roleArn must be arn:PARTITION:iam::ACCOUNT:role/NAME, not ';
      expect(problemOf(withPolicy({ roleArn }))).toContain(problem);
    },
  );

  test.each<unknown>(['', 'a', 'a b', 7, ['ab']])('external id %p', (externalId) => {
    const roleArn = 'arn:aws:iam::111122223333:role/canceller';
    const problem = 'settings.externalId must be 2 to 1224 letters, digits and _+=,.@:/-, not ';
    expect(problemOf(withPolicy({ roleArn, externalId }))).toContain(problem);
  });

  test('an external id without a role', () => {
    const problem = 'settings.externalId requires settings.roleArn, which is not set';
    expect(problemOf(withPolicy({ externalId: 'cancel-1234' }))).toContain(problem);
  });
});
