import type { Caller } from '../../../../lambda/deployment/engine/caller';
import { INITIAL_PROGRESS } from '../../../../lambda/deployment/engine/decide';
import type { CallError, NotFound } from '../../../../lambda/deployment/engine/driver';
import { afterRead, at, found, START } from './decisions';

const CALLER: Caller = {
  principal: 'these credentials',
  failOn: '--fail-on',
  onNotFound: '--on-not-found',
  ignoreStartedBefore: 'that time',
  deniedTimeoutMs: 10_000,
};

const DENIED: CallError = {
  kind: 'error',
  errorType: 'denied',
  action: 'x:GetY',
  resourceArn: 'arn',
  endpoint: 'https://x',
  errorName: 'AccessDeniedException',
  message: 'no',
};
const NOT_FOUND: NotFound = { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' };

/** The last read: of the second one, if the first found nothing to cancel. */
const BEFORE = { ...INITIAL_PROGRESS, idle: true };

test.each([
  [
    'a denial',
    DENIED,
    { deniedSince: START },
    'allow it to these credentials',
    'allow it to the role of the deployment function',
  ],
  ['a missing resource', NOT_FOUND, {}, 'or set --on-not-found to succeed', 'or set onNotFound to succeed'],
  [
    'an outcome that fails',
    found('COMPLETED'),
    {},
    '--fail-on names NOTHING_TO_CANCEL',
    'failOn names NOTHING_TO_CANCEL',
  ],
] as const)('%s is explained in the words of the caller', (_name, read, before, ofCaller, ofWorkflow) => {
  const context = at(200_000, { failOn: ['NOTHING_TO_CANCEL'] });
  const reasonFor = (caller?: Caller) =>
    afterRead({ ...BEFORE, ...before }, read, { ...context, caller }).result?.reason;
  expect(reasonFor(CALLER)).toContain(ofCaller);
  expect(reasonFor()).toContain(ofWorkflow);
});

test('a deployment that is ignored is explained in the words of the caller', () => {
  const read = { ...found('IN_PROGRESS'), startedAt: START - 2_000 };
  const context = { ...at(5_000), ignoreStartedBefore: START - 1_000 };
  const reasonFor = (caller?: Caller) => afterRead(BEFORE, read, { ...context, caller }).result?.reason;
  expect(reasonFor(CALLER)).toContain('it is not known to have started after that time');
  expect(reasonFor()).toContain('it is not known to have started after the guard was armed');
});

test.each([
  [9_999, undefined],
  [10_000, 'ACCESS_DENIED'],
])('a caller without new permissions bears denials for %d ms: %s', (ms, outcome) => {
  const progress = { ...INITIAL_PROGRESS, deniedSince: START };
  expect(afterRead(progress, DENIED, { ...at(ms), caller: CALLER }).result?.outcome).toBe(outcome);
  expect(afterRead(progress, DENIED, at(ms)).result).toBeUndefined();
});
