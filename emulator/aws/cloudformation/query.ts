import { randomUUID } from 'node:crypto';
import { isRead } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { type Fault, type RawAnswer, type RawRequest, type ServiceCall, ServiceError } from '../../core/http-server';
import type { IamRequest } from '../iam';
import { validationError } from './errors';
import type { StackDescription } from './stack-description';
import { doesNotExist, type LoggedEvent, type StackRegistry } from './stack-registry';

const VERSION = '2010-05-15';
const NAMESPACE = `http://cloudformation.amazonaws.com/doc/${VERSION}/`;

/** The output of an operation that has none, whose response has no result. */
const NO_OUTPUT: readonly Xml[] = [];

/** The emulated operations. They throw a `ServiceError` if they reject the input. */
const OPERATIONS: Readonly<Record<string, (stacks: StackRegistry, input: URLSearchParams) => readonly Xml[]>> = {
  DescribeStacks(stacks, input) {
    const name = input.get('StackName');
    if (name === null) {
      const { page, next } = pageOf(stacks.describeStacks(), input);
      return [described(page), next];
    }
    const stack = stacks.describeStack(name);
    if (!stack) throw validationError(`Stack with id ${name} does not exist`);
    return [described([stack])];
  },
  DescribeStackEvents(stacks, input) {
    const name = required(input, 'StackName');
    if (!stacks.describeStack(name)) throw validationError(doesNotExist(name));
    const { page, next } = pageOf(stacks.stackEvents(name), input);
    return [element('StackEvents', page.map(eventXml)), next];
  },
  CancelUpdateStack(stacks, input) {
    const name = required(input, 'StackName');
    clientRequestToken(input);
    stacks.cancelUpdateStack(name);
    return NO_OUTPUT;
  },
  ContinueUpdateRollback(stacks, input) {
    const name = required(input, 'StackName');
    stacks.continueUpdateRollback(name, {
      resourcesToSkip: members(input, 'ResourcesToSkip'),
      token: clientRequestToken(input),
    });
    return [];
  },
  DeleteStack(stacks, input) {
    const name = required(input, 'StackName');
    stacks.requestDeletion(name, clientRequestToken(input));
    return NO_OUTPUT;
  },
};

/** The names of the emulated operations. */
export const OPERATION_NAMES: readonly string[] = Object.keys(OPERATIONS);

/** Answers calls of the API of CloudFormation, which has the query protocol; undefined for other requests. */
export function answerQuery(stacks: StackRegistry, request: RawRequest): RawAnswer | undefined {
  const query = queryOf(request);
  if (!query) return undefined;
  const action = query.get('Action') ?? '';
  const operation = Object.hasOwn(OPERATIONS, action) && OPERATIONS[action];
  if (!operation) return failure('InvalidAction', `Could not find operation ${action} for version ${VERSION}`);
  try {
    const seen = isRead(action) ? stacks.seenBy(`cloudformation:${action}`) : stacks;
    const output = operation(seen, query);
    const result = output === NO_OUTPUT ? [] : [element(`${action}Result`, output)];
    const metadata = element('ResponseMetadata', [element('RequestId', randomUUID())]);
    return xml(200, `${action}Response`, [...result, metadata]);
  } catch (error) {
    if (error instanceof ServiceError) return failure(error.type, error.message);
    throw error;
  }
}

/** The code of an error response; undefined for other responses. */
export function errorCodeOf({ body = '' }: RawAnswer): string | undefined {
  return /^<ErrorResponse .*?<Code>(.*?)<\/Code>/s.exec(body)?.[1];
}

/** Reads a call of the API of CloudFormation; undefined for other requests. */
export function callOf(request: RawRequest): ServiceCall | undefined {
  const { Action: operation, ...input } = Object.fromEntries(queryOf(request) ?? []);
  if (operation === undefined) return undefined;
  return { service: 'cloudformation', operation, input, accessKeyId: request.accessKeyId };
}

/** Renders the error of a fault in XML. */
export function queryFault(fault: Fault | undefined): Fault | undefined {
  if (fault?.kind !== 'error') return fault;
  const { contentType, body = '' } = failure(fault.type, fault.message ?? fault.type);
  return { kind: 'page', statusCode: fault.statusCode ?? 400, contentType, body };
}

/** The stacks, and the environment for the ARNs of stacks that do not exist. */
interface StackLookup extends Pick<StackRegistry, 'describeStack'> {
  readonly environment: AwsEnvironment;
}

/** The permissions that a call of the API of CloudFormation needs; none for other requests. */
export function iamRequests(stacks: StackLookup, request: RawRequest): IamRequest[] {
  const query = queryOf(request);
  const action = query?.get('Action');
  if (!query || !action) return [];
  const { environment } = stacks;
  const context = { 'aws:RequestedRegion': environment.region };
  const name = query.get('StackName');
  if (name !== null) {
    const unknown = name.startsWith('arn:') ? name : arnOf(environment, 'cloudformation', `stack/${name}/*`);
    const { stackId: resource = unknown, tags: resourceTags = {} } = stacks.describeStack(name) ?? {};
    return [{ action: `cloudformation:${action}`, resource, context, resourceTags }];
  }
  // All stacks are described only to those who may also list them.
  const actions = action === 'DescribeStacks' ? [action, 'ListStacks'] : [action];
  return actions.map((one) => ({ action: `cloudformation:${one}`, resource: '*', context }));
}

function queryOf({ method, headers, body }: RawRequest): URLSearchParams | undefined {
  const type = headers['content-type'] ?? '';
  if (method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded')) return undefined;
  const query = new URLSearchParams(body);
  return query.get('Version') === VERSION ? query : undefined;
}

function described(stacks: readonly StackDescription[]): Xml {
  const members = stacks.map(({ outputs, parameters, lastOperations, tags = {}, ...stack }) =>
    element('member', [
      element('StackName', stack.stackName),
      element('StackId', stack.stackId),
      element('StackStatus', stack.status),
      optional('StackStatusReason', stack.statusReason),
      optional('Description', stack.description),
      element('CreationTime', timestamp(stack.creationTime)),
      optional('LastUpdatedTime', timestamp(stack.lastUpdatedTime)),
      optional('DeletionTime', timestamp(stack.deletionTime)),
      element('DisableRollback', String(stack.disableRollback)),
      optional('RoleARN', stack.roleArn),
      optional('RootId', stack.rootId),
      optional('ParentId', stack.parentId),
      element('NotificationARNs', []),
      element(
        'Tags',
        Object.entries(tags).map(([key, value]) => element('member', [element('Key', key), element('Value', value)])),
      ),
      element(
        'Outputs',
        outputs.map((output) =>
          element('member', [
            element('OutputKey', output.key),
            element('OutputValue', output.value),
            optional('Description', output.description),
            optional('ExportName', output.exportName),
          ]),
        ),
      ),
      element(
        'Parameters',
        parameters.map((parameter) =>
          element('member', [
            element('ParameterKey', parameter.key),
            element('ParameterValue', parameter.value),
            optional('ResolvedValue', parameter.resolvedValue),
          ]),
        ),
      ),
      element(
        'LastOperations',
        lastOperations.map(({ type, id }) =>
          element('member', [element('OperationType', type), element('OperationId', id)]),
        ),
      ),
    ]),
  );
  return element('Stacks', members);
}

function eventXml(event: LoggedEvent): Xml {
  return element('member', [
    element('StackId', event.stackId),
    element('EventId', event.eventId),
    element('StackName', event.stackName),
    optional('OperationId', event.operationId),
    element('LogicalResourceId', event.logicalId),
    optional('PhysicalResourceId', event.physicalId),
    element('ResourceType', event.resourceType),
    element('Timestamp', timestamp(event.timestamp)),
    element('ResourceStatus', event.status),
    optional('ResourceStatusReason', event.statusReason),
    optional('ClientRequestToken', event.clientRequestToken),
  ]);
}

const PAGE_SIZE = 100;

/** A page of a list, and the element of its token, which is empty on the last page. */
function pageOf<Item>(
  all: readonly Item[],
  input: URLSearchParams,
): { readonly page: readonly Item[]; readonly next: Xml } {
  const from = offsetOf(input.get('NextToken'));
  const to = from + PAGE_SIZE;
  return { page: all.slice(from, to), next: optional('NextToken', to < all.length ? tokenOf(to) : undefined) };
}

function tokenOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64');
}

function offsetOf(token: string | null): number {
  if (token === null) return 0;
  const digits = /^from (\d{1,9})$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (digits === undefined) throw validationError('The nextToken is not valid.');
  return Number(digits);
}

function clientRequestToken(input: URLSearchParams): string | undefined {
  const token = input.get('ClientRequestToken') ?? undefined;
  if (token === undefined || /^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/.test(token)) return token;
  throw invalid('clientRequestToken', `'${token}'`, 'satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*');
}

/** The members of a list. */
function members(input: URLSearchParams, name: string): string[] {
  return [...input].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);
}

function required(input: URLSearchParams, name: string): string {
  const value = input.get(name);
  if (value) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw value === null
    ? invalid(member, 'null', 'not be null')
    : invalid(member, "''", 'have length greater than or equal to 1');
}

function invalid(member: string, value: string, rule: string): ServiceError {
  return validationError(
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
}

function failure(code: string, message: string): RawAnswer {
  const error = element('Error', [element('Type', 'Sender'), element('Code', code), element('Message', message)]);
  return xml(400, 'ErrorResponse', [error, element('RequestId', randomUUID())]);
}

/** Escaped text of an XML document. */
class Xml {
  constructor(readonly text: string) {}
}

function element(name: string, content: string | readonly Xml[]): Xml {
  const inner = typeof content === 'string' ? escaped(content) : content.map(({ text }) => text).join('');
  return new Xml(`<${name}>${inner}</${name}>`);
}

function optional(name: string, content: string | undefined): Xml {
  return content === undefined ? new Xml('') : element(name, content);
}

function xml(statusCode: number, root: string, content: readonly Xml[]): RawAnswer {
  const inner = content.map(({ text }) => text).join('');
  return { statusCode, contentType: 'text/xml', body: `<${root} xmlns="${NAMESPACE}">${inner}</${root}>` };
}

function escaped(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function timestamp(time: number): string;
function timestamp(time: number | undefined): string | undefined;
function timestamp(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
