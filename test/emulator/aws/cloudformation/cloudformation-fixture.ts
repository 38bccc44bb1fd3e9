import { CloudFormation } from '../../../../emulator/aws/cloudformation/cloudformation';
import type { CustomResourceEvent } from '../../../../emulator/aws/cloudformation/custom-resource';
import type { StackEvent } from '../../../../emulator/aws/cloudformation/engine';
import type { ResourceType } from '../../../../emulator/aws/cloudformation/resource-type';
import { VirtualClock } from '../../../../emulator/core/clock';
import type { Consistency } from '../../../../emulator/core/consistency';

/** The ARN of the first stack. */
export const STACK_ID = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/web/00000000-0000-4000-8000-000000000001';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:provider';

/** The behavior of the function of a custom resource: the fields of its response, or a failure. */
export type Reply =
  | 'never'
  | 'refuse'
  | { readonly after?: number; readonly body?: string; readonly answer?: Readonly<Record<string, unknown>> };

/** An event for the function, and the status of the stack at that time. */
export interface Seen {
  readonly event: CustomResourceEvent;
  readonly stackStatus: string | undefined;
  readonly at: number;
}

type Template = Readonly<Record<string, unknown>>;

/** CloudFormation on a virtual clock, with a function whose responses a test sets, and the resource type `Test::Thing`. */
export class CloudFormationFixture {
  readonly clock = new VirtualClock();
  readonly events: StackEvent[] = [];
  readonly seen: Seen[] = [];
  /** The requests for `Test::Thing`: `create A`, `update A`, `delete A`. */
  readonly things: string[] = [];
  readonly templates = new Map<string, Template>();
  readonly parameters = new Map<string, string>();
  readonly cloudFormation: CloudFormation;
  reply: (event: CustomResourceEvent) => Reply = () => ({});
  /** The delay before an invocation is accepted, and before a thing is created. */
  accept: () => Promise<void> = async () => undefined;
  private count = 0;

  constructor(consistency?: Consistency) {
    this.cloudFormation = new CloudFormation({
      clock: this.clock,
      consistency,
      environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
      types: { 'Test::Thing': this.thing() },
      ids: () => `00000000-0000-4000-8000-${String(++this.count).padStart(12, '0')}`,
      invoke: (functionArn, event) => this.invoke(functionArn, event),
      responseUrlBase: () => 'http://127.0.0.1:4566',
      templateAt: (url) => this.templates.get(url),
      ssmParameter: (name) => this.parameters.get(name),
      onEvent: (event) => this.events.push(event),
    });
  }

  /** The event that the function got as the n-th one, from 0, or from the end, from -1. */
  eventAt(index: number): CustomResourceEvent {
    return this.seen.at(index)?.event as CustomResourceEvent;
  }

  create(resources: Template, more: Template = {}) {
    return this.cloudFormation.createStack({ stackName: 'web', template: { Resources: resources, ...more } });
  }

  update(resources: Template, more: Template = {}) {
    return this.cloudFormation.updateStack({ stackName: 'web', template: { Resources: resources, ...more } });
  }

  /** The statuses of a stack, in order. */
  statuses(stackName = 'web'): string[] {
    return this.events.filter(({ logicalId }) => logicalId === stackName).map(({ status }) => status);
  }

  /** The statuses of a resource, in order, without events that only add a reason. */
  statusesOf(logicalId: string): string[] {
    return this.events
      .filter((event) => event.logicalId === logicalId && !/Initiated|Requested/.test(event.statusReason ?? ''))
      .map(({ status }) => status);
  }

  reasonOf(logicalId: string, status: string): string | undefined {
    return this.events.find((event) => event.logicalId === logicalId && event.status === status)?.statusReason;
  }

  /** The events for functions since the last call, as `STACK_STATUS: REQUEST_TYPE LOGICAL_ID`. */
  takeSeen(): string[] {
    return this.seen
      .splice(0)
      .map(({ event, stackStatus }) => `${stackStatus}: ${event.RequestType} ${event.LogicalResourceId}`);
  }

  answer(event: CustomResourceEvent, body: string): number | undefined {
    const { pathname, search } = new URL(event.ResponseURL);
    return this.cloudFormation.takeAnswer({ method: 'PUT', path: pathname + search, body })?.statusCode;
  }

  private async invoke(functionArn: string, event: CustomResourceEvent): Promise<void> {
    expect(functionArn).toBe(event.ServiceToken);
    this.seen.push({
      event,
      stackStatus: this.cloudFormation.describeStack(event.StackId)?.status,
      at: this.clock.now(),
    });
    await this.accept();
    const reply = this.reply(event);
    if (reply === 'never') return;
    if (reply === 'refuse') throw new Error('Access denied for operation lambda:InvokeFunction');
    const body = reply.body ?? answerTo(event, reply.answer);
    this.clock.schedule(reply.after ?? 0, () => this.answer(event, body));
  }

  private thing(): ResourceType {
    const note = (what: string, logicalId: string) => this.things.push(`${what} ${logicalId}`);
    const state = (name: unknown, logicalId: string) => ({
      physicalId: typeof name === 'string' ? name : `thing-${logicalId}`,
      attributes: { Arn: `arn:thing:${logicalId}` },
    });
    const fail = (properties: Readonly<Record<string, unknown>>, when: string) => {
      if (properties.Fail === when) throw new Error(`cannot ${when}`);
    };
    return {
      create: async ({ logicalId, properties }) => {
        note('create', logicalId);
        await this.accept();
        fail(properties, 'create');
        return state(properties.Name, logicalId);
      },
      update: async ({ logicalId, properties }) => {
        note('update', logicalId);
        fail(properties, 'update');
        return state(properties.Name, logicalId);
      },
      delete: async ({ logicalId, properties, state: { physicalId } }) => {
        note('delete', physicalId === `thing-${logicalId}` ? logicalId : physicalId);
        fail(properties, 'delete');
      },
    };
  }
}

/** A valid response body, except for the given fields. */
export function answerTo(event: CustomResourceEvent, fields: Readonly<Record<string, unknown>> = {}): string {
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = `id-${LogicalResourceId}` } = event;
  const right = { Status: 'SUCCESS', PhysicalResourceId, StackId, RequestId, LogicalResourceId };
  return JSON.stringify({ ...right, ...fields });
}

/** A custom resource of a template. */
export function custom(properties: Template = {}, more: Template = {}): Template {
  return { Type: 'Custom::Thing', Properties: { ServiceToken: FUNCTION, ...properties }, ...more };
}

/** A `Test::Thing` of a template. */
export function thing(properties: Template = {}, more: Template = {}): Template {
  return { Type: 'Test::Thing', Properties: properties, ...more };
}

/** A response with the status FAILED. */
export function failed(fields: Template = {}): Reply {
  return { answer: { Status: 'FAILED', Reason: 'it broke', ...fields } };
}
