import { HttpServer, ServiceError } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/codepipeline';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';

const NOW = Date.UTC(2027, 0);
const AWS = {
  ...awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment' }),
  now: () => NOW,
};
const DAY = 24 * 60 * 60;

process.env.AWS_REGION = 'us-east-1';
process.env.AWS_ACCESS_KEY_ID = 'any';
process.env.AWS_SECRET_ACCESS_KEY = 'any';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const idOf = (index: number) => `01234567-89ab-cdef-0123-${String(index).padStart(12, '0')}`;
const execution = (index: number, status: string, more: object = {}) => ({
  pipelineExecutionId: idOf(index),
  status,
  startTime: NOW / 1000 - index,
  executionMode: 'QUEUED',
  executionType: 'STANDARD',
  ...more,
});

async function listerOf(respond: () => object, abandon = false) {
  const server = await HttpServer.listen({
    services: [{ service: 'codepipeline', protocol: jsonProtocol('CodePipeline_20150709', '1.1'), call: respond }],
  });
  servers.push(server);
  const settings: CancellationSettings = {
    timeoutSeconds: 1800,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    endpoint: server.url,
  };
  const identifiers = { pipelineName: 'release' };
  const fleet = { kind: 'codepipeline-executions', identifiers, options: { abandon } };
  const lister = service.connect(settings, AWS).listerFor?.(fleet);
  if (!lister) throw new Error('the service lists no fleets');
  return lister;
}

const item = (index: number, phase: string) => ({
  key: idOf(index),
  deploymentId: idOf(index),
  phase,
  startedAt: NOW - index * 1000,
});

test('all executions in flight are listed, without rollbacks', async () => {
  const pipelineExecutionSummaries = [
    execution(1, 'InProgress'),
    execution(2, 'InProgress', { executionType: 'ROLLBACK' }),
    execution(3, 'Stopping'),
    execution(4, 'Succeeded'),
    execution(5, 'Superseded'),
    execution(6, 'InProgress'),
    execution(7, 'Paused'),
  ];
  const lister = await listerOf(() => ({ pipelineExecutionSummaries, nextToken: 't' }));
  expect(lister.displayName).toBe('executions of pipeline release');
  expect(await lister.page()).toEqual({
    kind: 'page',
    listed: [item(1, 'IN_PROGRESS'), item(3, 'CANCELLING'), item(6, 'IN_PROGRESS'), item(7, 'UNKNOWN')],
    next: 't',
  });
});

test('an execution that is stopping can be abandoned', async () => {
  const lister = await listerOf(() => ({ pipelineExecutionSummaries: [execution(1, 'Stopping')] }), true);
  expect(await lister.page()).toEqual({ kind: 'page', listed: [item(1, 'CANCELLING_GRACEFULLY')], next: undefined });
});

test('the list ends where all that follow started more than 90 days ago', async () => {
  const pipelineExecutionSummaries = [execution(1, 'Failed'), execution(91 * DAY, 'Failed')];
  const lister = await listerOf(() => ({ pipelineExecutionSummaries, nextToken: 't' }));
  expect(await lister.page()).toEqual({ kind: 'page', listed: [], next: undefined });
});

test('a pipeline that does not exist is not found', async () => {
  const lister = await listerOf(() => {
    throw new ServiceError('PipelineNotFoundException', 'no pipeline');
  });
  expect(await lister.page()).toMatchObject({ kind: 'not-found' });
});

test.each([
  ['without a list', {}, 'the response has no list of executions'],
  [
    'with an execution without an ID',
    { pipelineExecutionSummaries: [execution(1, 'InProgress', { pipelineExecutionId: '' })] },
    'the response has no valid deployment id',
  ],
  [
    'with the same page again',
    { pipelineExecutionSummaries: [], nextToken: 'from-10' },
    'the next page is the same page',
  ],
])('a response %s is an error', async (_, response, message) => {
  const lister = await listerOf(() => response);
  expect(await lister.page('from-10')).toMatchObject({ kind: 'error', errorName: 'InvalidResponseError', message });
});
