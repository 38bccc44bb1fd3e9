import { ServiceError } from '../../core/http-server';
import { NEVER_SECONDS } from './interpreter';
import type { Json, JsonObject } from './json';
import { integrationOf } from './task';

/** States and where they begin: a state machine, the branch of a Parallel, or what a Map does for each item. */
export interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, JsonObject>>;
  readonly TimeoutSeconds?: number;
  readonly QueryLanguage?: string;
}

/** What is to be done in a state that does something. */
export type Work =
  | { readonly kind: 'task'; readonly resource: string }
  | { readonly kind: 'map'; readonly state: JsonObject; readonly flow: Flow }
  | { readonly kind: 'parallel'; readonly flows: readonly Flow[] };

/** A definition that the interpreter executes as AWS would. */
export interface Program {
  readonly flow: Flow;
  /** The type of each state as it was written. Names of states are unique in a machine, nested ones included. */
  readonly types: ReadonlyMap<string, string>;
  readonly work: ReadonlyMap<string, Work>;
}

/** The part of the context object (`$$`) that holds the context object: see `contextPaths`. */
export const CONTEXT = 'Context';
export const STATE_NAMES = 'StateNames';

/** Tasks that can be run here, and the parameters that are understood. */
const INTEGRATIONS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName', 'Payload', 'InvocationType'],
  'states:startExecution.sync:2': ['StateMachineArn', 'Input', 'Name'],
  'sns:publish': ['TopicArn', 'Message'],
  'aws-sdk:proton:updateServiceInstance': [
    'ServiceName',
    'Name',
    'DeploymentType',
    'TemplateMajorVersion',
    'TemplateMinorVersion',
  ],
};

const UNSUPPORTED_FIELDS = [
  'Arguments',
  'Assign',
  'Credentials',
  'HeartbeatSeconds',
  'HeartbeatSecondsPath',
  'ItemBatcher',
  'ItemReader',
  'Output',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
];

/** What the linter has no types for. */
type Validate = (
  definition: unknown,
  options: { checkArn: boolean; checkPaths: boolean },
) => { isValid: boolean; errorsText: (separator: string) => string };

/** By definition: the linter takes a tenth of a second for each. */
const programs = new Map<string, Program>();

/**
 * Reads a definition, refuses what AWS would refuse, and then what cannot be run here, and mends what the interpreter
 * understands differently from AWS.
 */
export function compile(text: string): Program {
  const program = programs.get(text) ?? adapt(parse(text));
  programs.set(text, program);
  return program;
}

function adapt(definition: Flow): Program {
  const types = new Map<string, string>();
  const work = new Map<string, Work>();

  function adaptFlow(flow: Flow): Flow {
    refuseJsonata(flow.QueryLanguage, 'the machine');
    const States: Record<string, JsonObject> = {};
    for (const [name, state] of Object.entries(flow.States)) {
      checkSupport(name, state);
      const index = types.size;
      types.set(name, String(state.Type));
      States[name] = adaptState(name, contextPaths(state, index));
    }
    return { ...flow, States };
  }

  function adaptState(name: string, state: JsonObject): JsonObject {
    switch (state.Type) {
      case 'Task':
        work.set(name, { kind: 'task', resource: String(state.Resource) });
        return runnable(state);
      case 'Map': {
        const flow = (state.ItemProcessor ?? state.Iterator) as unknown as Flow;
        work.set(name, { kind: 'map', state, flow: adaptFlow(flow) });
        return runnable(without(state, 'ItemProcessor', 'Iterator', 'ItemSelector', 'Parameters'));
      }
      case 'Parallel': {
        work.set(name, { kind: 'parallel', flows: (state.Branches as unknown as Flow[]).map(adaptFlow) });
        return runnable(without(state, 'Branches'));
      }
      case 'Choice':
        return { ...state, Choices: (state.Choices as JsonObject[]).map(typeTests) };
      default:
        return withoutWholeResultPath(state);
    }
  }

  return { flow: adaptFlow(definition), types, work };
}

function parse(text: string): Flow {
  let definition: unknown;
  try {
    definition = JSON.parse(text);
  } catch (error) {
    throw invalid(`INVALID_JSON_DESCRIPTION: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof definition !== 'object' || definition === null) {
    throw invalid('INVALID_JSON_DESCRIPTION: not an object');
  }
  const validate = require('asl-validator') as Validate;
  // It writes into what it checks.
  const { isValid, errorsText } = validate(structuredClone(definition), { checkArn: true, checkPaths: true });
  if (!isValid) throw invalid(errorsText('; '));
  return definition as Flow;
}

function invalid(reason: string): ServiceError {
  return new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${reason}'`);
}

function checkSupport(name: string, state: JsonObject): void {
  const where = `state ${name}`;
  refuseJsonata(state.QueryLanguage, where);
  for (const field of UNSUPPORTED_FIELDS) {
    if (state[field] !== undefined) throw unsupported(field, where);
  }
  const processor = (state.ItemProcessor as JsonObject | undefined)?.ProcessorConfig as JsonObject | undefined;
  if (processor?.Mode === 'DISTRIBUTED') throw unsupported('a distributed Map', where);
  if (state.Type === 'Task') checkResource(where, state);
  if (state.Type === 'Pass' && 'Result' in state && !state.Result) throw unsupported('an empty Result', where);
  for (const path of [state.ErrorPath, state.CausePath]) {
    if (typeof path === 'string' && !path.startsWith('$')) throw unsupported('an intrinsic function of a Fail', where);
  }
  for (const { ResultPath } of [state, ...((state.Catch as JsonObject[] | undefined) ?? [])]) {
    if (typeof ResultPath === 'string' && !/^\$(\.|$)/.test(ResultPath)) {
      throw unsupported(`the ResultPath ${ResultPath}`, where);
    }
  }
}

function checkResource(where: string, state: JsonObject): void {
  const resource = String(state.Resource);
  if (/^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+(:\$LATEST)?$/.test(resource)) return;
  const integration = integrationOf(resource) ?? '';
  const parameters = INTEGRATIONS[integration];
  if (!parameters) throw unsupported(`the resource ${resource}`, where);
  for (const key of Object.keys((state.Parameters as JsonObject | undefined) ?? {})) {
    const parameter = key.replace(/\.\$$/, '');
    if (!parameters.includes(parameter)) throw unsupported(`the parameter ${parameter} of ${integration}`, where);
  }
}

function refuseJsonata(queryLanguage: Json | undefined, where: string): void {
  if (queryLanguage !== undefined && queryLanguage !== 'JSONPath') throw unsupported(String(queryLanguage), where);
}

function unsupported(what: string, where: string): Error {
  return new Error(`the embedded step functions cannot run ${what} in ${where}`);
}

/** What the interpreter sees of a Map or a Parallel is a Task: its own lose events and the context inside of them. */
function runnable(state: JsonObject): JsonObject {
  const { Resource = 'arn:aws:states:::embedded', ...rest } = withoutWholeResultPath(state);
  const timed = 'TimeoutSeconds' in rest || 'TimeoutSecondsPath' in rest;
  // Its own default is a minute.
  return { ...rest, Type: 'Task', Resource, ...(timed ? {} : { TimeoutSeconds: NEVER_SECONDS }) };
}

function without(state: JsonObject, ...fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([field]) => !fields.includes(field)));
}

/** `"ResultPath": "$"` is the default; the interpreter takes it for a field of that name. */
function withoutWholeResultPath(state: JsonObject): JsonObject {
  const { ResultPath, ...rest } = state;
  const mended: JsonObject = ResultPath === undefined || ResultPath === '$' ? rest : { ...rest, ResultPath };
  if (Array.isArray(state.Catch)) mended.Catch = (state.Catch as JsonObject[]).map(withoutWholeResultPath);
  return mended;
}

/** `"IsPresent": false` and its kin are never true to the interpreter. */
function typeTests(rule: JsonObject): JsonObject {
  const { And, Or, Not, Next, ...test } = rule;
  const next: JsonObject = Next === undefined ? {} : { Next };
  if (And) return { And: (And as JsonObject[]).map(typeTests), ...next };
  if (Or) return { Or: (Or as JsonObject[]).map(typeTests), ...next };
  if (Not) return { Not: typeTests(Not as JsonObject), ...next };
  const negated = Object.keys(test).find((key) => key.startsWith('Is') && test[key] === false);
  return negated ? { Not: { ...test, [negated]: true }, ...next } : rule;
}

/**
 * The interpreter writes an Execution of its own into the context object, which is wrong inside of a Map, and knows no
 * State. So the context object is a level deeper than it is written, and the names of states are beside it.
 */
function contextPaths(state: JsonObject, index: number): JsonObject {
  return walk(state) as JsonObject;

  function walk(value: Json, key = ''): Json {
    if (typeof value === 'string') return /(\.\$|Path|^Variable)$/.test(key) ? rewrite(value) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      // The states within have an index of their own.
      Object.entries(value).map(([name, child]) => [name, name === 'States' ? child : walk(child, name)]),
    );
  }

  function rewrite(path: string): string {
    const unknown = /\$\$\.(Task|State\.(?!Name\b)\w+)/.exec(path)?.[0];
    if (unknown) throw unsupported(unknown, path);
    return path
      .replace(/\$\$\.State\.Name\b/g, () => `$$.${STATE_NAMES}[${index}]`)
      .replace(/\$\$(?!\.StateNames)/g, () => `$$.${CONTEXT}`);
  }
}
