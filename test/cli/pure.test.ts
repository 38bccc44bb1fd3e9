import { parseArguments } from '../../cli/arguments';
import { consoleUrl } from '../../cli/console-url';
import { formatDuration, formatElapsed, parseDuration } from '../../cli/duration';
import { exitCodeOf } from '../../cli/exit-code';
import { RequestNotSentError, Requests } from '../../cli/requests';
import { resultDocument, sentenceOf } from '../../cli/result-document';
import { resumeCommand } from '../../cli/resume';
import { Terminal } from '../../cli/terminal';
import { WaitView } from '../../cli/wait-view';
import type { Outcome } from '../../lib/contract/cancellation';
import { DEPLOYMENT_KINDS, kindDefinition, sampleIdentifiers } from '../../lib/deployments/kinds';

test.each([
  ['1s', 1],
  ['90s', 90],
  ['30m', 1800],
  ['1h', 3600],
  ['0s', undefined],
  ['2h', undefined],
  ['30', undefined],
  ['m', undefined],
  ['1.5m', undefined],
  ['-1m', undefined],
  ['1d', undefined],
])('the duration %s is %s seconds', (text, seconds) => {
  expect(parseDuration(text, { min: 1, max: 3600 })).toBe(seconds);
});

test.each([
  [1, '1s'],
  [90, '90s'],
  [1800, '30m'],
  [3600, '1h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0, '0:00'],
  [65_900, '1:05'],
  [3_600_000, '60:00'],
])('%d ms have passed: %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

test.each<[Outcome, boolean, number]>([
  ['CANCELLED', false, 0],
  ['CANCELLED', true, 1],
  ['NOT_FOUND', false, 0],
  ['NOT_FOUND', true, 1],
  ['REFUSED', true, 1],
  ['SKIPPED', false, 0],
  ['ERROR', true, 2],
  ['ACCESS_DENIED', true, 3],
  ['TIMED_OUT', true, 4],
  ['UNAVAILABLE', true, 5],
])('%s, failed: %s, has exit code %d', (outcome, failed, code) => {
  expect(exitCodeOf({ outcome, failed })).toBe(code);
});

const PLACE = { partition: 'aws', region: 'eu-west-1' };

test.each([
  ['ecs-service-deployment', undefined, 'ecs/v2/clusters/prod/services/web/deployments?region=eu-west-1'],
  ['cloudformation-stack-update', 'x', 'cloudformation/home?region=eu-west-1#/stacks/events?stackId=web'],
  ['codedeploy-deployment', 'd-1', 'codesuite/codedeploy/deployments/d-1?region=eu-west-1'],
  ['codedeploy-deployment', undefined, 'codesuite/codedeploy/applications/shop/deployment-groups/web?region=eu-west-1'],
  [
    'codepipeline-execution',
    'e',
    'codesuite/codepipeline/pipelines/release/executions/e/visualization?region=eu-west-1',
  ],
  ['codepipeline-execution', undefined, 'codesuite/codepipeline/pipelines/release/view?region=eu-west-1'],
])('the page of %s, deployment %s', (kind, deploymentId, path) => {
  const url = consoleUrl({ kind, identifiers: sampleIdentifiers(kind) }, deploymentId, PLACE);
  expect(url).toBe(`https://eu-west-1.console.aws.amazon.com/${path}`);
});

test.each([
  ['aws-cn', 'https://cn-north-1.console.amazonaws.cn/'],
  ['aws-us-gov', 'https://cn-north-1.console.amazonaws-us-gov.com/'],
  ['aws-iso', undefined],
])('the console of the partition %s', (partition, start) => {
  const deployment = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };
  const url = consoleUrl(deployment, undefined, { partition, region: 'cn-north-1' });
  expect(url?.slice(0, start?.length)).toBe(start);
});

test.each(DEPLOYMENT_KINDS)('%s has a page in the console, unless AWS has ended the service', (kind) => {
  const { consolePath, lifecycle } = kindDefinition(kind);
  expect(consolePath !== undefined).toBe(lifecycle !== 'ended');
});

const DEPLOYMENT = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };

test('the result as a document, and as a sentence', () => {
  const attributes = { outcome: 'CANCELLED', deploymentId: 'abc', deploymentStatus: 'DONE', name: 'web' };
  const document = resultDocument(
    { outcome: 'CANCELLED', failed: false, reason: 'it is DONE', attributes },
    DEPLOYMENT,
    PLACE,
  );
  const url =
    'https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/events?stackId=web';
  expect(document).toEqual({
    outcome: 'CANCELLED',
    failed: false,
    reason: 'it is DONE',
    exitCode: 0,
    displayName: 'stack web',
    deployment: DEPLOYMENT,
    deploymentId: 'abc',
    deploymentStatus: 'DONE',
    consoleUrl: url,
    attributes: { name: 'web' },
  });
  expect(sentenceOf(document)).toBe(`CANCELLED: it is DONE; see ${url}`);
  expect(sentenceOf({ ...document, consoleUrl: null })).toBe('CANCELLED: it is DONE');
});

test.each([
  ['stack web', undefined, 'stack --stack web'],
  ['stack web --region eu-west-1 --json', 'abc', 'stack --stack web --deployment-id abc --region eu-west-1'],
  [
    'pipeline release --abandon --profile ops',
    'e',
    'pipeline --pipeline release --deployment-id e --profile ops --abandon',
  ],
  ['codedeploy --application shop --deployment-group web', 'd-ABCDEF123', 'codedeploy --deployment-id d-ABCDEF123'],
  [
    'ecs --cluster a --service b --endpoint-url http://h',
    'x',
    'ecs --cluster a --service b --deployment-id x --endpoint-url http://h',
  ],
])('%s, deployment %s, goes on with: %s', (text, deploymentId, expected) => {
  const invocation = parseArguments(text.split(' '));
  if (typeof invocation === 'string') throw new Error(invocation);
  const command = resumeCommand(invocation, deploymentId);
  expect(command).toBe(`cancel-deployment ${expected}`);
  expect(() => parseArguments(command.split(' ').slice(1))).not.toThrow();
});

describe('requests', () => {
  const read = { action: 'ecs:DescribeServiceDeployments', resourceArn: 'a' };
  const stop = { action: 'ecs:StopServiceDeployment', resourceArn: 'b' };

  test('are listed once, the change last', () => {
    const requests = new Requests();
    for (const request of [read, stop, read, { ...read, resourceArn: 'c' }]) requests.add(request);
    expect(requests.all).toEqual([read, { ...read, resourceArn: 'c' }, stop]);
    expect(requests.change).toEqual(stop);
  });

  test.each(['ecs:StopServiceDeployment', 'x:Cancel', 'x:Delete', 'x:Getaway', 'x:UpdateList', 'x:ListenTo'])(
    '%s is a change, and is blocked',
    (action) => {
      const onBlocked = jest.fn();
      const requests = new Requests(onBlocked);
      expect(() => requests.add({ action, resourceArn: '*' })).toThrow(RequestNotSentError);
      expect(onBlocked).toHaveBeenCalledWith({ action, resourceArn: '*' });
    },
  );

  test.each(['x:GetA', 'x:ListA', 'x:DescribeA', 'x:BatchGetA'])('%s is a read, and is sent', (action) => {
    const requests = new Requests(() => {
      throw new Error('was blocked');
    });
    requests.add({ action, resourceArn: '*' });
    expect(requests.change).toBeUndefined();
  });

  test.each(DEPLOYMENT_KINDS)('the cancel action of %s is a change, and its read action is not', (kind) => {
    const { cancelAction, readAction } = kindDefinition(kind);
    const requests = new Requests();
    requests.add({ action: readAction, resourceArn: '*' });
    expect(requests.change).toBeUndefined();
    requests.add({ action: cancelAction, resourceArn: '*' });
    expect(requests.change?.action).toBe(cancelAction);
  });
});

describe('the view of a wait', () => {
  function viewOn(isTTY: boolean) {
    let text = '';
    let time = 0;
    const write = (chunk: string | Uint8Array) => {
      text += chunk;
      return true;
    };
    const out = { isTTY, columns: 80, write };
    const view = new WaitView('stack web', new Terminal(out, { NO_COLOR: '1' }), () => time);
    return {
      view,
      text: () => text,
      pass: (ms: number) => {
        time += ms;
      },
    };
  }

  test('without a terminal, each status has a line', () => {
    const { view, text } = viewOn(false);
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x' });
    view.add('step', { deploymentStatus: 'ignored' });
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x' });
    view.add('cancel', { errorName: 'Throttled', operation: 'cloudformation:CancelUpdateStack' });
    view.add('describe', { deploymentStatus: 'B', deploymentId: 'x' });
    view.end();
    expect(text().split('\n')).toEqual([
      'stack web is A (deployment x)',
      'cloudformation:CancelUpdateStack: Throttled; trying again',
      'stack web is B (deployment x)',
      '',
    ]);
  });

  test('on a terminal, one line is overwritten', () => {
    const { view, text, pass } = viewOn(true);
    view.add('describe', { deploymentStatus: 'A' });
    pass(65_000);
    view.add('describe', { deploymentStatus: 'B' });
    view.end();
    expect(text()).toBe('stack web is A, 0:00\r\u001b[2Kstack web is B, 1:05\r\u001b[2K');
  });

  test('remembers the last read, and how many deployments were in flight', () => {
    const { view } = viewOn(false);
    view.add('describe', { deploymentStatus: 'A', deploymentId: 'x', inFlight: 3 });
    view.add('describe', { deploymentStatus: 'B', deploymentId: 'x' });
    view.add('describe', { errorName: 'Throttled', operation: 'a:GetB' });
    expect(view.last).toEqual({ deploymentStatus: 'B', deploymentId: 'x', inFlight: 3 });
  });
});
