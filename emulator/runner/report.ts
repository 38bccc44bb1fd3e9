import { callsByService } from '../simulation/calls-by-service';
import type { Report, RunEvent } from '../simulation/run';
import { type StatusStyle, styleOf } from './status-style';

/** Formats a text in a style, such as a color. */
export type Paint = (style: StatusStyle | 'faint', text: string) => string;

const unpainted: Paint = (_style, text) => text;

/** The line for an event, similar to the output of `cdk deploy`; undefined for an event that is not printed. */
export function progressLine(event: RunEvent, paint: Paint = unpainted): string | undefined {
  const text = describe(event, paint);
  return text === undefined ? undefined : `${paint('faint', elapsed(event.atSeconds).padStart(8))}  ${text}`;
}

function describe(event: RunEvent, paint: Paint): string | undefined {
  switch (event.kind) {
    case 'resource': {
      const { status, resourceType, logicalId, reason } = event;
      // CloudFormation emits CREATE_IN_PROGRESS a second time, with the physical ID.
      if (reason === 'Resource creation Initiated') return undefined;
      const suffix = reason === undefined || reason === 'User Initiated' ? '' : `\n${' '.repeat(10)}${reason}`;
      return `${paint(styleOf(status), status.padEnd(20))}  ${resourceType.padEnd(34)}  ${logicalId}${suffix}`;
    }
    case 'state':
      return `state machine         ${event.name}`;
    case 'deployment':
      return `deployment            ${event.deploymentId}  ${paint(styleOf(event.status), event.status)}`;
    case 'message':
      return `message               ${event.text}`;
    case 'call':
      // The effects of a call that succeeds are printed instead.
      return isExpected(event)
        ? undefined
        : `${event.service.padEnd(20)}  ${event.operation}: ${paint(answerStyle(event), event.answer)}`;
  }
}

type Call = Extract<RunEvent, { kind: 'call' }>;

/** Whether a call succeeded, or found out that a parameter or an execution does not exist yet. */
export function isExpected({ answer }: Call): boolean {
  return ['ok', 'ParameterNotFound', 'ExecutionDoesNotExist'].includes(answer);
}

export function answerStyle(call: Call): StatusStyle {
  return isExpected(call) ? 'plain' : 'bad';
}

/** The result of a run, as text. */
export function summary(report: Report, paint: Paint = unpainted): string {
  const { stackStatus, statusReason, outputs, elapsedSeconds } = report;
  return [
    '',
    `${paint(styleOf(stackStatus), stackStatus)} after ${elapsed(elapsedSeconds)}: ${describeCounts(report)}`,
    ...(statusReason === null ? [] : ['', 'Reason:', statusReason]),
    ...(Object.keys(outputs).length === 0 ? [] : ['', 'Outputs:']),
    ...Object.entries(outputs).map(([key, value]) => `${key} = ${paint(styleOf(value), value)}`),
  ].join('\n');
}

function describeCounts({ counts, history }: Report): string {
  const { lambdaInvocations, stateTransitions } = counts;
  const [first, ...others] = callsByService(history).map(([service, count]) => [service, count.toLocaleString('en')]);
  return [
    `${lambdaInvocations} function invocations`,
    `${stateTransitions} state transitions`,
    ...(first ? [`${first[1]} calls of ${first[0]}`] : []),
    ...others.map(([service, count]) => `${count} of ${service}`),
  ].join(', ');
}

/** A duration in minutes and seconds. */
export function elapsed(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
