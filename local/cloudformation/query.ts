import { randomUUID } from 'node:crypto';
import type { IamRequest } from '../iam';
import type { Fault, RawAnswer, RawRequest, ServiceCall } from '../wire';
import type { CloudFormation } from './cloudformation';
import type { StackDescription } from './stack';

const VERSION = '2010-05-15';
const NAMESPACE = `http://cloudformation.amazonaws.com/doc/${VERSION}/`;

/** Answers calls of CloudFormation's API, which speaks AWS's query protocol; undefined when it is not one. */
export function answerQuery(cloudFormation: CloudFormation, request: RawRequest): RawAnswer | undefined {
  const query = queryOf(request);
  if (!query) return undefined;
  const action = query.get('Action');
  if (action !== 'DescribeStacks') {
    return failure('InvalidAction', `Could not find operation ${action} for version ${VERSION}`);
  }
  const name = query.get('StackName');
  if (name === null) return described(cloudFormation.describeStacks());
  const stack = cloudFormation.describeStack(name);
  return stack ? described([stack]) : failure('ValidationError', `Stack with id ${name} does not exist`);
}

/** The call of CloudFormation's API that a request is; undefined when it is not one. */
export function callOf(request: RawRequest): ServiceCall | undefined {
  const { Action: operation, ...input } = Object.fromEntries(queryOf(request) ?? []);
  if (operation === undefined) return undefined;
  return { service: 'cloudformation', operation, input, accessKeyId: request.accessKeyId };
}

/** A fault of such a call. Its errors are spelt in XML. */
export function queryFault(fault: Fault | undefined): Fault | undefined {
  if (fault?.kind !== 'error') return fault;
  const { contentType, body = '' } = failure(fault.type, fault.message ?? fault.type);
  return { kind: 'page', statusCode: fault.statusCode ?? 400, contentType, body };
}

/** The answer to a call that is not allowed. */
export function denied(message: string): RawAnswer {
  return { ...failure('AccessDenied', message), statusCode: 403 };
}

/** The permissions that a call needs; none when it is not a call of CloudFormation's API. */
export function iamRequests(cloudFormation: CloudFormation, request: RawRequest): IamRequest[] {
  const query = queryOf(request);
  const action = query?.get('Action');
  if (!query || !action) return [];
  const name = query.get('StackName');
  return [{ action: `cloudformation:${action}`, resource: name === null ? '*' : arnOf(cloudFormation, name) }];
}

function arnOf(cloudFormation: CloudFormation, name: string): string {
  const { region, accountId } = cloudFormation;
  const unknown = name.startsWith('arn:') ? name : `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/*`;
  return cloudFormation.describeStack(name)?.stackId ?? unknown;
}

function queryOf({ method, headers, body }: RawRequest): URLSearchParams | undefined {
  const type = headers['content-type'] ?? '';
  if (method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded')) return undefined;
  const query = new URLSearchParams(body);
  return query.get('Version') === VERSION ? query : undefined;
}

function described(stacks: readonly StackDescription[]): RawAnswer {
  const members = stacks.map(({ outputs, parameters, ...stack }) =>
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
      optional('RootId', stack.rootId),
      optional('ParentId', stack.parentId),
      element('NotificationARNs', []),
      element('Tags', []),
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
    ]),
  );
  const result = element('DescribeStacksResult', [element('Stacks', members)]);
  return xml(200, 'DescribeStacksResponse', [
    result,
    element('ResponseMetadata', [element('RequestId', randomUUID())]),
  ]);
}

function failure(code: string, message: string): RawAnswer {
  const error = element('Error', [element('Type', 'Sender'), element('Code', code), element('Message', message)]);
  return xml(400, 'ErrorResponse', [error, element('RequestId', randomUUID())]);
}

/** Text of an XML document in which everything that has to be is escaped. */
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
