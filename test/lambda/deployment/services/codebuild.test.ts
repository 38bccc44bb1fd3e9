import { StatusType } from '@aws-sdk/client-codebuild';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/codebuild';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const PROJECT = 'arn:aws-cn:codebuild:cn-north-1:111122223333:project/web';
const X = '01234567-89ab-cdef-0123-00000000000a';
const Y = '01234567-89ab-cdef-0123-00000000000b';
const BY_NAME: Deployment = { kind: 'codebuild-build', identifiers: { projectName: 'web' } };
const ONE: Deployment = { ...BY_NAME, identifiers: { projectName: 'web', buildId: `web:${X}` } };
/** Now. Older builds than two days are over. */
const STARTED = Math.floor(Date.now() / 1000);

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const build = ({ id, status, message }: Changes, more: object = {}) => ({
  id: id === undefined ? undefined : `web:${id}`,
  arn: 'arn:build',
  buildStatus: status,
  startTime: STARTED,
  phases: [{ contexts: [{ message: 'an older one' }] }, { contexts: [{ message }, {}] }, {}],
  environment: { environmentVariables: [{ name: 'PASSWORD', value: 'hunter2' }] },
  ...more,
});

const read = {
  operation: 'BatchGetBuilds',
  arn: PROJECT,
  input: { ids: [`web:${X}`] },
  startedAt: STARTED * 1000,
  response: (changes: Changes) => ({ builds: [build(changes)] }),
};

const { fake, driver, calls } = testDriver({
  name: 'codebuild',
  protocol: jsonProtocol('CodeBuild_20161006', '1.1'),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: StatusType,
  phases: {
    IN_PROGRESS: 'IN_PROGRESS',
    STOPPED: 'CANCELLED',
    SUCCEEDED: 'COMPLETED',
    FAILED: 'FAILED',
    FAULT: 'FAILED',
    TIMED_OUT: 'FAILED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'IN_PROGRESS',
    deploymentId: X,
    startedAt: STARTED * 1000,
    attributes: { arn: 'arn:build', name: 'web' },
  },
  otherId: Y,
  stopping: 'STOPPED',
  find: {
    ...read,
    before: {
      operation: 'ListBuildsForProject',
      input: { projectName: 'web' },
      response: { ids: [`web:${X}`] },
    },
  },
  get: read,
  stop: {
    ...read,
    operation: 'StopBuild',
    input: { id: `web:${X}` },
    response: (changes) => ({ build: build({ ...changes, status: 'STOPPED' }) }),
  },
  errors: { InvalidInputException: 'rejected' },
  notFound: 'ResourceNotFoundException',
  partialResponse: { builds: [{}] },
});

test.each([
  ['STOPPED', 'CANCELLING'],
  ['FAILED', 'ENDING'],
  ['IN_PROGRESS', 'IN_PROGRESS'],
])('a build that is %s and not complete is %s', async (status, phase) => {
  fake.respond = () => ({ builds: [build({ id: X, status }, { buildComplete: false })] });
  expect(await driver().describe(X)).toMatchObject({ phase, deploymentStatus: status });
});

test('a specified build is read by its id, and not looked up in the list', async () => {
  fake.respond = () => ({ builds: [build({ id: X, status: 'IN_PROGRESS' })] });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({ deploymentId: X, isSpecified: true });
  expect(fake.calls.map(({ operation }) => operation)).toEqual(['BatchGetBuilds']);
});

test('builds that are too old to be in flight are not listed', async () => {
  const old = build({ id: X, status: 'SUCCEEDED' }, { startTime: STARTED - 45 * 3600 });
  fake.respond = ({ operation }) =>
    operation === 'BatchGetBuilds' ? { builds: [old] } : { ids: [`web:${X}`], nextToken: 't' };
  const read = await driver().describe(undefined);
  expect(read).toMatchObject({ deploymentId: X, phase: 'COMPLETED' });
  expect(read).not.toHaveProperty('unread');
  expect(fake.calls).toHaveLength(2);
});

test('the list is read on while its builds may be in flight', async () => {
  const page = [
    build({ id: X, status: 'SUCCEEDED' }, { startTime: STARTED - 40 * 3600 }),
    build({ id: Y, status: 'IN_PROGRESS' }, { startTime: STARTED - 41 * 3600 }),
  ];
  fake.respond = ({ operation, input }) => {
    if (operation === 'BatchGetBuilds') return { builds: page.filter(({ id }) => id === (input.ids as string[])[0]) };
    return input.nextToken ? { ids: [`web:${Y}`] } : { ids: [`web:${X}`], nextToken: 't' };
  };
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: Y, phase: 'IN_PROGRESS' });
});

test('a response without a list of builds is invalid', async () => {
  fake.respond = () => ({});
  expect(await driver().describe(undefined)).toMatchObject({ kind: 'error', errorType: 'unreachable' });
  expect(await driver().describe(X)).toMatchObject({ kind: 'error', errorType: 'unreachable' });
});

test('a project without builds has never been built, and a build that is gone is not found', async () => {
  fake.respond = () => ({ ids: [], builds: [], buildsNotFound: [`web:${X}`] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
  expect(await driver().describe(X)).toMatchObject({ kind: 'not-found' });
});

test('a response about another project is invalid', async () => {
  fake.respond = () => ({ builds: [{ ...build({ status: 'IN_PROGRESS' }), id: `web2:${X}` }] });
  expect(await calls.get.call(driver())).toMatchObject({ errorType: 'unreachable' });
});
