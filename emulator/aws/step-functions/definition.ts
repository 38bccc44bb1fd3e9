import { ServiceError } from '../../core/http-server';
import { CONTEXT, STATE_NAMES } from './context';
import { NEVER_SECONDS } from './interpreter';
import type { Json, JsonObject } from './json';
import { integrationOf } from './task';

/** States with a start: a state machine, a branch of a Parallel, or the processor of a Map. */
export interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, JsonObject>>;
  readonly TimeoutSeconds?: number;
  readonly QueryLanguage?: string;
}

/** The work of a state. */
export type Work =
  | { readonly kind: 'task'; readonly resource: string }
  | { readonly kind: 'map'; readonly state: JsonObject; readonly flow: Flow }
  | { readonly kind: 'parallel'; readonly flows: readonly Flow[] };

/** A definition in a form that the interpreter executes as AWS does. */
export interface Program {
  readonly flow: Flow;
  /** The original type of each state. Names of states are unique in a machine, including nested states. */
  readonly types: ReadonlyMap<string, string>;
  readonly work: ReadonlyMap<string, Work>;
}

/** The supported task integrations, with their supported parameters. */
const INTEGRATIONS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName', 'Payload', 'InvocationType'],
  'states:startExecution.sync:2': ['StateMachineArn', 'Input', 'Name'],
  'sns:publish': ['TopicArn', 'Message'],
  'events:putEvents': ['Entries'],
  'aws-sdk:proton:updateServiceInstance': [
    'ServiceName',
    'Name',
    'DeploymentType',
    'TemplateMajorVersion',
    'TemplateMinorVersion',
  ],
  'aws-sdk:ecs:updateService': ['Cluster', 'Service', 'TaskDefinition', 'ForceNewDeployment'],
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

/** The type of the linter, which has no types of its own. */
type Validate = (
  definition: unknown,
  options: { checkArn: boolean; checkPaths: boolean },
) => { isValid: boolean; errorsText: (separator: string) => string };

/** The programs by definition, because the linter takes a tenth of a second for each. */
const programs = new Map<string, Program>();

/**
 * Compiles a definition. Rejects what AWS rejects, and what the emulator does not support. Rewrites what the interpreter
 * executes differently from AWS.
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
  // The linter changes its input, and does not know the ARNs of all partitions.
  const copy = JSON.parse(text.replace(/"arn:aws-[a-z-]+:/g, '"arn:aws:'));
  const { isValid, errorsText } = validate(copy, { checkArn: true, checkPaths: true });
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
  return new Error(`the emulated Step Functions does not support ${what} in ${where}`);
}

/** Turns a Map or a Parallel into a Task for the interpreter, whose own lose events and the inner context. */
function runnable(state: JsonObject): JsonObject {
  const { Resource = 'arn:aws:states:::emulator', ...rest } = withoutWholeResultPath(state);
  const timed = 'TimeoutSeconds' in rest || 'TimeoutSecondsPath' in rest;
  // The default of the interpreter is one minute.
  return { ...rest, Type: 'Task', Resource, ...(timed ? {} : { TimeoutSeconds: NEVER_SECONDS }) };
}

function without(state: JsonObject, ...fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([field]) => !fields.includes(field)));
}

/** Removes `"ResultPath": "$"`, the default, which the interpreter reads as a field of that name. */
function withoutWholeResultPath(state: JsonObject): JsonObject {
  const { ResultPath, ...rest } = state;
  const copy: JsonObject = ResultPath === undefined || ResultPath === '$' ? rest : { ...rest, ResultPath };
  if (Array.isArray(state.Catch)) copy.Catch = (state.Catch as JsonObject[]).map(withoutWholeResultPath);
  return copy;
}

/** Rewrites `"IsPresent": false` and similar tests, which the interpreter never finds true. */
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
 * Rewrites paths into the context object. The interpreter overwrites its Execution, which is wrong in a Map, and has no
 * State. So the context object is in the member `Context`, and the names of states are in the member `StateNames`.
 */
function contextPaths(state: JsonObject, index: number): JsonObject {
  return walk(state) as JsonObject;

  function walk(value: Json, key = ''): Json {
    if (typeof value === 'string') return /(\.\$|Path|^Variable)$/.test(key) ? rewrite(value) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      // Nested states have their own index.
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
