import { FuzzRunner } from './fuzz';
import { checkInvariants } from './invariants';
import type { RunRecord } from './perform';
import { DEFAULTS, type FleetBehavior, type Schedule } from './schedule';

/** What a schedule can draw, and that an invariant sees it when it is not allowed. */

let runner: FuzzRunner;
beforeAll(async () => {
  runner = await FuzzRunner.open();
});
afterAll(() => runner.close());
jest.setTimeout(60_000);

const BEHAVIOR: FleetBehavior = {
  first: { seconds: 3000, ends: 'SUCCEEDED' },
  onCancel: 'cancelled',
  cancelSeconds: 20,
  startsAt: [],
  withholdsIds: false,
};

function scheduleOf(changed: Partial<Schedule>, behavior: Partial<FleetBehavior> = {}): Schedule {
  return {
    ...DEFAULTS,
    seed: 1,
    lifecycle: 'created',
    timeoutSeconds: 300,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    behaviors: [{ ...BEHAVIOR, ...behavior }],
    skewSeconds: 0,
    callFaults: [],
    functionFaults: [],
    responseFaults: [],
    consistency: 'strong',
    quotas: 'none',
    delivery: 'prompt',
    abortsAt: [],
    ...changed,
  };
}

const CREATION: FleetBehavior['first'] = { seconds: 3000, ends: 'SUCCEEDED', creates: true };
const STACK = { kind: 'cloudformation-stack-update' } as const;
const PIPELINE = { kind: 'codepipeline-execution' } as const;

async function recordOf(schedule: Schedule): Promise<RunRecord> {
  const { record, violations } = await runner.run(schedule);
  expect(violations).toEqual([]);
  return record;
}

/** The violations of a record as if the schedule had been another one. */
const kindsWith = (record: RunRecord, changed: Partial<Schedule>) =>
  new Set(checkInvariants({ ...record, schedule: { ...record.schedule, ...changed } }).map(({ kind }) => kind));

/** The outcome of the first response. The last one is that of the deletion of the stack. */
const outcomeOf = ({ responses: [response] }: RunRecord) => response && JSON.parse(response.body).Data.outcome;

test('a creation is deleted with the option, and a deletion without it is a violation', async () => {
  const record = await recordOf(scheduleOf({ ...STACK, options: { deleteOnCreate: true } }, { first: CREATION }));
  expect(record.stackRequests).toMatchObject([{ operation: 'DeleteStack', status: 'CREATE_IN_PROGRESS' }]);
  expect(outcomeOf(record)).toBe('CANCELLED');
  expect(kindsWith(record, { options: { deleteOnCreate: false } })).toContain('request without its option');
  const behaviors = [{ ...BEHAVIOR, first: CREATION, hasNoRole: true }];
  expect(kindsWith(record, { behaviors })).toContain('request without its option');
  expect(checkInvariants({ ...record, stackRequests: [] })).toMatchObject([{ kind: 'nothing cancelled' }]);
});

test('the deletion of a stack whose creation ended before, or of a stack that no execution has pinned, is a violation', async () => {
  const record = await recordOf(scheduleOf({ ...STACK, options: { deleteOnCreate: true } }, { first: CREATION }));
  const stackRequests = record.stackRequests.map((request) => ({ ...request, at: request.at - 3_600_000 }));
  expect(checkInvariants({ ...record, stackRequests })).toContainEqual(
    expect.objectContaining({ kind: 'wrong deployment cancelled' }),
  );
  const at = record.stackRequests[0]?.at ?? 0;
  const changes = record.changes.map((change) =>
    change.status === 'DELETE_IN_PROGRESS' ? { ...change, at: at - 10_000, status: 'CREATE_COMPLETE' } : change,
  );
  expect(checkInvariants({ ...record, changes })).toContainEqual({
    kind: 'request without its option',
    what: 'DeleteStack of web in CREATE_IN_PROGRESS: no creation is in progress',
  });
});

test('a creation that no option allows to delete is refused', async () => {
  const record = await recordOf(scheduleOf({ ...STACK, options: { deleteOnCreate: false } }, { first: CREATION }));
  expect(record.stackRequests).toEqual([]);
  expect(outcomeOf(record)).toBe('REFUSED');
});

test('a failed rollback is continued once with the option, and without it that is a violation', async () => {
  const options = { onRollbackFailed: 'continue', resourcesToSkip: ['Service'] };
  const record = await recordOf(scheduleOf({ ...STACK, options }, { onCancel: 'fails' }));
  expect(record.stackRequests).toMatchObject([{ operation: 'ContinueUpdateRollback' }]);
  expect(outcomeOf(record)).toBe('CANCELLED');
  expect(kindsWith(record, { options: { onRollbackFailed: 'fail' } })).toContain('request without its option');
  expect(kindsWith(record, { options: { ...options, resourcesToSkip: [] } })).toContain('request without its option');
  const twice = [...record.stackRequests, ...record.stackRequests];
  expect(checkInvariants({ ...record, stackRequests: twice })).toMatchObject([{ kind: 'request without its option' }]);
  expect(checkInvariants({ ...record, stackRequests: [] })).toMatchObject([{ kind: 'nothing cancelled' }]);
});

test('an execution that does not stop is abandoned after the time, and earlier that is a violation', async () => {
  const options = { abandon: false, abandonAfterSeconds: 30 };
  const record = await recordOf(scheduleOf({ ...PIPELINE, options }, { onCancel: 'stuck' }));
  expect(record.stops).toMatchObject([{ abandon: false }, { abandon: true }]);
  expect(outcomeOf(record)).toBe('CANCELLED');
  expect(kindsWith(record, { options: { ...options, abandonAfterSeconds: 60 } })).toContain(
    'request without its option',
  );
  expect(kindsWith(record, { options: { abandon: false } })).toContain('request without its option');
  expect(kindsWith(record, { options: { abandon: true } })).toContain('request without its option');
  const stops = record.stops.filter(({ abandon }) => !abandon);
  expect(checkInvariants({ ...record, stops })).toMatchObject([{ kind: 'nothing cancelled' }]);
});

test.each<[string, Partial<Schedule>, Partial<Schedule>]>([
  ['an instance refresh is rolled back', { kind: 'autoscaling-instance-refresh' }, { options: { rollback: false } }],
  [
    'an instance refresh is not rolled back',
    { kind: 'autoscaling-instance-refresh', options: { rollback: false } },
    { options: {} },
  ],
])('%s as the option says, and with the other option that is a violation', async (_what, schedule, other) => {
  const record = await recordOf(scheduleOf(schedule));
  expect(outcomeOf(record)).toBe('CANCELLED');
  expect(kindsWith(record, other)).toContain('request without its option');
});

test('a role calls the service, and no other call is made as the role', async () => {
  const record = await recordOf(scheduleOf({ kind: 'ecs-service-deployment', role: true }));
  const { calls, answers } = record;
  expect(outcomeOf(record)).toBe('CANCELLED');
  const keyOf = (service: string) => calls.find(({ call }) => call.service === service)?.call.accessKeyId;
  const calledAs = (service: string, accessKeyId: string | undefined) => ({
    ...record,
    calls: calls.map((one) => (one.call.service === service ? { ...one, call: { ...one.call, accessKeyId } } : one)),
  });
  const violation = expect.objectContaining({ kind: 'wrong credentials' });
  expect(checkInvariants(calledAs('ecs', keyOf('sts')))).toContainEqual(violation);
  expect(checkInvariants(calledAs('sfn', keyOf('ecs')))).toContainEqual(violation);
  expect(kindsWith(record, { role: false })).toContain('wrong credentials');
  const withoutId = calls.map((one) => ({ ...one, call: { ...one.call, input: {} } }));
  expect(checkInvariants({ ...record, calls: withoutId })).toContainEqual(violation);
  const signed = answers.map((answer) => ({ ...answer, accessKeyId: keyOf('ecs') }));
  expect(checkInvariants({ ...record, answers: signed })).toContainEqual(violation);
});

test('an execution puts one event that agrees with its response', async () => {
  const record = await recordOf(scheduleOf({ kind: 'ecs-service-deployment', notifies: true }));
  const { calls } = record;
  const isEvent = ({ call }: RunRecord['calls'][number]) => call.operation === 'PutEvents';
  const [event] = calls.filter(isEvent);
  expect(event).toMatchObject({ answer: 'ok' });
  const violation = expect.objectContaining({ kind: 'wrong outcome event' });
  const others = calls.filter((one) => !isEvent(one));
  expect(checkInvariants({ ...record, calls: others })).toContainEqual(violation);
  expect(checkInvariants({ ...record, calls: [...calls, ...(event ? [event] : [])] })).toContainEqual(violation);
  expect(kindsWith(record, { notifies: false })).toContain('wrong outcome event');
  const [entry] = (event?.call.input.Entries ?? []) as readonly { readonly Detail: object }[];
  const saying = (changed: object) => {
    const Entries = [{ Detail: { ...entry?.Detail, ...changed } }];
    return { ...record, calls: event ? [...others, { ...event, call: { ...event.call, input: { Entries } } }] : [] };
  };
  expect(checkInvariants(saying({}))).toEqual([]);
  expect(checkInvariants(saying({ outcome: 'COMPLETED_FIRST' }))).toContainEqual(violation);
  expect(checkInvariants(saying({ failed: true }))).toContainEqual(violation);
  expect(checkInvariants(saying({ deploymentId: 'another' }))).toContainEqual(violation);
});

test.each(['appconfig-deployment', 'codepipeline-execution'] as const)(
  '%s is cancelled as an API that the stack declares',
  async (kind) => {
    const record = await recordOf(scheduleOf({ kind, declared: true, role: true, notifies: true }));
    const [request] = record.invocations.map(({ event }) => JSON.stringify(event));
    expect(request).toContain('aws-api-deployment');
    expect(record.cancels).toHaveLength(1);
    expect(outcomeOf(record)).toBe('CANCELLED');
  },
);

describe.each(['fleet-updated', 'nested-fleet-updated'] as const)('%s of stacks with a tag', (lifecycle) => {
  const memberships = ['tagged', 'loses-tag', 'other-value'] as const;
  const schedule = scheduleOf({
    ...STACK,
    lifecycle,
    role: !lifecycle.startsWith('nested-'),
    behaviors: memberships.map((membership) => ({ ...BEHAVIOR, membership })),
  });
  const violation = expect.objectContaining({ kind: 'wrong deployment cancelled' });
  let record: RunRecord;
  beforeAll(async () => {
    record = await recordOf(schedule);
  });

  test('cancels each stack that has the tag once', () => {
    expect(record.steps.map(({ status }) => status)).toEqual(['CREATE_COMPLETE', 'UPDATE_COMPLETE']);
    expect(record.cancels.map(({ resource }) => resource).toSorted()).toEqual(['web-0', 'web-1']);
    expect(checkInvariants({ ...record, cancels: record.cancels.slice(1) })).toMatchObject([
      { kind: 'nothing cancelled' },
    ]);
  });

  test.each([...memberships, 'untagged', 'nested'] as const)(
    'that is %s: a request is a violation if it is not in it',
    (membership) => {
      const behaviors = memberships.map(() => ({ ...BEHAVIOR, membership }));
      const found = checkInvariants({ ...record, schedule: { ...schedule, behaviors } });
      if (membership === 'tagged' || membership === 'loses-tag') expect(found).not.toContainEqual(violation);
      else expect(found).toContainEqual(violation);
    },
  );

  test('does not request the cancellation of the stack that waits, whether it is denied or not', () => {
    const cancel = record.calls.find(({ call }) => call.operation === 'CancelUpdateStack');
    if (!cancel) throw new Error('nothing was cancelled');
    const ofOwn = (answer: string) => {
      const input = { StackName: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Fuzz/0f9b' };
      return { ...record, calls: [...record.calls, { call: { ...cancel.call, input }, answer }] };
    };
    for (const answer of ['ok', 'AccessDenied']) {
      expect(checkInvariants(ofOwn(answer))).toContainEqual({
        kind: 'wrong deployment cancelled',
        what: 'Fuzz is not in the fleet',
      });
    }
  });

  test('counts no stack that is not in it', () => {
    const behaviors = memberships.map(() => ({ ...BEHAVIOR, membership: 'untagged' as const }));
    expect(kindsWith(record, { behaviors })).toContain('false response');
  });

  test('does not cancel an update that has started since it was listed', () => {
    const [cancel] = record.cancels;
    const later = (record.executions.at(-1)?.stopDate ?? 0) - 1;
    const started = {
      at: later,
      kind: 'started',
      resource: 'web-0',
      deploymentId: 'newer',
      status: 'UPDATE_IN_PROGRESS',
    } as const;
    const changed = {
      ...record,
      changes: [...record.changes, started],
      cancels: [...record.cancels, ...(cancel ? [{ ...cancel, deploymentId: 'newer', at: later + 1 }] : [])],
    };
    expect(checkInvariants({ ...changed, schedule })).toContainEqual(violation);
  });
});

test('an update that begins while the cancellation of the one before is throttled is left alone', async () => {
  const record = await recordOf(
    scheduleOf(
      {
        ...STACK,
        lifecycle: 'fleet-created',
        callFaults: [{ call: 'cloudformation:CancelUpdateStack', from: 1, count: 6, fault: 'throttled' }],
      },
      { first: { seconds: 30, ends: 'SUCCEEDED' }, startsAt: [31] },
    ),
  );
  expect(record.changes.map(({ status }) => status).slice(-3)).toEqual([
    'UPDATE_COMPLETE',
    'UPDATE_IN_PROGRESS',
    'UPDATE_COMPLETE',
  ]);
  const attempts = record.calls.filter(({ call }) => call.operation === 'CancelUpdateStack');
  expect(attempts.map(({ answer }) => answer)).toEqual(Array(6).fill('Throttling'));
});

test('a role cancels the stacks with a tag, and reads the own stack: other calls as nobody are violations', async () => {
  const record = await recordOf(
    scheduleOf({ ...STACK, lifecycle: 'fleet-updated', role: true, behaviors: [BEHAVIOR, BEHAVIOR, BEHAVIOR] }),
  );
  const asNobody = (operation: string) => ({
    ...record,
    calls: record.calls.map((one) =>
      one.call.operation === operation ? { ...one, call: { ...one.call, accessKeyId: undefined } } : one,
    ),
  });
  for (const operation of ['CancelUpdateStack', 'DescribeStacks']) {
    expect(checkInvariants(asNobody(operation))).toContainEqual(expect.objectContaining({ kind: 'wrong credentials' }));
  }
});

test('a read may be from before another cancellation reverts the deployment, but not from before the execution', async () => {
  const record = await recordOf(
    scheduleOf(
      {
        kind: 'appconfig-deployment',
        options: { allowRevert: true },
        // The execution starts after the deployment is complete.
        callFaults: [{ call: 'ssm:PutParameter', from: 1, count: 4, fault: 'throttled' }],
      },
      { first: { seconds: 1, ends: 'SUCCEEDED' } },
    ),
  );
  const [response] = record.responses;
  const end = record.changes.findLast(({ status }) => status === 'COMPLETE');
  if (!response || !end) throw new Error('the deployment has not completed');
  expect(outcomeOf(record)).toBe('NOTHING_TO_CANCEL');
  const revertedAt = (at: number) => [...record.changes, { ...end, status: 'REVERTED', at }];
  expect(checkInvariants({ ...record, changes: revertedAt(response.at) })).toEqual([]);
  const executions = record.executions.map((execution) =>
    Object.create(execution, { startDate: { value: response.at + 1 } }),
  );
  expect(checkInvariants({ ...record, executions, changes: revertedAt(response.at) })).toContainEqual(
    expect.objectContaining({ kind: 'false response' }),
  );
});

describe('a response that contradicts an earlier one', () => {
  const UNKNOWN_START = 'it is not known whether the workflow that cancels was started: no reply; deploy again';
  const contradiction = {
    kind: 'false response',
    what: 'a request has responses that contradict each other: SUCCESS, FAILED',
  };

  /** The violations of a run in which the first request gets a second response a second later. */
  async function violationsWith(reason: string, functionDeletedAt: (at: number) => number | undefined) {
    const record = await recordOf(scheduleOf({}));
    const [first] = record.responses;
    if (!first) throw new Error('there is no response');
    const body = JSON.stringify({ ...JSON.parse(first.body), Status: 'FAILED', Reason: reason });
    const responses = [...record.responses, { ...first, at: first.at + 1_000, body }];
    return checkInvariants({ ...record, responses, functionDeletedAt: functionDeletedAt(first.at) });
  }

  test('is a violation', async () => {
    expect(await violationsWith(UNKNOWN_START, () => undefined)).toContainEqual(contradiction);
    expect(await violationsWith(UNKNOWN_START, (at) => at + 2_000)).toContainEqual(contradiction);
    expect(await violationsWith('it failed', (at) => at)).toContainEqual(contradiction);
  });

  test('is excused only after the end of its function, if the start of its execution is not known', async () => {
    expect(await violationsWith(UNKNOWN_START, (at) => at)).not.toContainEqual(contradiction);
  });
});

test('a parameter that stays while its function exists is a violation', async () => {
  const schedule = scheduleOf({ responseFaults: [{ from: 1, count: 1, fault: 'lost' }] });
  const record = await recordOf(schedule);
  const name = '/deployment-cancellation/Fuzz/response-urls/Cancellation-1.response';
  const parameters = [{ ...record.parameters[0], name, value: '{}' }] as RunRecord['parameters'];
  const violation = { kind: 'missing response', what: `parameter ${name} was left behind` };
  expect(checkInvariants({ ...record, parameters })).toContainEqual(violation);
  expect(checkInvariants({ ...record, parameters, functionDeletedAt: 0 })).not.toContainEqual(violation);
});
