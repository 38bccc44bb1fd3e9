import { eventTable, MAX_ROWS } from '../../../../emulator/runner/html-report/events';
import { call, deployment, resource, state, times } from '../../../helpers/reports';

test('every kind of event has a row', () => {
  const { start } = eventTable([
    resource(0, 'CREATE_FAILED', 'Bad', 'it broke'),
    state(1, 'Wait'),
    deployment(65, 'CANCELLED'),
    { atSeconds: 66, kind: 'message', text: 'hello' },
    call(67, 'ThrottlingException'),
  ]);
  expect(start.map(({ time, kind, what, status, detail }) => [time, kind, what, status, detail])).toEqual([
    ['0:00', 'resource', 'Bad', 'CREATE_FAILED', 'Custom::DeploymentCancellation: it broke'],
    ['0:01', 'state', 'Wait', '', ''],
    ['1:05', 'deployment', 'd-1', 'CANCELLED', 'environment/prod'],
    ['1:06', 'message', 'hello', '', ''],
    ['1:07', 'call', 'proton GetEnvironment', 'ThrottlingException', ''],
  ]);
});

test('a call that succeeds several times in a row is one row, and each call that fails is a row', () => {
  const bad = 'ThrottlingException';
  const { start } = eventTable([call(0), call(2), call(4), call(6, bad), call(8, bad), call(9)]);
  expect(start.map(({ status, detail }) => [status, detail])).toEqual([
    ['ok', '3 times, until 0:04'],
    [bad, ''],
    [bad, ''],
    ['ok', ''],
  ]);
});

test('of very many events, the start and the end are shown, and the rest is counted', () => {
  const { start, omitted, end } = eventTable(times(5000, (index) => state(index, `S${index}`)));
  expect([start.length, omitted, end.length]).toEqual([MAX_ROWS.start, 4000, MAX_ROWS.end]);
  expect([start[0]?.what, start.at(-1)?.what, end[0]?.what, end.at(-1)?.what]).toEqual([
    'S0',
    'S699',
    'S4700',
    'S4999',
  ]);
});

test('as many events as fit are all shown', () => {
  const { start, omitted, end } = eventTable(times(1000, (index) => state(index, 'S')));
  expect([start.length, omitted, end.length]).toEqual([1000, 0, 0]);
});
