import { validationError } from './errors';
import { isRecord } from './template';

/** The values that the intrinsic functions of a template look up. */
export interface Scope {
  /** The value of a parameter or pseudo parameter, or the physical ID of a resource. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): unknown;
  importValue(name: string): string;
  /** The value of an SSM parameter, by its name. */
  ssmParameter(name: string): string;
  /** The output of another stack. */
  stackOutput(stackName: string, outputName: string): string;
}

/** The value of `AWS::NoValue`, until the member with this value is removed. */
export const NO_VALUE = Symbol('AWS::NoValue');

interface Call {
  readonly name: string;
  readonly argument: unknown;
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(asString('Ref', argument)),
  'Fn::GetAtt': (argument, scope) => scope.attribute(...attributeOf(argument)),
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::Select': select,
  'Fn::Split': (argument, scope) => {
    const [delimiter, text] = resolvedList('Fn::Split', argument, 2, scope);
    return asString('Fn::Split', text).split(asString('Fn::Split', delimiter));
  },
  'Fn::If': (argument, scope) => {
    const [name, then, otherwise] = listOf('Fn::If', argument, 3);
    return evaluate(scope.condition(asString('Fn::If', name)) ? then : otherwise, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = resolvedList('Fn::FindInMap', argument, 3, scope).map((key) =>
      asString('Fn::FindInMap', key),
    ) as [string, string, string];
    return scope.mapping(map, top, second);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(asString('Fn::Base64', evaluate(argument, scope))).toString('base64'),
  'Fn::GetAZs': (argument, scope) => {
    const region =
      asString('Fn::GetAZs', evaluate(argument, scope)) || asString('Fn::GetAZs', scope.ref('AWS::Region'));
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::GetStackOutput': stackOutput,
  'Fn::ImportValue': (argument, scope) => scope.importValue(asString('Fn::ImportValue', evaluate(argument, scope))),
};

type Decide = (argument: unknown, scope: Scope) => boolean;

const CONDITIONS: Readonly<Record<string, Decide>> = {
  Condition: (argument, scope) => scope.condition(asString('Condition', argument)),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = resolvedList('Fn::Equals', argument, 2, scope);
    return scalar('Fn::Equals', left) === scalar('Fn::Equals', right);
  },
  'Fn::And': (argument, scope) => listOf('Fn::And', argument).every((part) => decide(part, scope)),
  'Fn::Or': (argument, scope) => listOf('Fn::Or', argument).some((part) => decide(part, scope)),
  'Fn::Not': (argument, scope) => !decide(listOf('Fn::Not', argument, 1)[0], scope),
};

/** Replaces every intrinsic function in a value by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = evaluate(value, scope);
  return resolved === NO_VALUE ? undefined : withParameters(resolved, scope);
}

/** Whether a condition of the template is true. */
export function decide(value: unknown, scope: Scope): boolean {
  const [name, argument, ...others] = isRecord(value) ? Object.entries(value).flat() : [];
  const evaluator = others.length === 0 && typeof name === 'string' ? own(CONDITIONS, name) : undefined;
  if (!evaluator) throw validationError(`unsupported intrinsic ${JSON.stringify(name ?? value)} in a condition`);
  return evaluator(argument, scope);
}

/** A reference: to a name by `Ref` or `${Name}`, or to an attribute by `Fn::GetAtt` or `${Name.Attribute}`. */
export interface Reference {
  readonly name: string;
  readonly attribute?: string;
}

/** The references in a value. Throws at the first intrinsic function that is not supported. */
export function references(value: unknown): Reference[] {
  if (typeof value === 'string') {
    refuseDynamic(value);
    return [];
  }
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isRecord(value)) return [];
  const call = callOf(value);
  switch (call?.name) {
    case 'Ref':
      return [{ name: asString('Ref', call.argument) }];
    case 'Fn::GetAtt': {
      const [name, attribute] = attributeOf(call.argument);
      return [{ name, attribute }];
    }
    case 'Fn::Sub': {
      const { text, variables } = substitution(call.argument);
      const named = placeholders(text).filter((name) => own(variables, name) === undefined);
      return [...named.map(reference), ...references(variables)];
    }
    default:
      return Object.values(value).flatMap(references);
  }
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isRecord(value)) return value;
  const call = callOf(value);
  if (call) return (FUNCTIONS[call.name] as Evaluate)(call.argument, scope);
  const members = Object.entries(value).map(([key, member]) => [key, evaluate(member, scope)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
}

function callOf(value: Readonly<Record<string, unknown>>): Call | undefined {
  const keys = Object.keys(value);
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  // With other members beside it, Ref is the name of a property. Only functions begin with Fn::.
  if (name === undefined || (name === 'Ref' && keys.length > 1)) return undefined;
  if (keys.length > 1 || !own(FUNCTIONS, name)) throw validationError(`unsupported intrinsic ${keys.join(' with ')}`);
  return { name, argument: value[name] };
}

/** A reference to an SSM parameter in a string: its name, and a version, which is ignored. */
const SSM_REFERENCE = /\{\{resolve:ssm:([^:}]+)(:\d+)?\}\}/g;

/** Rejects references to secrets, whose values the emulator does not have. */
function refuseDynamic(text: string): void {
  const dynamic = /\{\{resolve:[^}]*\}\}/.exec(text.replace(SSM_REFERENCE, ''))?.[0];
  if (dynamic) throw validationError(`unsupported dynamic reference ${dynamic}`);
}

/** Replaces the references to SSM parameters in the strings of a value. */
function withParameters(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return value.replace(SSM_REFERENCE, (_, name: string) => scope.ssmParameter(name));
  if (Array.isArray(value)) return value.map((item) => withParameters(item, scope));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withParameters(member, scope)]));
}

function attributeOf(argument: unknown): [string, string] {
  const [name, ...attribute] = typeof argument === 'string' ? argument.split('.') : listOf('Fn::GetAtt', argument, 2);
  if (typeof name !== 'string' || attribute.length === 0 || !attribute.every((part) => typeof part === 'string')) {
    throw validationError(
      'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    );
  }
  return [name, attribute.join('.')];
}

function join(argument: unknown, scope: Scope): string {
  const [delimiter, items] = resolvedList('Fn::Join', argument, 2, scope);
  if (!Array.isArray(items)) throw invalid('Fn::Join', argument);
  return items.map((item) => scalar('Fn::Join', item)).join(asString('Fn::Join', delimiter));
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, items] = resolvedList('Fn::Select', argument, 2, scope);
  const position = Number(scalar('Fn::Select', index));
  if (!Array.isArray(items)) throw invalid('Fn::Select', argument);
  if (!Number.isInteger(position) || position < 0 || position >= items.length) {
    throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${String(index)}`);
  }
  return items[position];
}

/** A reference to a stack of the same account and region. The emulator has no others. */
function stackOutput(argument: unknown, scope: Scope): string {
  const members = evaluate(argument, scope);
  const { StackName, OutputName, Region, ...others } = isRecord(members) ? members : {};
  const isElsewhere = Region !== undefined && Region !== scope.ref('AWS::Region');
  const [unsupported] = isElsewhere ? ['Region'] : Object.keys(others);
  if (unsupported !== undefined) throw validationError(`unsupported member ${unsupported} of Fn::GetStackOutput`);
  return scope.stackOutput(asString('Fn::GetStackOutput', StackName), asString('Fn::GetStackOutput', OutputName));
}

const PLACEHOLDER = /\$\{(!?)([^}]*)\}/g;

function substitute(argument: unknown, scope: Scope): string {
  const { text, variables } = substitution(argument);
  return text.replace(PLACEHOLDER, (_whole, escaped: string, name: string) => {
    if (escaped) return `\${${name}}`;
    const variable = own(variables, name);
    if (variable !== undefined) return scalar('Fn::Sub', evaluate(variable, scope));
    const to = reference(name);
    const value = to.attribute === undefined ? scope.ref(to.name) : scope.attribute(to.name, to.attribute);
    return scalar('Fn::Sub', value);
  });
}

function substitution(argument: unknown): { text: string; variables: Readonly<Record<string, unknown>> } {
  const [text, variables] = typeof argument === 'string' ? [argument, {}] : listOf('Fn::Sub', argument, 2);
  if (!isRecord(variables)) throw invalid('Fn::Sub', argument);
  return { text: asString('Fn::Sub', text), variables };
}

function placeholders(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].filter(([, escaped]) => !escaped).map(([, , name]) => name as string);
}

function reference(placeholder: string): Reference {
  const [name, ...attribute] = placeholder.split('.') as [string, ...string[]];
  return attribute.length === 0 ? { name } : { name, attribute: attribute.join('.') };
}

function listOf(name: string, argument: unknown, length?: number): unknown[] {
  if (!Array.isArray(argument) || (length !== undefined && argument.length !== length)) throw invalid(name, argument);
  return argument;
}

function resolvedList(name: string, argument: unknown, length: number, scope: Scope): unknown[] {
  return listOf(name, argument, length).map((part) => evaluate(part, scope));
}

function asString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(name, value);
  return value;
}

function scalar(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(name, value);
}

function invalid(name: string, found: unknown): Error {
  const what = found === NO_VALUE ? 'AWS::NoValue' : JSON.stringify(found);
  return validationError(`Template error: ${name} cannot be evaluated with ${what}`);
}

/** Reads an own member of an object, because a template may refer to `constructor`. */
function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
