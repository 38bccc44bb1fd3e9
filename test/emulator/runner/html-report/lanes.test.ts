import { type LaneGroup, laneGroups, MAX_LANES } from '../../../../emulator/runner/html-report/lanes';
import type { Report } from '../../../../emulator/simulation/run';
import { call, deployment, reportOf, resource, times } from '../../../helpers/reports';

/** `name: text from-until, …` for each lane of a group; empty if there is no such group. */
function lanesOf(title: string, report: Partial<Report>): string[] {
  return (groupOf(title, report)?.lanes ?? []).map(
    ({ name, spans }) =>
      `${name}: ${spans.map(({ text, fromSeconds, untilSeconds }) => `${text} ${fromSeconds}-${untilSeconds}`).join(', ')}`,
  );
}

function groupOf(title: string, report: Partial<Report>): LaneGroup | undefined {
  return laneGroups(reportOf(report)).find((group) => group.title === title);
}

describe('deployments', () => {
  test('each status lasts until the next one, the last until the end, and an earlier one from the start', () => {
    expect(
      lanesOf('Deployments', {
        deploymentsBefore: [deployment(-120, 'IN_PROGRESS')],
        history: [deployment(1, 'CANCELLING'), deployment(30, 'CANCELLED'), deployment(31, 'CANCELLED')],
      }),
    ).toEqual(['environment/prod, deployment d-1: IN_PROGRESS 0-1, CANCELLING 1-30, CANCELLED 30-41']);
  });

  test('a deployment in flight is drawn although its status does not change, and one that had ended is only counted', () => {
    const deploymentsBefore = [deployment(-120, 'IN_PROGRESS'), deployment(-500, 'SUCCEEDED', 'd-0')];
    expect(lanesOf('Deployments', { deploymentsBefore })).toEqual([
      'environment/prod, deployment d-1: IN_PROGRESS 0-41',
    ]);
    expect(groupOf('Deployments', { deploymentsBefore })?.omitted).toEqual([
      '1 other deployment had ended before the run',
    ]);
  });

  test('of a thousand deployments, some of every sequence of statuses are drawn, and the rest is counted', () => {
    const history = times(1000, (index) => [
      deployment(0, 'CANCELLING', `d-${index}`),
      deployment(index < 3 ? 10 : 20, index < 3 ? 'FAILED' : 'CANCELLED', `d-${index}`),
    ]).flat();
    const lanes = lanesOf('Deployments', { history });
    expect(lanes.length).toBeLessThanOrEqual(MAX_LANES);
    expect(lanes.filter((lane) => lane.includes('FAILED'))).toHaveLength(3);
    expect(groupOf('Deployments', { history })?.omitted).toEqual(['989 more deployments: CANCELLING, CANCELLED']);
  });

  test('there may be more sequences of statuses than lanes', () => {
    const history = times(50, (index) => deployment(1, `STATUS_${index}`, `d-${index}`));
    const group = groupOf('Deployments', { history });
    expect(group?.lanes).toHaveLength(MAX_LANES);
    expect(group?.omitted).toHaveLength(50 - MAX_LANES);
  });
});

describe('state machines', () => {
  const execution = (name: string, states: [string, number, number][]) => ({
    name,
    status: 'SUCCEEDED',
    outcome: null,
    reason: null,
    states: states.map(([state, fromSeconds, untilSeconds]) => ({ name: state, fromSeconds, untilSeconds })),
  });

  test('an execution is a lane with its states in order', () => {
    const executions = [
      execution('one', [
        ['Find', 0, 0],
        ['Wait', 0, 2],
        ['Await', 2, 40],
      ]),
      execution('two', [['Find', 40, 41]]),
    ];
    expect(lanesOf('State machines', { executions })).toEqual([
      'execution one: Find 0-0, Wait 0-2, Await 2-40',
      'execution two: Find 40-41',
    ]);
  });

  test('states that overlap have a lane each, and those with the same name share one', () => {
    const executions = [
      execution('fleet', [
        ['Batches', 0, 40],
        ['Batch', 0, 20],
        ['Batch', 0, 30],
        ['Over?', 30, 30],
        ['Batch', 35, 40],
      ]),
    ];
    expect(lanesOf('State machines', { executions })).toEqual([
      'Batches, execution fleet: Batches 0-40',
      'Batch, execution fleet: Batch × 2 0-30, Batch 35-40',
    ]);
  });

  test('the number of lanes is limited', () => {
    const group = groupOf('State machines', {
      executions: times(40, (index) => execution(`e${index}`, [['A', 0, 1]])),
    });
    expect(group?.lanes).toHaveLength(MAX_LANES);
    expect(group?.omitted).toEqual(['24 more lanes of state machines']);
  });
});

describe('resources', () => {
  test('a status in progress lasts, and any other status is an instant', () => {
    const history = [resource(0, 'CREATE_IN_PROGRESS'), resource(30, 'CREATE_FAILED'), resource(31, 'DELETE_COMPLETE')];
    expect(lanesOf('Stacks and their resources', { history })).toEqual([
      'Cancellation, Custom::DeploymentCancellation: CREATE_IN_PROGRESS 0-30, CREATE_FAILED 30-30, DELETE_COMPLETE 31-31',
    ]);
  });

  test('a resource that took no time is counted, unless it failed', () => {
    const history = [
      resource(0, 'CREATE_IN_PROGRESS', 'Role'),
      resource(0, 'CREATE_COMPLETE', 'Role'),
      resource(0, 'CREATE_IN_PROGRESS', 'Bad'),
      resource(0, 'CREATE_FAILED', 'Bad'),
    ];
    const group = groupOf('Stacks and their resources', { history });
    expect(group?.lanes.map(({ name }) => name)).toEqual(['Bad, Custom::DeploymentCancellation']);
    expect(group?.omitted).toEqual(['1 resource took no time, and did not fail']);
  });
});

describe('calls', () => {
  test('a call that succeeds once is not drawn, and a series of calls is one span', () => {
    const history = [call(0, 'ok', 'StartIt'), call(10), call(10.5), call(11), call(40)];
    expect(lanesOf('Calls', { history })).toEqual(['proton GetEnvironment: ok × 3 10-11, ok 40-40']);
  });

  test('calls that fail have a lane for each error, above the others', () => {
    const history = [call(0), call(5, 'ThrottlingException'), call(9)];
    expect(lanesOf('Calls', { history })).toEqual([
      'proton GetEnvironment: ThrottlingException: ThrottlingException 5-5',
      'proton GetEnvironment: ok 0-0, ok 9-9',
    ]);
    expect(groupOf('Calls', { history })?.lanes.map(({ spans }) => spans[0]?.style)).toEqual(['bad', 'plain']);
  });

  test('thousands of calls are few spans', () => {
    const history = times(20_000, (index) => call(index / 500, index % 3 === 0 ? 'ok' : 'ThrottlingException'));
    const lanes = groupOf('Calls', { history })?.lanes ?? [];
    expect(lanes.map(({ spans }) => spans.length)).toEqual([1, 1]);
  });
});

test('messages have a lane', () => {
  expect(lanesOf('Messages', { history: [{ atSeconds: 4, kind: 'message', text: 'hello' }] })).toEqual([
    'published: hello 4-4',
  ]);
});

test('a run without events has no lanes', () => {
  expect(laneGroups(reportOf())).toEqual([]);
});
