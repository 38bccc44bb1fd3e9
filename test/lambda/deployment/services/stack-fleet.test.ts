import { answerQuery, callOf } from '../../../../emulator/aws/cloudformation/query';
import type { StackDescription, StackStatus } from '../../../../emulator/aws/cloudformation/stack-description';
import type { LoggedEvent, StackRegistry } from '../../../../emulator/aws/cloudformation/stack-registry';
import { HttpServer } from '../../../../emulator/core/http-server';
import { run } from '../../../../lambda/deployment/engine/run';
import type { Listed } from '../../../../lambda/deployment/fleet/fleet-lister';
import { initialProgress, toItem } from '../../../../lambda/deployment/fleet/item';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/cloudformation';
import { CONTRACT_VERSION } from '../../../../lib/contract/cancellation';
import { fleetKindDefinition } from '../../../../lib/deployments/fleet-kinds';
import { onStop } from '../../../emulator/serve-service';
import { setUp } from '../run-to-end';

setUp();

const AWS = awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:f' });
const NOW = Date.UTC(2026, 9, 1);
const UPDATED = NOW - 60_000;
const TAGS = { team: 'web', stage: 'prod' };
const FLEET = { kind: 'cloudformation-tagged-stacks', identifiers: { tagKey: 'team', tagValue: 'web' } };
const OPERATION = '1c211b5a-4538-4dc9-bfed-e07734371e57';
const NEWER_OPERATION = 'd0f12313-7bdb-414d-a879-828a99b36f29';

const idOf = (name: string, uuid = '0aa1') => `arn:aws:cloudformation:us-east-1:123456789012:stack/${name}/${uuid}`;

/** A stack with the tag whose update is in progress. */
function stack(name: string, more: Partial<StackDescription> = {}): StackDescription {
  return {
    stackId: idOf(name),
    stackName: name,
    status: 'UPDATE_IN_PROGRESS',
    creationTime: NOW - 3_600_000,
    lastUpdatedTime: UPDATED,
    disableRollback: false,
    tags: TAGS,
    outputs: [],
    parameters: [],
    lastOperations: [{ type: 'UPDATE_STACK', id: OPERATION }],
    ...more,
  };
}

const inFlight = (name: string): Listed => ({
  key: name,
  phase: 'IN_PROGRESS',
  deploymentId: OPERATION,
  startedAt: UPDATED,
  resourceId: idOf(name),
});

/** Serves stacks as they are given here. The test may replace them. */
async function serve(stacks: readonly StackDescription[]) {
  const served = { stacks, events: [] as readonly LoggedEvent[] };
  const calls: string[] = [];
  const registry: StackRegistry = {
    seenBy: () => registry,
    describeStacks: () => served.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE'),
    describeStack: (nameOrId) =>
      served.stacks.find(({ stackId, stackName, status }) =>
        nameOrId.startsWith('arn:') ? stackId === nameOrId : stackName === nameOrId && status !== 'DELETE_COMPLETE',
      ),
    stackEvents: () => served.events,
    cancelUpdateStack: () => undefined,
    continueUpdateRollback: () => undefined,
    requestDeletion: () => undefined,
  };
  const server = await HttpServer.listen({
    services: [],
    raw: (request) => {
      const call = callOf(request);
      calls.push([call?.operation, call?.input.StackName].filter(Boolean).join(' '));
      return answerQuery(registry, request);
    },
  });
  onStop(() => server.close());
  const settings = {
    timeoutSeconds: 1800,
    failOn: [],
    onNotFound: 'fail' as const,
    includeStatusMessage: false,
    endpoint: server.url,
  };
  const connection = service.connect(settings, AWS);
  return { served, calls, settings, connection };
}

/** The deployments of a fleet, page by page. */
async function list(stacks: readonly StackDescription[], ownStackId?: string) {
  const { connection, calls } = await serve(stacks);
  const lister = connection.listerFor?.(FLEET, ownStackId);
  if (!lister) throw new Error('the service lists no fleets');
  const pages: (readonly Listed[])[] = [];
  let from: string | undefined;
  do {
    const page = await lister.page(from);
    if (page.kind !== 'page') return { pages, error: page, calls };
    pages.push(page.listed);
    from = page.next;
  } while (from !== undefined);
  return { pages, calls, lister };
}

test('the stacks with the tag are listed, each pinned by its ID, its operation and the time of its update', async () => {
  const { pages, calls, lister } = await list([stack('api'), stack('web')]);
  expect(pages).toEqual([[inFlight('api'), inFlight('web')]]);
  expect(calls).toEqual(['DescribeStacks']);
  expect(lister?.displayName).toBe('stacks with tag team=web');
});

test.each<[string, StackDescription['tags']]>([
  ['another value', { team: 'api' }],
  ['a longer value', { team: 'web2' }],
  ['a value in another case', { team: 'Web' }],
  ['a key in another case', { Team: 'web' }],
  ['the value with another key', { stage: 'web' }],
  ['no tags', {}],
])('a stack with %s is left out', async (_, tags) => {
  expect((await list([stack('other', { tags }), stack('web')])).pages).toEqual([[inFlight('web')]]);
});

test('all pages are listed, also those without a stack with the tag', async () => {
  const many = Array.from({ length: 250 }, (_, index) =>
    stack(`stack-${index}`, index >= 100 && index < 200 ? { tags: {} } : {}),
  );
  const { pages, calls } = await list(many);
  expect(pages.map(({ length }) => length)).toEqual([100, 0, 50]);
  expect(pages[2]?.at(-1)).toEqual(inFlight('stack-249'));
  expect(calls).toEqual(['DescribeStacks', 'DescribeStacks', 'DescribeStacks']);
});

test.each<[StackStatus, Partial<Listed>]>([
  ['UPDATE_IN_PROGRESS', { phase: 'IN_PROGRESS', startedAt: UPDATED }],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', { phase: 'ENDING', startedAt: UPDATED }],
  // A rollback may have changed the time.
  ['UPDATE_ROLLBACK_IN_PROGRESS', { phase: 'CANCELLING', startedAt: undefined }],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', { phase: 'CANCELLING', startedAt: undefined }],
  ['UPDATE_COMPLETE', { phase: 'COMPLETED', startedAt: UPDATED }],
  ['UPDATE_FAILED', { phase: 'FAILED', startedAt: UPDATED }],
  ['UPDATE_ROLLBACK_COMPLETE', { phase: 'CANCELLED', startedAt: undefined }],
  ['UPDATE_ROLLBACK_FAILED', { phase: 'FAILED', startedAt: undefined }],
])('an update that is %s is listed as such', async (status, expected) => {
  const { pages } = await list([stack('web', { status })]);
  expect(pages).toEqual([[{ ...inFlight('web'), ...expected }]]);
});

test.each<StackStatus | 'REVIEW_IN_PROGRESS' | 'IMPORT_IN_PROGRESS'>([
  'CREATE_IN_PROGRESS',
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'REVIEW_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
])('a stack that is %s has no update in flight', async (status) => {
  const { pages } = await list([stack('web', { status: status as StackStatus })]);
  expect(pages).toEqual([[{ key: 'web', phase: 'COMPLETED' }]]);
});

test('without an operation, the time of the update takes the place of its ID', async () => {
  const { pages } = await list([stack('web', { lastOperations: [] })]);
  expect(pages).toEqual([[{ ...inFlight('web'), deploymentId: new Date(UPDATED).toISOString() }]]);
});

const NESTED = { rootId: idOf('root'), parentId: idOf('outer') };

test.each<[string, string | undefined, string[]]>([
  ['a root stack', idOf('own'), ['root', 'other']],
  ['a nested stack', idOf('inner'), ['own', 'other']],
  ['a stack of another account', idOf('own').replace('123456789012', '111122223333'), ['own', 'root', 'other']],
  ['a stack of another region', idOf('own').replace('us-east-1', 'eu-west-1'), ['own', 'root', 'other']],
  ['no stack', undefined, ['own', 'root', 'other']],
])('of the own stacks and nested stacks, none is listed if %s waits', async (_, ownStackId, expected) => {
  const { pages } = await list(
    [
      stack('own'),
      stack('root'),
      stack('outer', { rootId: idOf('root'), parentId: idOf('root') }),
      stack('inner', NESTED),
      stack('other'),
    ],
    ownStackId,
  );
  expect(pages.flat().map(({ key }) => key)).toEqual(expected);
});

test('the root stack of the own stack is left out also if it is on an earlier page', async () => {
  const others = Array.from({ length: 120 }, (_, index) => stack(`stack-${index}`, { tags: {} }));
  const { pages, calls } = await list([stack('root'), ...others, stack('inner', NESTED)], idOf('inner'));
  expect(pages).toEqual([[], []]);
  expect(calls).toEqual([`DescribeStacks ${idOf('inner')}`, 'DescribeStacks', 'DescribeStacks']);
});

test('nothing is listed if the own stack cannot be read', async () => {
  const { pages, error, calls } = await list([stack('web')], idOf('own'));
  expect(pages).toEqual([]);
  expect(error).toMatchObject({ kind: 'error', errorName: 'ValidationError' });
  expect(calls).toEqual([`DescribeStacks ${idOf('own')}`]);
});

test.each<[string, Partial<StackDescription>]>([
  ['name', { stackName: '' }],
  ['ID', { stackId: '' }],
  ['status', { status: '' as StackStatus }],
])('a stack without its %s is an invalid response', async (_, more) => {
  expect((await list([stack('web', more)])).error).toMatchObject({ kind: 'error', errorName: 'InvalidResponseError' });
});

/** Lists a stack, replaces it, and takes the step that would cancel its update. Returns the calls of that step. */
async function cancelAfter(listedAs: StackDescription, later: readonly StackDescription[], events: LoggedEvent[] = []) {
  const { served, calls, settings, connection } = await serve([listedAs]);
  const page = await connection.listerFor?.(FLEET)?.page();
  const [listed] = page?.kind === 'page' ? page.listed : [];
  const item = listed && toItem(listed);
  if (typeof item !== 'string') throw new Error('nothing is pinned');
  served.stacks = later;
  served.events = events;
  calls.length = 0;
  const { key, progress } = initialProgress(item);
  const deployment = fleetKindDefinition(FLEET.kind).deploymentOf(key, FLEET);
  await run(
    {
      request: { contractVersion: CONTRACT_VERSION, deployment, settings },
      startTime: new Date(NOW).toISOString(),
      progress,
    },
    {
      clock: { now: () => NOW, random: () => 0, sleep: () => Promise.reject(new Error('the test ends here')) },
      remaining: () => 0,
      driverFor: () => connection.driverFor(deployment),
      endpoints: [settings.endpoint],
      inFleet: true,
    },
  );
  return calls;
}

const isCancel = (call: string) => call.startsWith('Cancel');

test.each([
  ['an operation', [{ type: 'UPDATE_STACK', id: OPERATION }] as const],
  ['a time', []],
])('an update that is pinned by %s is cancelled by the ID of its stack', async (_, lastOperations) => {
  const web = stack('web', { lastOperations });
  expect(await cancelAfter(web, [web])).toEqual([`DescribeStacks ${idOf('web')}`, `CancelUpdateStack ${idOf('web')}`]);
});

const NEWER = {
  lastUpdatedTime: NOW - 1_000,
  lastOperations: [{ type: 'UPDATE_STACK', id: NEWER_OPERATION }],
} as const;
const WITHOUT_OPERATIONS = { lastOperations: [] };

test.each<[string, StackDescription, readonly StackDescription[]]>([
  ['a newer update', stack('web'), [stack('web', NEWER)]],
  [
    'a newer update, without operations',
    stack('web', WITHOUT_OPERATIONS),
    [stack('web', { ...NEWER, ...WITHOUT_OPERATIONS })],
  ],
  [
    'the update of a stack that was created anew',
    stack('web'),
    [stack('web', { status: 'DELETE_COMPLETE', deletionTime: NOW }), stack('web', { stackId: idOf('web', '0bb2') })],
  ],
  [
    'the update of a stack that was created anew, without operations',
    stack('web', WITHOUT_OPERATIONS),
    [
      stack('web', { ...WITHOUT_OPERATIONS, status: 'DELETE_COMPLETE', deletionTime: NOW }),
      stack('web', { ...WITHOUT_OPERATIONS, stackId: idOf('web', '0bb2') }),
    ],
  ],
  [
    'the update of a stack that was created anew, while the old one is not known any more',
    stack('web'),
    [stack('web', { stackId: idOf('web', '0bb2') })],
  ],
])('%s is not cancelled', async (_, before, later) => {
  const calls = await cancelAfter(before, later);
  expect(calls[0]).toBe(`DescribeStacks ${idOf('web')}`);
  expect(calls.filter(isCancel)).toEqual([]);
});
