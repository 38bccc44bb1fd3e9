import { type AwsEnvironment, urlSuffixOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { validationError } from './errors';
import { type Graph, refuseCycles } from './graph';
import { decide, NO_VALUE, type Reference, references, resolve, type Scope } from './intrinsics';
import type { Parameters, SsmParameter } from './parameters';
import type { ResourceState } from './resource-type';
import { isRecord, type Template, type TemplateOutput, type TemplateResource } from './template';

/** A resource of a template. */
export interface Definition {
  readonly logicalId: string;
  readonly type: string;
  /** As in the template, with intrinsic functions. */
  readonly properties: unknown;
  /** The logical IDs of its dependencies. */
  readonly needs: ReadonlySet<string>;
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
}

/** An output of a stack. */
export interface Output {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** The values of the stack and its environment for a plan. */
export interface PlanContext {
  readonly environment: AwsEnvironment;
  readonly stackId: string;
  readonly stackName: string;
  resource(logicalId: string): ResourceState | undefined;
  importValue(name: string): string;
  stackOutput(stackName: string, outputName: string): string;
  readonly ssmParameter?: SsmParameter;
}

/** A template with parameter values, in which conditions are decided and references are checked. */
export class Plan {
  /** The resources whose conditions are true. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** The names of the imported exports. */
  readonly imports = new Set<string>();
  private readonly scope: Scope;

  constructor(
    readonly template: Template,
    readonly parameters: Parameters,
    context: PlanContext,
  ) {
    this.scope = new StackScope(template, parameters, context, this.imports);
    this.checkReferences();
    const included = Object.entries(template.Resources).filter(([, { Condition }]) => this.holds(Condition));
    const ids = new Set(included.map(([logicalId]) => logicalId));
    this.definitions = new Map(included.map(([logicalId, resource]) => [logicalId, define(logicalId, resource, ids)]));
    refuseCycles(this.graph());
  }

  /** The same for plans without a difference to update. */
  get fingerprint(): string {
    return JSON.stringify([this.template, this.parameters.texts()]);
  }

  graph(): Graph {
    return new Map([...this.definitions.values()].map(({ logicalId, needs }) => [logicalId, needs]));
  }

  /** The properties of a resource with every intrinsic function resolved. */
  properties({ properties }: Definition): Readonly<Record<string, unknown>> {
    return resolve(properties, this.scope) as Readonly<Record<string, unknown>>;
  }

  outputs(): Output[] {
    return this.outputKeys.map((key) => this.output(key));
  }

  /** The keys of the outputs whose conditions are true. */
  get outputKeys(): string[] {
    const outputs = Object.entries(this.template.Outputs ?? {});
    return outputs.filter(([, { Condition }]) => this.holds(Condition)).map(([key]) => key);
  }

  /** @param key one of `outputKeys` */
  output(key: string): Output {
    const { [key]: output } = this.template.Outputs ?? {};
    const { Value, Description, Export } = output as TemplateOutput;
    return {
      key,
      value: this.text(Value, `The Value field of output ${key} must evaluate to a String.`),
      description: Description,
      exportName: Export && this.text(Export.Name, `The export name of output ${key} must evaluate to a String.`),
    };
  }

  private text(value: unknown, problem: string): string {
    const resolved = resolve(value, this.scope);
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    if (typeof resolved !== 'string') throw validationError(`Template format error: ${problem}`);
    return resolved;
  }

  private holds(condition: string | undefined): boolean {
    return condition === undefined || this.scope.condition(condition);
  }

  private checkReferences(): void {
    const { Resources, Outputs = {}, Conditions = {} } = this.template;
    for (const [id, resource] of Object.entries(Resources)) {
      within(`resource ${id}`, () => {
        this.checkEach('Resources', [...references(resource.Properties), ...dependsOn(resource)]);
      });
    }
    for (const [key, output] of Object.entries(Outputs)) {
      within(`output ${key}`, () => this.checkEach('Outputs', references([output.Value, output.Export?.Name])));
    }
    for (const name of Object.keys(Conditions)) within(`condition ${name}`, () => this.scope.condition(name));
  }

  private checkEach(section: string, found: readonly Reference[]): void {
    const isResource = (name: string) => Object.hasOwn(this.template.Resources, name);
    const unresolved = found.filter(
      ({ name, attribute }) =>
        !isResource(name) && (attribute !== undefined || !(this.parameters.has(name) || name.startsWith('AWS::'))),
    );
    if (unresolved.length === 0) return;
    const names = [...new Set(unresolved.map(({ name }) => name))].join(', ');
    throw validationError(
      `Template format error: Unresolved resource dependencies [${names}] in the ${section} block of the template`,
    );
  }
}

class StackScope implements Scope {
  private readonly decided = new Map<string, boolean | undefined>();
  private readonly pseudo: Readonly<Record<string, unknown>>;

  constructor(
    private readonly template: Template,
    private readonly parameters: Parameters,
    private readonly context: PlanContext,
    private readonly imports: Set<string>,
  ) {
    const { partition, region, account } = context.environment;
    this.pseudo = {
      'AWS::AccountId': account,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
      'AWS::Partition': partition,
      'AWS::Region': region,
      'AWS::StackId': context.stackId,
      'AWS::StackName': context.stackName,
      'AWS::URLSuffix': urlSuffixOf(partition),
    };
  }

  ref(name: string): unknown {
    if (name.startsWith('AWS::')) {
      if (!Object.hasOwn(this.pseudo, name)) throw validationError(`unsupported pseudo parameter ${name}`);
      return this.pseudo[name];
    }
    return this.parameters.has(name) ? this.parameters.value(name) : this.resource(name).physicalId;
  }

  attribute(logicalId: string, attribute: string): unknown {
    const { attributes, missing } = this.resource(logicalId);
    if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
    throw validationError(
      missing?.(attribute) ??
        `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
    );
  }

  condition(name: string): boolean {
    const conditions = this.template.Conditions ?? {};
    if (!Object.hasOwn(conditions, name)) {
      throw validationError(`Template format error: Unresolved condition dependency ${name}`);
    }
    if (this.decided.has(name)) {
      const value = this.decided.get(name);
      if (value === undefined) throw validationError(`Template format error: condition ${name} depends on itself`);
      return value;
    }
    this.decided.set(name, undefined);
    const value = decide(conditions[name], this);
    this.decided.set(name, value);
    return value;
  }

  mapping(map: string, top: string, second: string): unknown {
    let found: unknown = this.template.Mappings;
    for (const key of [map, top, second]) {
      if (!isRecord(found) || !Object.hasOwn(found, key)) {
        throw validationError(`Template error: Unable to get mapping for ${map}::${top}::${second}`);
      }
      found = found[key];
    }
    return found;
  }

  importValue(name: string): string {
    const value = this.context.importValue(name);
    this.imports.add(name);
    return value;
  }

  stackOutput(stackName: string, outputName: string): string {
    return this.context.stackOutput(stackName, outputName);
  }

  ssmParameter(name: string): string {
    const value = this.context.ssmParameter?.(name);
    if (value === undefined)
      throw validationError(`Unable to fetch parameters [${name}] from parameter store for this account.`);
    return value;
  }

  private resource(logicalId: string): ResourceState {
    const state = this.context.resource(logicalId);
    if (!state) {
      throw validationError(
        `Template format error: Unresolved resource dependencies [${logicalId}] in the Resources block of the template`,
      );
    }
    return state;
  }
}

function define(logicalId: string, resource: TemplateResource, ids: ReadonlySet<string>): Definition {
  const named = [...references(resource.Properties), ...dependsOn(resource)].map(({ name }) => name);
  return {
    logicalId,
    type: resource.Type,
    properties: resource.Properties ?? {},
    needs: new Set(named.filter((name) => ids.has(name))),
    deletionPolicy: resource.DeletionPolicy ?? 'Delete',
    updateReplacePolicy: resource.UpdateReplacePolicy ?? 'Delete',
  };
}

/** Dependencies as references to attributes, because they are resources and not parameters. */
function dependsOn({ DependsOn = [] }: TemplateResource): Reference[] {
  return [DependsOn].flat().map((name) => ({ name, attribute: '' }));
}

/** Adds the location in the template to an error. */
function within(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ServiceError) || !error.message.startsWith('unsupported')) throw error;
    throw validationError(`${error.message} in ${place}`);
  }
}
