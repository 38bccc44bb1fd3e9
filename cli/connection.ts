import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { partition } from '@aws-sdk/util-endpoints';
import { CALL_TIMEOUT_MS } from '../lambda/deployment/engine/polling';
import type { AwsContext } from '../lambda/deployment/services/aws-context';

/** There is no region, or there are no valid credentials. Nothing was called. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    message: string,
    readonly exitCode: 2 | 3 | 5,
  ) {
    super(message);
  }
}

/** What the calls are made with: all that the command line and the environment say about it. */
export interface Connection extends AwsContext {
  readonly region: string;
  readonly partition: string;
}

interface ConnectionOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onRequest: AwsContext['onRequest'];
}

/**
 * Finds the region, the credentials and the account, in the places where the SDK looks for them.
 *
 * @throws `ConnectionError`
 */
export async function connect({ profile, env, onRequest, ...given }: ConnectionOptions): Promise<Connection> {
  // The variable of the AWS CLI, which the SDK does not read.
  const chosen = given.region ?? (env.AWS_REGION === undefined ? env.AWS_DEFAULT_REGION : undefined);
  const credentials = fromNodeProviderChain({ profile, clientConfig: { region: chosen } });
  const sts = new STSClient({ region: chosen, profile, credentials });
  const region = await regionOf(sts);
  const { accountId } = await credentials().catch((error: unknown) => {
    throw new ConnectionError(`no credentials were found: ${messageOf(error)}`, 3);
  });
  const account = accountId ?? (await accountOf(sts));
  const { name } = partition(region);
  return {
    region,
    partition: name,
    client: { region, credentials },
    callTimeout: CALL_TIMEOUT_MS,
    calledAt: `in account ${account} and region ${region}, or at --endpoint-url`,
    onRequest,
    now: () => Date.now(),
    arn: (service, resource) => `arn:${name}:${service}:${region}:${account}:${resource}`,
  };
}

async function regionOf(client: STSClient): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    throw new ConnectionError('no region was found: pass --region, or set AWS_REGION', 2);
  }
}

/** Reads the account of the credentials. This takes no permission. */
async function accountOf(client: STSClient): Promise<string> {
  try {
    const abortSignal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const { Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
    if (Account !== undefined) return Account;
  } catch (error) {
    const isRejected = (error as { $fault?: string }).$fault === 'client';
    throw new ConnectionError(
      `the account of the credentials is not known: ${messageOf(error)}; if AWS STS cannot be reached, set AWS_ACCOUNT_ID`,
      isRejected ? 3 : 5,
    );
  }
  throw new ConnectionError('the response of AWS STS has no account: set AWS_ACCOUNT_ID', 5);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').replace(/\.+$/, '');
}
