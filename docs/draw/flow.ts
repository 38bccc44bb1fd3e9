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

/** The names of services, by the prefix of their actions. */
const SERVICES: Readonly<Record<string, string>> = {
  cloudformation: 'CloudFormation',
  ecs: 'Amazon ECS',
  ssm: 'Parameter Store',
};

/** The prefixes of actions that are not drawn: logs, and the invocations of tasks, which come from the definition. */
const OMITTED: readonly string[] = ['logs', 'lambda'];

/** The resources of a template and the calls between them. */
export function flowGraph({ Resources }: Template): Graph {
  const arrows = merge(Object.entries(Resources).flatMap(([id, resource]) => arrowsOf(id, resource, Resources)));
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
        { from: referenceIn(detail.stateMachineArn), to: id, lines: detail.status, failing: true },
        { from: id, to: referenceIn(Properties.Targets), lines: [], failing: true },
      ];
    }
    case 'AWS::IAM::Role':
      return ((Properties.Policies ?? []) as readonly Resource['Properties'][]).flatMap((policy) =>
        callsAllowedBy(policy, id, resources),
      );
    case 'AWS::IAM::Policy':
      return (Properties.Roles as readonly Value[]).flatMap((role) =>
        callsAllowedBy(Properties, referenceIn(role), resources),
      );
    default: {
      const { ServiceToken } = Properties;
      const lines = ['requests and responses:', Type];
      return ServiceToken === undefined
        ? []
        : [{ from: nameOf('cloudformation'), to: referenceIn(ServiceToken), lines }];
    }
  }
}

/** The calls that a policy allows to the functions of a role. */
function callsAllowedBy({ PolicyDocument }: Resource['Properties'], role: string, resources: Resources): Arrow[] {
  const all = Object.entries(resources);
  const machine = all.find(([, { Type }]) => Type === MACHINE)?.[0] ?? '';
  const functions = all.filter(
    ([, { Type, Properties }]) => Type === FUNCTION && referenceIn(Properties.Role) === role,
  );
  const actions = (PolicyDocument as unknown as { Statement: readonly Statement[] }).Statement.flatMap(
    ({ Action }) => Action,
  );
  return functions.flatMap(([from]) =>
    actions.flatMap((action): Arrow[] => {
      const [prefix = '', operation = ''] = action.split(':');
      if (OMITTED.includes(prefix)) return [];
      return [{ from, to: prefix === 'states' ? machine : nameOf(prefix), lines: [operation] }];
    }),
  );
}

function nameOf(prefix: string): string {
  const name = SERVICES[prefix];
  if (name === undefined)
    throw new Error(`the service of the prefix ${prefix} has no name: add it to SERVICES in ${__filename}`);
  return name;
}

/** Merges the arrows between the same two boxes. */
function merge(arrows: readonly Arrow[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const key = `${arrow.from} ${arrow.to}`;
    found.set(key, { ...arrow, lines: [...(found.get(key)?.lines ?? []), ...arrow.lines] });
  }
  return [...found.values()];
}

function boxOf(id: string, resource: Resource | undefined): Box {
  if (!resource) return { id, label: id, style: 'external' };
  switch (resource.Type) {
    case FUNCTION:
      return { id, label: functionName(resource), note: 'Lambda function', style: 'own' };
    case MACHINE:
      return { id, label: 'state machine', note: 'Step Functions', style: 'own' };
    case RULE:
      return { id, label: 'rule', note: 'EventBridge', style: 'own' };
    default:
      throw new Error(`there is no box for ${resource.Type}: add one in ${__filename}`);
  }
}

/** The name of a function: the part of its handler before the dot. */
export function functionName(resource: Resource | undefined): string {
  return String(resource?.Properties.Handler).split('.')[0] ?? '';
}

/** The definition of a state machine, with logical IDs in place of ARNs. */
export function definitionOf(text: Value): Definition {
  const { 'Fn::Join': join } = text as { 'Fn::Join': [string, readonly Value[]] };
  return JSON.parse(
    join[1].map((part) => (typeof part === 'string' ? part : referenceIn(part))).join(''),
  ) as Definition;
}

/** The first logical ID that a value refers to. */
function referenceIn(value: Value): string {
  const [, ref, attribute] = /"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"/.exec(JSON.stringify(value ?? '')) ?? [];
  return ref ?? attribute ?? '';
}
