import type { Arrow, Box, Graph } from './graph';

interface Rule {
  readonly Next?: string;
  readonly Variable?: string;
  readonly StringEquals?: string;
  readonly NumericEquals?: number;
  readonly BooleanEquals?: boolean;
  readonly IsPresent?: boolean;
  readonly And?: readonly Rule[];
}

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Resource?: unknown;
  readonly SecondsPath?: string;
  readonly Choices?: readonly Rule[];
  readonly Default?: string;
  readonly Catch?: readonly { readonly Next: string }[];
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const START = 'start';

/** @param nameOf returns the name of the function of a task */
export function stateMachineGraph({ StartAt, States }: Definition, nameOf: (resource: unknown) => string): Graph {
  const states = Object.entries(States);
  return {
    title: 'The state machine',
    description: `From ${StartAt}, by way of ${states.map(([name]) => name).join(', ')}.`,
    boxes: [
      { id: START, label: 'an execution', style: 'external' },
      ...states.map(([id, state]): Box => ({ id, label: id, ...styleOf(state, nameOf) })),
    ],
    arrows: [{ from: START, to: StartAt, lines: [] }, ...states.flatMap(([name, state]) => arrowsOf(name, state))],
  };
}

function styleOf(state: State, nameOf: (resource: unknown) => string): Pick<Box, 'style' | 'note'> {
  switch (state.Type) {
    case 'Task':
      return { style: state.End ? 'good' : 'own', note: `${nameOf(state.Resource)} function` };
    case 'Choice':
      return { style: 'choice' };
    case 'Wait':
      return { style: 'wait', note: last(state.SecondsPath) };
    case 'Fail':
      return { style: 'bad' };
    case 'Pass':
      return { style: state.End ? 'good' : 'plain' };
    default:
      throw new Error(`there is no box for a state of type ${state.Type}: add one in ${__filename}`);
  }
}

function arrowsOf(from: string, { Next, Choices = [], Default, Catch = [] }: State): Arrow[] {
  return [
    ...Choices.map((rule) => ({ from, to: rule.Next ?? '', lines: [describe(rule)] })),
    ...(Default === undefined ? [] : [{ from, to: Default, lines: ['otherwise'] }]),
    ...(Next === undefined ? [] : [{ from, to: Next, lines: [] }]),
    ...Catch.map(({ Next: to }) => ({ from, to, lines: [], failing: true })),
  ];
}

/** A rule as text: `next is CANCEL`, `cloudFormation and failed`. */
function describe({ And, Variable, StringEquals, NumericEquals, BooleanEquals, IsPresent }: Rule): string {
  if (And) return And.map(describe).join(' and ');
  if (StringEquals !== undefined) return `${last(Variable)} is ${StringEquals}`;
  if (NumericEquals !== undefined) return `${last(Variable)} is ${NumericEquals}`;
  if (BooleanEquals === true || IsPresent === true) return last(Variable);
  throw new Error(`there is no text for the rule about ${Variable}: add one in ${__filename}`);
}

function last(path = ''): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
