import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock';
import { type AwsEnvironment, globalArnOf } from '../core/environment';
import { type EmulatedApi, type RawAnswer, type RawRequest, type ServiceCall, ServiceError } from '../core/http-server';
import { QUERY_ERRORS, queryProtocol } from '../core/protocols';
import type { IamRequest } from './iam';
import type { Roles } from './roles';
import { accessDeniedError } from './service-errors';

const VERSION = '2011-06-15';

/** How long the credentials of a role last, in milliseconds. */
const SESSION_DURATION = 60 * 60 * 1000;

/** AWS STS, limited to AssumeRole for roles of the account. */
export class Sts implements EmulatedApi {
  readonly service = 'sts';
  readonly operationNames = ['AssumeRole'];
  readonly protocol = queryProtocol(VERSION, this.operationNames);

  constructor(
    private readonly roles: Roles,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  call({ accessKeyId, operation, input }: ServiceCall): object {
    if (operation !== 'AssumeRole') throw new ServiceError('InvalidAction', `${operation} is not emulated`);
    const roleArn = String(input.RoleArn);
    const denial = this.roles.assume(accessKeyId, roleArn, contextOf(input));
    if (denial !== undefined) throw accessDeniedError(QUERY_ERRORS, denial);
    return {
      Credentials: {
        AccessKeyId: this.roles.accessKeyIdOf(roleArn),
        SecretAccessKey: 'secret',
        SessionToken: 'token',
        Expiration: new Date(this.clock.now() + SESSION_DURATION),
      },
      AssumedRoleUser: {
        AssumedRoleId: `AROAEXAMPLE:${input.RoleSessionName}`,
        Arn: `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${input.RoleSessionName}`,
      },
    };
  }

  iamRequests({ input }: ServiceCall): IamRequest[] {
    return [{ action: 'sts:AssumeRole', resource: String(input.RoleArn), context: contextOf(input) }];
  }
}

/** The condition keys of AssumeRole. */
function contextOf({ ExternalId }: ServiceCall['input']): NonNullable<IamRequest['context']> {
  return ExternalId === undefined ? {} : { 'sts:ExternalId': String(ExternalId) };
}

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
