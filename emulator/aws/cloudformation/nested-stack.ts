import { type Engine, nameSuffix, STACK_TYPE } from './engine';
import {
  CANCELLED,
  type ExistingResource,
  ResourceFailure,
  type ResourceRequest,
  type ResourceState,
  type ResourceType,
} from './resource-type';
import type { Stack, StackIdentity } from './stack';
import { isRecord } from './template';

export interface NestedStackOptions {
  readonly engine: Engine;
  /** Returns the template at a `TemplateURL`. */
  readonly templateAt?: (url: string) => unknown;
  readonly stack: (id: string) => Stack | undefined;
  /** Creates a stack, which can be found by its ID from then on. */
  readonly open: (
    identity: Omit<StackIdentity, 'id'>,
    template: unknown,
    parameters: Readonly<Record<string, string>>,
  ) => Stack;
}

/** The resource type of nested stacks. */
export function nestedStackType(options: NestedStackOptions): ResourceType {
  const existing = (id: string): Stack => {
    const stack = options.stack(id);
    if (!stack) throw new Error(`Stack with id ${id} does not exist`);
    return stack;
  };

  return {
    holdsClock: true,

    async create(request) {
      const parent = existing(request.stackId);
      const { template, parameters } = contentOf(request, options);
      const name = `${request.stackName}-${request.logicalId}-${nameSuffix(options.engine.ids)}`;
      const child = options.open({ name, parent }, template, parameters);
      const failure = await child.create({ signal: request.signal });
      if (failure === undefined) return stateOf(child);
      throw new ResourceFailure(
        request.signal?.aborted
          ? CANCELLED.create
          : `Embedded stack ${child.id} was not successfully created: ${failure}`,
        child.id,
      );
    },

    async update(request, old) {
      const child = existing(old.state.physicalId);
      const { template, parameters } = contentOf(request, options);
      const failure = await child.update(template, parameters, { signal: request.signal });
      if (failure === undefined) return stateOf(child);
      throw new Error(
        request.signal?.aborted
          ? CANCELLED.update
          : `Embedded stack ${child.id} was not successfully updated. Currently in ${child.status} with reason: ${failure}`,
      );
    },

    async rollBack(_request, updated) {
      const child = existing(updated.state.physicalId);
      if (await child.rollBack()) return stateOf(child);
      throw new Error(
        `Embedded stack ${child.id} was not successfully updated. Currently in ${child.status} with reason: ${child.describe().statusReason}`,
      );
    },

    async cleanUp(request) {
      const child = existing(request.state.physicalId);
      if (child.pending) await child.cleanUp();
    },

    async delete(request: ExistingResource) {
      const child = existing(request.state.physicalId);
      const failure = await child.delete();
      if (failure !== undefined) {
        throw new Error(`Embedded stack ${child.id} was not successfully deleted: ${failure}`);
      }
    },
  };
}

const PROPERTIES = ['TemplateURL', 'Parameters', 'Tags'];

function contentOf(
  { properties, logicalId }: ResourceRequest,
  { templateAt }: NestedStackOptions,
): { template: unknown; parameters: Record<string, string> } {
  const unsupported = Object.keys(properties).filter((name) => !PROPERTIES.includes(name));
  if (unsupported.length > 0) throw new Error(`unsupported properties of ${STACK_TYPE}: ${unsupported.join(', ')}`);
  const { TemplateURL, Parameters = {} } = properties;
  if (typeof TemplateURL !== 'string') throw new Error(`${logicalId} has no TemplateURL`);
  if (!isRecord(Parameters)) throw new Error(`Parameters of ${logicalId} must be an object`);
  const template = templateAt?.(TemplateURL);
  if (template === undefined) throw new Error(`no template at ${TemplateURL}`);
  const texts = Object.entries(Parameters).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : String(value),
  ]);
  return { template, parameters: Object.fromEntries(texts) as Record<string, string> };
}

function stateOf(child: Stack): ResourceState {
  return {
    physicalId: child.id,
    attributes: Object.fromEntries(child.outputs.map(({ key, value }) => [`Outputs.${key}`, value])),
    missing: (attribute) =>
      attribute.startsWith('Outputs.')
        ? `Output '${attribute.slice('Outputs.'.length)}' not found in stack '${child.id}'`
        : `Template error: resource ${child.name} does not support attribute type ${attribute} in Fn::GetAtt`,
  };
}
