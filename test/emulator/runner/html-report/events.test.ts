import { eventTable, MOST } from '../../../../emulator/runner/html-report/events';
import { call, deployment, resource, state, times } from '../../../helpers/reports';

test('every kind of event has a row', () => {
  const { beginning } = eventTable([
    resource(0, 'CREATE_FAILED', 'Bad', 'it broke'),
    state(1, 'Wait'),
    deployment(65, 'CANCELLED'),
    { atSeconds: 66, kind: 'message', text: 'told' },
    call(67, 'ThrottlingException'),
  ]);
  expect(beginning.map(({ time, kind, what, status, detail }) => [time, kind, what, status, detail])).toEqual([
    ['0:00', 'resource', 'Bad', 'CREATE_FAILED', 'Custom::DeploymentCancellation: it broke'],
    ['0:01', 'state', 'Wait', '', ''],
    ['1:05', 'deployment', 'd-1', 'CANCELLED', 'environment/prod'],
    ['1:06', 'message', 'told', '', ''],
    ['1:07', 'call', 'proton GetEnvironment', 'ThrottlingException', ''],
  ]);
});

test('a call that goes well again and again is one row, and one that goes wrong a row each', () => {
  const bad = 'ThrottlingException';
  const { beginning } = eventTable([call(0), call(2), call(4), call(6, bad), call(8, bad), call(9)]);
  expect(beginning.map(({ status, detail }) => [status, detail])).toEqual([
    ['ok', '3 times, until 0:04'],
    [bad, ''],
    [bad, ''],
    ['ok', ''],
  ]);
});

test('of very many events the beginning and the end are shown, and the rest is counted', () => {
  const { beginning, leftOut, end } = eventTable(times(5000, (index) => state(index, `S${index}`)));
  expect([beginning.length, leftOut, end.length]).toEqual([MOST.beginning, 4000, MOST.end]);
  expect([beginning[0]?.what, beginning.at(-1)?.what, end[0]?.what, end.at(-1)?.what]).toEqual([
    'S0',
    'S699',
    'S4700',
    'S4999',
  ]);
});

test('nothing is left out of as many as fit', () => {
  const { beginning, leftOut, end } = eventTable(times(1000, (index) => state(index, 'S')));
  expect([beginning.length, leftOut, end.length]).toEqual([1000, 0, 0]);
});
