import { parseGuard, parseGuardState, parseRequest, parseStateMachineArn } from '../../lambda/parse';
import { problemOf } from './problem-of';

const VALID = {
  contractVersion: '1',
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } },
  settings: { timeoutSeconds: 1800 },
};

describe('the ARN of the state machine', () => {
  test.each([
    'arn:aws:states:us-east-1:111122223333:stateMachine:m',
    'arn:aws-cn:states:cn-north-1:111122223333:stateMachine:Some-Machine_7',
  ])('is %s', (stateMachineArn) => {
    expect(parseStateMachineArn({ stateMachineArn })).toBe(stateMachineArn);
  });

  test.each([
    undefined,
    null,
    '',
    7,
    [],
    'arn:aws:states:us-east-1:111122223333:execution:m:e',
    'arn:aws:lambda:us-east-1:111122223333:function:f',
    'arn:aws:states:us-east-1:1:stateMachine:m',
    'arn:aws:states:us-east-1:111122223333:stateMachine:m\n',
    'the arn:aws:states:us-east-1:111122223333:stateMachine:m',
    ['arn:aws:states:us-east-1:111122223333:stateMachine:m'],
    'x'.repeat(100_000),
  ])('is not %p', (stateMachineArn) => {
    expect(problemOf({ stateMachineArn }, parseStateMachineArn)).toContain(
      'stateMachineArn must be the arn of a state machine, not ',
    );
  });

  test('is an error if the properties are no object', () => {
    expect(problemOf(null, parseStateMachineArn)).toBe('the request must be an object, not null');
  });
});

describe.each(['requestedAt', 'ignoreStartedBefore'])('%s', (name) => {
  test.each(['2026-10-01T12:00:00Z', '2026-10-01T12:00:00.123456Z', '2026-10-01T14:00:00+02:00'])(
    'may be %s',
    (time) => {
      expect(parseRequest({ ...VALID, [name]: time })).toMatchObject({ [name]: time });
    },
  );

  test('may be missing', () => {
    expect(parseRequest(VALID)).not.toHaveProperty(name);
  });

  test.each([
    null,
    0,
    1_790_000_000,
    '',
    'yesterday',
    '1',
    '2026-10-01',
    '2026-10-01T12:00:00',
    '2026-13-01T12:00:00Z',
    '+2026-10-01T12:00:00Z',
    '2026-10-01T12:00:00Z (UTC)',
    '<time>',
    ['2026-10-01T12:00:00Z'],
  ])('is invalid as %p, which is no time with a time zone', (time) => {
    expect(problemOf({ ...VALID, [name]: time })).toContain(
      `${name} must be a time such as 2026-10-01T12:00:00Z, not `,
    );
  });
});

describe('the properties of a guard', () => {
  test('include observeOnly and ignoreDeploymentId', () => {
    expect(parseRequest({ ...VALID, observeOnly: true })).toMatchObject({ observeOnly: true });
    expect(parseRequest({ ...VALID, ignoreDeploymentId: '' })).toMatchObject({ ignoreDeploymentId: '' });
    expect(parseRequest(VALID)).not.toHaveProperty('ignoreDeploymentId');
  });

  test.each([1, null, {}, ['x']])('are invalid with %p as ignoreDeploymentId', (ignoreDeploymentId) => {
    expect(problemOf({ ...VALID, ignoreDeploymentId })).toMatch(
      /^ignoreDeploymentId must be the id of a deployment, not /,
    );
  });

  test('have flags that are false if missing, and may be strings', () => {
    expect(parseGuard({})).toEqual({ trigger: '', cancelPreexisting: false, cancelOnStackDeletion: false });
    expect(parseGuard({ trigger: 7, cancelPreexisting: 'true', cancelOnStackDeletion: 'false' })).toEqual({
      trigger: '7',
      cancelPreexisting: true,
      cancelOnStackDeletion: false,
    });
    expect(problemOf({ cancelPreexisting: 'yes' }, parseGuard)).toBe(
      'cancelPreexisting must be true or false, not "yes"',
    );
  });
});

test.each(['', 'null', '[]', '{}', '{"trigger":"v1"}', JSON.stringify({ trigger: 'v1', deploymentId: 'x' })])(
  'a stored guard state of %p is not valid',
  (text) => {
    expect(parseGuardState(text)).toBeUndefined();
  },
);

describe('a stored guard state', () => {
  const { deployment } = VALID;
  const roleArn = 'arn:aws:iam::111122223333:role/canceller';
  const STATE = { deployment, trigger: 'v2', deploymentId: 'x' };
  const ALL = {
    ...STATE,
    previousTrigger: 'v1',
    endpoint: 'http://proton',
    roleArn,
    armedAt: '2026-10-01T12:00:00Z',
  };

  test.each([STATE, ALL])('is read as it was stored: %j', (state) => {
    expect(parseGuardState(JSON.stringify(state))).toEqual(state);
  });

  test.each([
    { trigger: 7 },
    { deploymentId: null },
    { deployment: { kind: 'toaster', identifiers: {} } },
    { endpoint: 'file:///etc/passwd' },
    { roleArn: 'admin' },
    { armedAt: 'yesterday' },
  ])('is not valid with %j', (wrong) => {
    expect(parseGuardState(JSON.stringify({ ...ALL, ...wrong }))).toBeUndefined();
  });
});
