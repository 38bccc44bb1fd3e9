import { type Paint, progressLine, summary } from '../../../emulator/runner/report';
import type { RunEvent } from '../../../emulator/simulation/run';
import { call, reportOf, times } from '../../helpers/reports';

const resource = (more: Partial<Extract<RunEvent, { kind: 'resource' }>>): RunEvent => ({
  atSeconds: 65.4,
  kind: 'resource',
  logicalId: 'Cancellation',
  resourceType: 'Custom::DeploymentCancellation',
  status: 'CREATE_COMPLETE',
  ...more,
});

test.each<[string, RunEvent, string]>([
  [
    'a resource, as `cdk deploy` shows it',
    resource({}),
    '    1:05  CREATE_COMPLETE       Custom::DeploymentCancellation      Cancellation',
  ],
  [
    'a failure with its reason on a separate line',
    resource({ status: 'CREATE_FAILED', reason: 'it broke' }),
    '    1:05  CREATE_FAILED         Custom::DeploymentCancellation      Cancellation\n          it broke',
  ],
  [
    'an operation that a user started, without that reason',
    resource({ status: 'CREATE_IN_PROGRESS', reason: 'User Initiated' }),
    '    1:05  CREATE_IN_PROGRESS    Custom::DeploymentCancellation      Cancellation',
  ],
  ['a state', { atSeconds: 0, kind: 'state', name: 'Wait' }, '    0:00  state machine         Wait'],
  [
    'a deployment',
    { atSeconds: 3599.6, kind: 'deployment', resource: 'environment/prod', deploymentId: 'd-1', status: 'CANCELLED' },
    '   60:00  deployment            d-1  CANCELLED',
  ],
  [
    'a call that failed',
    { atSeconds: 1, kind: 'call', service: 'proton', operation: 'GetEnvironment', answer: 'ThrottlingException' },
    '    0:01  proton                GetEnvironment: ThrottlingException',
  ],
])('progressLine shows %s', (_what, event, line) => {
  expect(progressLine(event)).toBe(line);
});

test.each<[string, RunEvent]>([
  ['a call that succeeded', { atSeconds: 1, kind: 'call', service: 'ssm', operation: 'GetParameter', answer: 'ok' }],
  [
    'the deletion of a parameter that does not exist',
    { atSeconds: 1, kind: 'call', service: 'ssm', operation: 'DeleteParameter', answer: 'ParameterNotFound' },
  ],
  [
    'the second CREATE_IN_PROGRESS of a resource',
    resource({ status: 'CREATE_IN_PROGRESS', reason: 'Resource creation Initiated' }),
  ],
])('progressLine does not show %s', (_what, event) => {
  expect(progressLine(event)).toBeUndefined();
});

const report = reportOf({
  outputs: { Status: 'CANCELLED', Other: 'x' },
  history: [...times(1024, (at) => call(at)), call(41, 'ParameterNotFound', 'DeleteParameter', 'ssm')],
});

test('the summary of a success contains the outputs of the stack, and the calls of every service', () => {
  expect(summary(report)).toBe(
    '\nCREATE_COMPLETE after 0:41: 5 function invocations, 11 state transitions, 1,024 calls of proton, 1 of ssm\n\nOutputs:\nStatus = CANCELLED\nOther = x',
  );
});

test('the summary of a failure contains its reason', () => {
  const failed = { ...report, stackStatus: 'ROLLBACK_COMPLETE', outputs: {}, statusReason: 'it broke' };
  expect(summary(failed)).toMatch(/^\nROLLBACK_COMPLETE after 0:41: .*\n\nReason:\nit broke$/);
});

test('only the time and the status are formatted', () => {
  const paint: Paint = (style, text) => `<${style}>${text}</${style}>`;
  expect(progressLine(resource({ status: 'CREATE_FAILED', reason: 'it broke' }), paint)).toBe(
    '<faint>    1:05</faint>  <bad>CREATE_FAILED       </bad>  Custom::DeploymentCancellation      Cancellation\n          it broke',
  );
  expect(summary({ ...report, history: [] }, paint)).toContain('\n<good>CREATE_COMPLETE</good> after 0:41: ');
});
