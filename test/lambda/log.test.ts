import { inspect } from 'node:util';
import { CallError } from '../../lambda/call-error';
import { errorName, type LogFields, log, tryOrLog } from '../../lambda/log';

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

test('writes one line with the allowed fields that are defined', () => {
  log('step', { kind: 'proton-service-instance', next: 'AWAIT', outcome: undefined, failed: false, statusCode: 0 });
  expect(logged.mock.calls).toEqual([
    [{ event: 'step', kind: 'proton-service-instance', next: 'AWAIT', failed: false, statusCode: 0 }],
  ]);
  expect(Object.keys(logged.mock.calls[0][0])).not.toContain('outcome');
});

test('writes an event without fields', () => {
  log('started');
  expect(logged).toHaveBeenCalledWith({ event: 'started' });
});

test.each([
  'ResponseURL',
  'responseUrl',
  'spec',
  'message',
  'deploymentStatusMessage',
  'reason',
  'stack',
  'constructor',
  '__proto__',
])('leaves out %s', (name) => {
  const more = JSON.parse(`{"displayName":"service instance web/web-prod","${name}":"hunter2"}`) as LogFields;
  log('step', more);
  expect(inspect(logged.mock.calls, { depth: null, showHidden: true })).not.toContain('hunter2');
  expect(logged).toHaveBeenCalledWith({ event: 'step', displayName: 'service instance web/web-prod' });
});

test('ignores a field with the name event', () => {
  log('step', { event: 'hunter2' } as LogFields);
  expect(logged).toHaveBeenCalledWith({ event: 'step' });
});

test.each([
  [Object.assign(new Error('hunter2'), { name: 'ThrottlingException' }), 'ThrottlingException'],
  [new TypeError('hunter2'), 'TypeError'],
  [Object.assign(new Error(), { name: 'hunter2 in a sentence' }), 'Error'],
  [Object.assign(new Error(), { name: 'a\nb' }), 'Error'],
  [Object.assign(new Error(), { name: '' }), 'Error'],
  [Object.assign(new Error(), { name: 'A'.repeat(101) }), 'Error'],
  ['hunter2', 'string'],
  [undefined, 'undefined'],
])('errorName returns only a valid name (%#)', (error, expected) => {
  expect(errorName(error)).toBe(expected);
});

describe('a call that may fail', () => {
  const fields = { displayName: 'web' };

  test('returns its result, and logs nothing', async () => {
    expect(await tryOrLog(Promise.resolve(7), 'not-read', fields)).toBe(7);
    expect(logged).not.toHaveBeenCalled();
  });

  test.each<[string, Error, object]>([
    [
      "a final failure: the action, and the name of the service's error",
      new CallError('ssm:GetParameter', 'arn', 'ThrottlingException', false, false),
      { operation: 'ssm:GetParameter', errorName: 'ThrottlingException' },
    ],
    ['another error: its name', new TypeError('hunter2'), { errorName: 'TypeError' }],
  ])('logs %s', async (_what, error, expected) => {
    expect(await tryOrLog(Promise.reject(error), 'not-read', fields)).toBeUndefined();
    expect(logged.mock.calls).toEqual([[{ event: 'not-read', ...fields, ...expected }]]);
  });
});
