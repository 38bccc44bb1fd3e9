import type { Arrow, Box, Graph } from './graph';

interface Rule {
  readonly Next?: string;
  readonly Variable?: string;
  readonly StringEquals?: string;
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

/** @param nameOf what a person calls that which a task runs */
export function stateMachineGraph({ StartAt, States }: Definition, nameOf: (resource: unknown) => string): Graph {
  const states = Object.entries(States);
  return {
    title: 'The state machine',
    description: `From ${StartAt}, by way of ${states.map(([name]) => name).join(', ')}.`,
    boxes: [
      { id: START, label: 'an execution', look: 'theirs' },
      ...states.map(([id, state]): Box => ({ id, label: id, ...lookOf(state, nameOf) })),
    ],
    arrows: [{ from: START, to: StartAt, lines: [] }, ...states.flatMap(([name, state]) => arrowsOf(name, state))],
  };
}

function lookOf(state: State, nameOf: (resource: unknown) => string): Pick<Box, 'look' | 'note'> {
  switch (state.Type) {
    case 'Task':
      return { look: state.End ? 'good' : 'ours', note: `${nameOf(state.Resource)} function` };
    case 'Choice':
      return { look: 'choice' };
    case 'Wait':
      return { look: 'wait', note: last(state.SecondsPath) };
    case 'Fail':
      return { look: 'bad' };
    case 'Pass':
      return { look: state.End ? 'good' : 'plain' };
    default:
      throw new Error(`a state of type ${state.Type} cannot be drawn: say how in ${__filename}`);
  }
}

function arrowsOf(from: string, { Next, Choices = [], Default, Catch = [] }: State): Arrow[] {
  return [
    ...Choices.map((rule) => ({ from, to: rule.Next ?? '', lines: [words(rule)] })),
    ...(Default === undefined ? [] : [{ from, to: Default, lines: ['otherwise'] }]),
    ...(Next === undefined ? [] : [{ from, to: Next, lines: [] }]),
    ...Catch.map(({ Next: to }) => ({ from, to, lines: [], failing: true })),
  ];
}

/** What a rule asks for: `next is CANCEL`, `cloudFormation and failed`. */
function words({ And, Variable, StringEquals, BooleanEquals, IsPresent }: Rule): string {
  if (And) return And.map(words).join(' and ');
  if (StringEquals !== undefined) return `${last(Variable)} is ${StringEquals}`;
  if (BooleanEquals === true || IsPresent === true) return last(Variable);
  throw new Error(`a rule about ${Variable} cannot be put into words: say how in ${__filename}`);
}

function last(path = ''): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
