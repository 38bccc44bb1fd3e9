import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Context } from 'aws-lambda';
import { ASSUME_ROLE_ACTION } from '../../../lib/contract/cancellation';
import { type AwsContext, awsContextOf, type Credentials } from './aws-context';
import { createClient, type ServiceClient } from './client';
import { AssumeRoleError, InvalidResponseError } from './errors';

/** The name of the sessions of a role, as AWS CloudTrail shows it. */
const SESSION_NAME = 'deployment-cancellation';

interface Role {
  readonly roleArn: string;
  readonly externalId?: string;
}

/** Returns the context of calls as a role: in the account of the role, and in the region of the function. */
export function assumedRole(role: Role, { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): AwsContext {
  const [, partition, , region = ''] = invokedFunctionArn.split(':');
  const account = role.roleArn.split(':')[4];
  const own = awsContextOf({ invokedFunctionArn });
  const sts = createClient(STSClient, {}, own);
  return {
    ...own,
    calledAt: `in account ${account} and the region of the stack, or at the url of the endpoint property`,
    client: { region, credentials: () => assume(role, sts) },
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
  };
}

/** @throws `AssumeRoleError` */
async function assume({ roleArn, externalId }: Role, sts: ServiceClient): Promise<Credentials> {
  const input = { RoleArn: roleArn, RoleSessionName: SESSION_NAME, ExternalId: externalId };
  const response = await sts.call(async (request) => {
    const { Credentials: found } = await request(ASSUME_ROLE_ACTION, roleArn, new AssumeRoleCommand(input));
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = found ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new InvalidResponseError('the response has no credentials');
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  });
  if (!('errorType' in response)) return response;
  // With the name of its service, so that no driver takes it for an error of the service that deploys.
  throw new AssumeRoleError({ ...response, errorName: `STS.${response.errorName}` });
}
