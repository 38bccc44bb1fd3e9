import { CloudFormation } from '../../../../emulator/aws/cloudformation/cloudformation';
import type { CustomResourceEvent } from '../../../../emulator/aws/cloudformation/custom-resource';
import type { StackEvent } from '../../../../emulator/aws/cloudformation/engine';
import type { ResourceType } from '../../../../emulator/aws/cloudformation/resource-type';
import { VirtualClock } from '../../../../emulator/core/clock';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:provider';

/** What the function behind a custom resource does with an event: fields of its answer, or something worse. */
export type Reply =
  | 'never'
  | 'refuse'
  | { readonly after?: number; readonly body?: string; readonly answer?: Readonly<Record<string, unknown>> };

/** What a custom resource saw, in one line. */
export interface Seen {
  readonly event: CustomResourceEvent;
  readonly stackStatus: string | undefined;
  readonly at: number;
}

type Template = Readonly<Record<string, unknown>>;

/** An embedded CloudFormation with a virtual clock, a function whose answers a test decides, and a type of resource. */
export class EmulatorFixture {
  readonly clock = new VirtualClock();
  readonly events: StackEvent[] = [];
  readonly seen: Seen[] = [];
  /** `create A`, `update A`, `delete A`, as the type `Test::Thing` was asked. */
  readonly things: string[] = [];
  readonly templates = new Map<string, Template>();
  readonly parameters = new Map<string, string>();
  readonly emulator: CloudFormation;
  reply: (event: CustomResourceEvent) => Reply = () => ({});
  /** What passes before an invocation is accepted, and before a thing is created. */
  accept: () => Promise<void> = async () => undefined;
  private count = 0;

  constructor() {
    this.emulator = new CloudFormation({
      clock: this.clock,
      region: 'eu-west-1',
      accountId: '123456789012',
      types: { 'Test::Thing': this.thing() },
      ids: () => `00000000-0000-4000-8000-${String(++this.count).padStart(12, '0')}`,
      invoke: (functionArn, event) => this.invoke(functionArn, event),
      responseUrlBase: () => 'http://127.0.0.1:4566',
      templateAt: (url) => this.templates.get(url),
      ssmParameter: (name) => this.parameters.get(name),
      onEvent: (event) => this.events.push(event),
    });
  }

  create(resources: Template, more: Template = {}) {
    return this.emulator.createStack({ stackName: 'web', template: { Resources: resources, ...more } });
  }

  update(resources: Template, more: Template = {}) {
    return this.emulator.updateStack({ stackName: 'web', template: { Resources: resources, ...more } });
  }

  /** The statuses that a stack, or all of them, went through. */
  statuses(stackName = 'web'): string[] {
    return this.events.filter(({ logicalId }) => logicalId === stackName).map(({ status }) => status);
  }

  /** The statuses that a resource went through, without the intermediate lines that carry only a reason. */
  statusesOf(logicalId: string): string[] {
    return this.events
      .filter((event) => event.logicalId === logicalId && !/Initiated|Requested/.test(event.statusReason ?? ''))
      .map(({ status }) => status);
  }

  reasonOf(logicalId: string, status: string): string | undefined {
    return this.events.find((event) => event.logicalId === logicalId && event.status === status)?.statusReason;
  }

  /** What custom resources saw since the last call: stack status, request type, logical id. */
  takeSeen(): string[] {
    return this.seen
      .splice(0)
      .map(({ event, stackStatus }) => `${stackStatus}: ${event.RequestType} ${event.LogicalResourceId}`);
  }

  answer(event: CustomResourceEvent, body: string): number | undefined {
    const { pathname, search } = new URL(event.ResponseURL);
    return this.emulator.takeAnswer({ method: 'PUT', path: pathname + search, body })?.statusCode;
  }

  private async invoke(functionArn: string, event: CustomResourceEvent): Promise<void> {
    expect(functionArn).toBe(event.ServiceToken);
    this.seen.push({
      event,
      stackStatus: this.emulator.describeStack(event.StackId)?.status,
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

/** The body of an answer that is right in everything but the given fields. */
export function answerTo(event: CustomResourceEvent, fields: Readonly<Record<string, unknown>> = {}): string {
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = `id-${LogicalResourceId}` } = event;
  const right = { Status: 'SUCCESS', PhysicalResourceId, StackId, RequestId, LogicalResourceId };
  return JSON.stringify({ ...right, ...fields });
}

/** A custom resource of a template. */
export function custom(properties: Template = {}, more: Template = {}): Template {
  return { Type: 'Custom::Thing', Properties: { ServiceToken: FUNCTION, ...properties }, ...more };
}

/** A resource of a template that is no custom one. */
export function thing(properties: Template = {}, more: Template = {}): Template {
  return { Type: 'Test::Thing', Properties: properties, ...more };
}

/** An answer that says FAILED. */
export function failed(fields: Template = {}): Reply {
  return { answer: { Status: 'FAILED', Reason: 'it broke', ...fields } };
}
