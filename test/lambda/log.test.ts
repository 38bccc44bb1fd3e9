import { inspect } from 'node:util';
import { errorName, type LogFields, log } from '../../lambda/log';

let logged: jest.SpyInstance;
beforeEach(() => {
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

test('writes one line with the fields that are known', () => {
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
])('leaves out %s, whatever object it comes in', (name) => {
  const more = JSON.parse(`{"displayName":"service instance web/web-prod","${name}":"hunter2"}`) as LogFields;
  log('step', more);
  expect(inspect(logged.mock.calls, { depth: null, showHidden: true })).not.toContain('hunter2');
  expect(logged).toHaveBeenCalledWith({ event: 'step', displayName: 'service instance web/web-prod' });
});

test('is not led astray by a field that is called event', () => {
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
])('of an error only what looks like a name may be logged (%#)', (error, expected) => {
  expect(errorName(error)).toBe(expected);
});
