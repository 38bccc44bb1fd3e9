import { randomUUID } from 'node:crypto';
import { type AwsEnvironment, globalArnOf } from '../core/environment';
import type { RawAnswer, RawRequest } from '../core/http-server';

const VERSION = '2011-06-15';

/** Answers GetCallerIdentity, which needs no permission; undefined for other requests. */
export function answerCallerIdentity(environment: AwsEnvironment, request: RawRequest): RawAnswer | undefined {
  const query = new URLSearchParams(request.body);
  if (query.get('Version') !== VERSION || query.get('Action') !== 'GetCallerIdentity') return undefined;
  const arn = globalArnOf(environment, 'iam', 'user/developer');
  const result = `<Arn>${arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>${environment.account}</Account>`;
  return {
    statusCode: 200,
    contentType: 'text/xml',
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/${VERSION}/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  };
}
