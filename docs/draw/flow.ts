import type { Arrow, Box, Graph } from './graph';
import type { Definition } from './state-machine';

export interface Template {
  readonly Resources: Resources;
}

type Value = string | number | boolean | undefined | readonly Value[] | { readonly [key: string]: Value };
type Resources = Readonly<Record<string, Resource>>;

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, Value>>;
}

interface Statement {
  readonly Action: string | readonly string[];
}

const FUNCTION = 'AWS::Lambda::Function';
const MACHINE = 'AWS::StepFunctions::StateMachine';
const RULE = 'AWS::Events::Rule';

/** By the prefix of their actions. */
const SERVICES: Readonly<Record<string, string>> = {
  cloudformation: 'CloudFormation',
  proton: 'AWS Proton',
  ssm: 'Parameter Store',
};

/** Where functions log, and what a state machine runs, which its definition says better. */
const LEFT_OUT: readonly string[] = ['logs', 'lambda'];

/** What of a stack speaks to what, as far as its template says. */
export function flowGraph({ Resources }: Template): Graph {
  const arrows = merged(Object.entries(Resources).flatMap(([id, resource]) => arrowsOf(id, resource, Resources)));
  const ids = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const boxes = [...ids].map((id) => boxOf(id, Resources[id]));
  const label = (id: string) => boxes.find((box) => box.id === id)?.label;
  return {
    title: 'The workflow of a stack',
    description: arrows.map(({ from, to, lines }) => `${label(from)} to ${label(to)}: ${lines.join(', ')}`).join('; '),
    boxes,
    arrows,
  };
}

function arrowsOf(id: string, { Type, Properties }: Resource, resources: Resources): Arrow[] {
  switch (Type) {
    case MACHINE:
      return Object.entries(definitionOf(Properties.DefinitionString).States)
        .filter(([, state]) => state.Type === 'Task')
        .map(([state, { Resource: to }]) => ({ from: id, to: String(to), lines: [state] }));
    case RULE: {
      const { detail } = Properties.EventPattern as { detail: { stateMachineArn: Value; status: readonly string[] } };
      return [
        { from: referred(detail.stateMachineArn), to: id, lines: detail.status, failing: true },
        { from: id, to: referred(Properties.Targets), lines: [], failing: true },
      ];
    }
    case 'AWS::IAM::Role':
      return ((Properties.Policies ?? []) as readonly Resource['Properties'][]).flatMap((policy) =>
        allowed(policy, id, resources),
      );
    case 'AWS::IAM::Policy':
      return (Properties.Roles as readonly Value[]).flatMap((role) => allowed(Properties, referred(role), resources));
    default: {
      const { ServiceToken } = Properties;
      const lines = ['asks, and is answered:', Type];
      return ServiceToken === undefined ? [] : [{ from: nameOf('cloudformation'), to: referred(ServiceToken), lines }];
    }
  }
}

/** What the functions that have a role may do by one of its policies. */
function allowed({ PolicyDocument }: Resource['Properties'], role: string, resources: Resources): Arrow[] {
  const all = Object.entries(resources);
  const machine = all.find(([, { Type }]) => Type === MACHINE)?.[0] ?? '';
  const functions = all.filter(([, { Type, Properties }]) => Type === FUNCTION && referred(Properties.Role) === role);
  const actions = (PolicyDocument as unknown as { Statement: readonly Statement[] }).Statement.flatMap(
    ({ Action }) => Action,
  );
  return functions.flatMap(([from]) =>
    actions.flatMap((action): Arrow[] => {
      const [prefix = '', operation = ''] = action.split(':');
      if (LEFT_OUT.includes(prefix)) return [];
      return [{ from, to: prefix === 'states' ? machine : nameOf(prefix), lines: [operation] }];
    }),
  );
}

function nameOf(prefix: string): string {
  const name = SERVICES[prefix];
  if (name === undefined) throw new Error(`the service of ${prefix} has no name: give it one in ${__filename}`);
  return name;
}

/** One arrow where there are several between the same two. */
function merged(arrows: readonly Arrow[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const key = `${arrow.from} ${arrow.to}`;
    found.set(key, { ...arrow, lines: [...(found.get(key)?.lines ?? []), ...arrow.lines] });
  }
  return [...found.values()];
}

function boxOf(id: string, resource: Resource | undefined): Box {
  if (!resource) return { id, label: id, look: 'theirs' };
  switch (resource.Type) {
    case FUNCTION:
      return { id, label: functionName(resource), note: 'Lambda function', look: 'ours' };
    case MACHINE:
      return { id, label: 'state machine', note: 'Step Functions', look: 'ours' };
    case RULE:
      return { id, label: 'rule', note: 'EventBridge', look: 'ours' };
    default:
      throw new Error(`a ${resource.Type} cannot be drawn: say how in ${__filename}`);
  }
}

/** As its handler has it. */
export function functionName(resource: Resource | undefined): string {
  return String(resource?.Properties.Handler).split('.')[0] ?? '';
}

/** The definition of a state machine, with logical ids in the place of ARNs. */
export function definitionOf(text: Value): Definition {
  const { 'Fn::Join': join } = text as { 'Fn::Join': [string, readonly Value[]] };
  return JSON.parse(join[1].map((part) => (typeof part === 'string' ? part : referred(part))).join('')) as Definition;
}

/** The logical id that a value refers to, the first if there are several. */
function referred(value: Value): string {
  const [, ref, attribute] = /"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"/.exec(JSON.stringify(value ?? '')) ?? [];
  return ref ?? attribute ?? '';
}
