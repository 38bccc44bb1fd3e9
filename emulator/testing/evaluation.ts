import { STACK_TYPE } from '../aws/cloudformation/engine';
import { references } from '../aws/cloudformation/intrinsics';
import { Parameters } from '../aws/cloudformation/parameters';
import { type Definition, Plan, type PlanContext } from '../aws/cloudformation/plan';
import type { ResourceState } from '../aws/cloudformation/resource-type';
import { isRecord, readTemplate, type Template } from '../aws/cloudformation/template';
import { type AwsEnvironment, arnOf } from '../core/environment';
import type { Assets, SynthesizedStack } from '../simulation/assembly';
import { originalType, stub } from './stubs';

/** A part of a string that is known only when the stack is deployed. */
export const UNKNOWN = '\u0000';

/** A template before its deployment: its conditions are decided, and its values are resolved as far as they are known. */
export interface EvaluatedTemplate {
  /** The name of the stack, or of the root of a nested stack. */
  readonly stackName: string;
  /** The URL of the template of a nested stack. */
  readonly url?: string;
  readonly template: Template;
  /** The resources whose conditions are true. */
  readonly resources: readonly EvaluatedResource[];
}

export interface EvaluatedResource {
  readonly logicalId: string;
  readonly type: string;
  /** The resolved properties; undefined if they cannot be resolved before the deployment. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** The properties in the template. */
  readonly template: unknown;
}

/** The values that stacks refer to. */
export interface EvaluationContext {
  readonly environment: AwsEnvironment;
  readonly assets: Pick<Assets, 'templateAt'>;
  /** The values of Parameter Store, by name. */
  readonly ssmParameters: Readonly<Record<string, string>>;
}

/** Evaluates stacks in the order of their deployment, because later stacks refer to the outputs of earlier ones. */
export function evaluateStacks(stacks: readonly SynthesizedStack[], context: EvaluationContext): EvaluatedTemplate[] {
  const evaluation = new Evaluation(context);
  return stacks.flatMap(({ stackName, template, parameters = {} }) => {
    const { templates, outputs } = evaluation.evaluate({ stackName }, template, parameters);
    evaluation.outputs.set(stackName, outputs);
    return templates;
  });
}

interface Evaluated {
  /** The template, and those of its nested stacks. */
  readonly templates: EvaluatedTemplate[];
  readonly outputs: ReadonlyMap<string, string>;
}

class Evaluation {
  /** The outputs of each stack, by its name. */
  readonly outputs = new Map<string, ReadonlyMap<string, string>>();
  private readonly exports = new Map<string, string>();

  constructor(private readonly context: EvaluationContext) {}

  evaluate(
    identity: Pick<EvaluatedTemplate, 'stackName' | 'url'>,
    document: unknown,
    values: Readonly<Record<string, string>>,
  ): Evaluated {
    const template = readTemplate(document);
    const nested = new Map<string, Evaluated>();
    const attributes = attributesOf(template);
    const context: PlanContext = {
      environment: this.context.environment,
      stackId: arnOf(this.context.environment, 'cloudformation', `stack/${identity.stackName}/${UNKNOWN}`),
      stackName: identity.stackName,
      ssmParameter: (name) => this.context.ssmParameters[name] ?? UNKNOWN,
      importValue: (name) => this.exports.get(name) ?? UNKNOWN,
      stackOutput: (stackName, outputName) => this.outputs.get(stackName)?.get(outputName) ?? UNKNOWN,
      resource: (logicalId) => {
        const definition = plan.definitions.get(logicalId);
        return definition && this.stateOf(definition, attributes.get(logicalId) ?? [], nested);
      },
    };
    const plan: Plan = new Plan(template, new Parameters(template, values, context.ssmParameter), context);
    for (const definition of plan.definitions.values()) {
      if (definition.type !== STACK_TYPE) continue;
      nested.set(definition.logicalId, this.evaluateNested(identity.stackName, plan, definition));
    }
    const resources = [...plan.definitions.values()].map((definition) => ({
      logicalId: definition.logicalId,
      type: definition.type,
      properties: attempt(() => plan.properties(definition)),
      template: definition.properties,
    }));
    const own: EvaluatedTemplate = { ...identity, template, resources };
    const templates = [own, ...[...nested.values()].flatMap((child) => child.templates)];
    return { templates, outputs: this.outputsOf(plan) };
  }

  private evaluateNested(stackName: string, plan: Plan, definition: Definition): Evaluated {
    const { TemplateURL: url, Parameters: given = {} } = attempt(() => plan.properties(definition)) ?? {};
    const template = typeof url === 'string' ? attempt(() => this.context.assets.templateAt(url)) : undefined;
    // The deployment reports what is wrong with it.
    if (template === undefined || !isRecord(given)) return { templates: [], outputs: new Map() };
    const values = Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : String(value),
    ]);
    return this.evaluate({ stackName, url: String(url) }, template, Object.fromEntries(values));
  }

  private stateOf(
    { logicalId, type, properties }: Definition,
    attributes: readonly string[],
    nested: ReadonlyMap<string, Evaluated>,
  ): ResourceState {
    const original = originalType(type);
    const { name, attribute } =
      original === type
        ? { name: UNKNOWN, attribute: () => UNKNOWN }
        : stub(logicalId, original, properties, this.context.environment);
    const value = (attributeName: string) =>
      nested.get(logicalId)?.outputs.get(attributeName.replace(/^Outputs\./, '')) ?? attribute(attributeName);
    return { physicalId: name, attributes: Object.fromEntries(attributes.map((each) => [each, value(each)])) };
  }

  private outputsOf(plan: Plan): Map<string, string> {
    const outputs = plan.outputKeys.flatMap((key) => attempt(() => plan.output(key)) ?? []);
    for (const { exportName, value } of outputs) if (exportName !== undefined) this.exports.set(exportName, value);
    return new Map(outputs.map(({ key, value }) => [key, value]));
  }
}

/** The attributes of each resource that a template refers to. */
export function attributesOf({ Resources, Outputs }: Template): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const value of [...Object.values(Resources), ...Object.values(Outputs ?? {})]) {
    for (const { name, attribute } of attempt(() => references(value)) ?? []) {
      if (attribute !== undefined) attributes.set(name, [...(attributes.get(name) ?? []), attribute]);
    }
  }
  return attributes;
}

/** Undefined if a value cannot be resolved. The deployment reports the reason. */
function attempt<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}
