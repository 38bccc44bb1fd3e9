import { type AwsEnvironment, globalArnOf } from '../core/environment';
/** A permission that a call needs, as listed by the Service Authorization Reference. */
export interface IamRequest {
  readonly action: string;
  /** The ARN of the resource; `*` if the action has no resource type. */
  readonly resource: string;
  /** The condition keys of the call with their values, without those that every call has. */
  readonly context?: Readonly<Record<string, string>>;
  /** The tags of the resource, where they are known. */
  readonly resourceTags?: Readonly<Record<string, string>>;
}

/** A statement of a policy, with its intrinsic functions resolved. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: unknown;
}

/** A policy of a role, inline or managed. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

/** Returns the message of AWS for a request that a role does not allow; undefined if it is allowed. */
export type Authorize = (accessKeyId: string, request: IamRequest) => string | undefined;

/** Evaluates the policies of a role: an explicit Deny wins, and the default is to deny. */
export function evaluate(documents: readonly PolicyDocument[], request: IamRequest): 'allowed' | 'denied' {
  const effects = documents
    .flatMap((document) => list(document.Statement))
    .filter((statement) => applies(statement, request))
    .map((statement) => statement.Effect);
  return effects.includes('Allow') && !effects.includes('Deny') ? 'allowed' : 'denied';
}

/** A statement of a trust policy. */
interface TrustStatement extends PolicyStatement {
  readonly Principal?: { readonly AWS?: string | readonly string[] };
}

/** The policy of a role that names who may assume it. */
export interface TrustPolicy {
  readonly Statement: TrustStatement | readonly TrustStatement[];
}

/** Whether a trust policy allows a role to assume the role of the policy. */
export function trusts(
  { Statement }: TrustPolicy,
  { roleArn, context }: { readonly roleArn: string; readonly context: IamRequest['context'] },
): boolean {
  const account = roleArn.split(':')[4];
  const root = roleArn.replace(/:role\/.*$/, ':root');
  const statements = list(Statement)
    .filter(({ Principal }) => list(Principal?.AWS).some((one) => [roleArn, account, root].includes(one)))
    .map(({ Principal, ...statement }) => ({ ...statement, Resource: '*' }));
  return evaluate([{ Statement: statements }], { action: 'sts:AssumeRole', resource: '*', context }) === 'allowed';
}

/** The message of an AccessDeniedException, to the session of a role. */
export function accessDenied(
  {
    environment,
    roleName,
    sessionName,
  }: { readonly environment: AwsEnvironment; readonly roleName: string; readonly sessionName: string },
  { action, resource }: IamRequest,
): string {
  const user = globalArnOf(environment, 'sts', `assumed-role/${roleName}/${sessionName}`);
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}

/** The condition keys with the tags of a resource. */
const TAG_PREFIX = 'aws:ResourceTag/';

function applies(statement: PolicyStatement, { action, resource, context = {}, resourceTags }: IamRequest): boolean {
  const { Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw unsupported('an Effect other than Allow and Deny', statement);
  if ((Action === undefined) === (NotAction === undefined)) {
    throw unsupported('not exactly one of Action and NotAction', statement);
  }
  if ((Resource === undefined) === (NotResource === undefined)) {
    throw unsupported('not exactly one of Resource and NotResource', statement);
  }
  const resources = list(Resource ?? NotResource);
  if (resources.some((pattern) => pattern.includes('${'))) throw unsupported('a policy variable', statement);
  // IAM reads actions without regard to case, and ARNs with it.
  const named = list(Action ?? NotAction).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
  const covered = resources.some((pattern) => matches(pattern, resource));
  const relevant = named === (Action !== undefined) && covered === (Resource !== undefined);
  const tags = Object.entries(resourceTags ?? {}).map(([key, value]) => [`${TAG_PREFIX}${key}`, value]);
  const values = { ...context, ...Object.fromEntries(tags) };
  const isKnown = (key: string) => key in values || (resourceTags !== undefined && key.startsWith(TAG_PREFIX));
  return relevant && (Condition === undefined || meets(Condition as Condition, values, isKnown, statement));
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The comparisons of the value of a key with a value of a condition. */
const OPERATORS: Readonly<Record<string, (named: string, value: string) => boolean>> = {
  StringEquals: (named, value) => named === value,
  StringLike: matches,
  ArnEquals: matches,
};

/** Whether every key of a condition has one of its values. */
function meets(
  condition: Condition,
  context: Readonly<Record<string, string>>,
  isKnown: (key: string) => boolean,
  statement: PolicyStatement,
): boolean {
  return Object.entries(condition).every(([operator, keys]) => {
    const compare = OPERATORS[operator];
    if (!compare) throw unsupported(`a Condition with ${operator}`, statement);
    return Object.entries(keys).every(([key, values]) => {
      const foreign = (/^aws:/i.test(key) && !isKnown(key)) || list(values).some((named) => named.includes('${'));
      if (foreign) throw unsupported(`a Condition on ${key}`, statement);
      const value = context[key];
      return value !== undefined && list(values).some((named) => compare(named, value));
    });
  });
}

/** Whether a pattern with `*` and `?` matches a whole text. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

function unsupported(what: string, statement: PolicyStatement): Error {
  return new Error(`the emulator cannot evaluate ${what} in the policy statement ${JSON.stringify(statement)}`);
}
