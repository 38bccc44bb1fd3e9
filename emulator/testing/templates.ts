import { STACK_TYPE } from '../aws/cloudformation/engine';
import { references, resolve, type Scope } from '../aws/cloudformation/intrinsics';
import type { Template } from '../aws/cloudformation/template';
import type { AwsEnvironment } from '../core/environment';
import type { Assets } from '../simulation/assembly';
import { originalType, stub } from './stubs';

/** A template, and what can be said of its values before it is deployed. */
export interface ReadTemplate {
  /** Of the stack that it is the template of, or of the outermost of those that this one is nested in. */
  readonly stackName: string;
  readonly template: Template;
  /** A value as far as it is known: what is not is `UNKNOWN`, and `undefined` what cannot be said at all. */
  value(value: unknown): unknown;
}

/** Stands in a text for what is known only when the stack is deployed. */
export const UNKNOWN = '\u0000';

export interface Surroundings {
  readonly environment: AwsEnvironment;
  readonly assets: Assets;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The template of a stack, and those of the stacks that are nested in it. */
export function templatesOf(stackName: string, document: unknown, surroundings: Surroundings): ReadTemplate[] {
  const template = document as Template;
  const scope = scopeOf(stackName, template, surroundings);
  const value = (unresolved: unknown) => {
    try {
      return resolve(unresolved, scope);
    } catch {
      // Whoever deploys it says what is wrong with it.
      return undefined;
    }
  };
  const nested = Object.values(template.Resources ?? {})
    .filter(({ Type }) => Type === STACK_TYPE)
    .map(({ Properties }) => value(Properties?.TemplateURL))
    .filter((url) => typeof url === 'string')
    .flatMap((url) => templatesOf(stackName, surroundings.assets.templateAt(url), surroundings));
  return [{ stackName, template, value }, ...nested];
}

function scopeOf(stackName: string, { Parameters = {}, Resources = {}, Mappings }: Template, of: Surroundings): Scope {
  const { environment, parameters } = of;
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': environment.account,
    'AWS::Partition': environment.partition,
    'AWS::Region': environment.region,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const stubResourceTypes = (logicalId: string) => {
    const { Type = '', Properties } = Resources[logicalId] ?? {};
    return originalType(Type) === Type ? undefined : stub(logicalId, originalType(Type), Properties, environment);
  };
  const parameter = (name: string) => {
    const { Type, Default } = Parameters[name] ?? {};
    return Type === 'String' || Type === 'Number' ? (parameters[name] ?? Default) : undefined;
  };
  return {
    ref: (name) => pseudo[name] ?? parameter(name) ?? stubResourceTypes(name)?.name ?? UNKNOWN,
    attribute: (logicalId, attribute) => stubResourceTypes(logicalId)?.attribute(attribute) ?? UNKNOWN,
    condition: () => true,
    mapping: (map, top, second) =>
      (Mappings as Record<string, Record<string, Record<string, unknown>>>)?.[map]?.[top]?.[second] ?? UNKNOWN,
    importValue: () => UNKNOWN,
    stackOutput: () => UNKNOWN,
    ssmParameter: () => UNKNOWN,
  };
}

/** All attributes of resources that templates ask for. */
export function attributesIn(templates: readonly ReadTemplate[]): string[] {
  const values = templates.flatMap(({ template: { Resources, Outputs } }) => [...Object.values(Resources), Outputs]);
  const found = values.flatMap((value) => {
    try {
      return references(value);
    } catch {
      // Whoever deploys it says what is wrong with it.
      return [];
    }
  });
  return [...new Set(found.flatMap(({ attribute }) => attribute ?? []))];
}
