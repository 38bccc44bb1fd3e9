import type { CallError } from '../../../../lambda/deployment/engine/driver';
import { assumedRole } from '../../../../lambda/deployment/services/assumed-role';
import { contextFor } from '../../../../lambda/deployment/services/context-for';
import { orNotFound } from '../../../../lambda/deployment/services/errors';

const context = { invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:cancel' };
const roleArn = 'arn:aws-cn:iam::210987654321:role/canceller';

test('the arns of a role are in its account, and in the region of the function', () => {
  const { arn, client, calledAt } = assumedRole({ roleArn }, context);
  expect(arn('ecs', 'service/prod/web')).toBe('arn:aws-cn:ecs:cn-north-1:210987654321:service/prod/web');
  expect(client?.region).toBe('cn-north-1');
  expect(calledAt).toContain('in account 210987654321');
});

test('without a role, the calls are made in the account of the function', async () => {
  const { arn, client } = await contextFor({}, context);
  expect(arn('ecs', 'service/prod/web')).toBe('arn:aws-cn:ecs:cn-north-1:111122223333:service/prod/web');
  expect(client).toBeUndefined();
});

test('with a role, the calls are made in its account, with its external id', async () => {
  const roles: object[] = [];
  const { arn } = await contextFor({ roleArn, externalId: 'cancel-1234' }, context, async () => ({
    assumedRole: (role, of) => {
      roles.push(role);
      return assumedRole(role, of);
    },
  }));
  expect(arn('ecs', 'x')).toContain('210987654321');
  expect(roles).toEqual([{ roleArn, externalId: 'cancel-1234' }]);
});

test('an error of aws sts is never taken for a resource that is missing', () => {
  const error: CallError = {
    kind: 'error',
    errorType: 'rejected',
    action: 'sts:AssumeRole',
    resourceArn: roleArn,
    endpoint: 'https://sts.amazonaws.com',
    errorName: 'STS.ValidationError',
    message: 'bad',
  };
  expect(orNotFound(error, { ValidationError: 'not-found' }, 'MISSING')).toBe(error);
});
