import { callsByService } from '../simulation/calls-by-service';
import type { Report, RunEvent } from '../simulation/run';
import { type StatusStyle, styleOf } from './status-style';

/** Makes a text stand out, where it is shown. */
export type Paint = (style: StatusStyle | 'faint', text: string) => string;

const unpainted: Paint = (_tone, text) => text;

/** A line about what has just happened, as `cdk deploy` would show it; undefined for what only a machine wants to know. */
export function progressLine(event: RunEvent, paint: Paint = unpainted): string | undefined {
  const text = describe(event, paint);
  return text === undefined ? undefined : `${paint('faint', elapsed(event.atSeconds).padStart(8))}  ${text}`;
}

function describe(event: RunEvent, paint: Paint): string | undefined {
  switch (event.kind) {
    case 'resource': {
      const { status, resourceType, logicalId, reason } = event;
      // CloudFormation says this a second time, when it has the physical id.
      if (reason === 'Resource creation Initiated') return undefined;
      const said = reason === undefined || reason === 'User Initiated' ? '' : `\n${' '.repeat(10)}${reason}`;
      return `${paint(styleOf(status), status.padEnd(20))}  ${resourceType.padEnd(34)}  ${logicalId}${said}`;
    }
    case 'state':
      return `state machine         ${event.name}`;
    case 'deployment':
      return `deployment            ${event.deploymentId}  ${paint(styleOf(event.status), event.status)}`;
    case 'message':
      return `message               ${event.text}`;
    case 'call':
      // What goes well is told by what follows from it.
      return wentWell(event)
        ? undefined
        : `${event.service.padEnd(20)}  ${event.operation}: ${paint(answerStyle(event), event.answer)}`;
  }
}

type Call = Extract<RunEvent, { kind: 'call' }>;

/** That a parameter or an execution is not there is an answer like any other: it is asked for before it is started. */
export function wentWell({ answer }: Call): boolean {
  return ['ok', 'ParameterNotFound', 'ExecutionDoesNotExist'].includes(answer);
}

export function answerStyle(call: Call): StatusStyle {
  return wentWell(call) ? 'plain' : 'bad';
}

/** What came of a run, for a person. */
export function summary(report: Report, paint: Paint = unpainted): string {
  const { stackStatus, statusReason, outputs, elapsedSeconds } = report;
  return [
    '',
    `${paint(styleOf(stackStatus), stackStatus)} after ${elapsed(elapsedSeconds)}: ${counted(report)}`,
    ...(statusReason === null ? [] : ['', 'Reason:', statusReason]),
    ...(Object.keys(outputs).length === 0 ? [] : ['', 'Outputs:']),
    ...Object.entries(outputs).map(([key, value]) => `${key} = ${paint(styleOf(value), value)}`),
  ].join('\n');
}

function counted({ counts, history }: Report): string {
  const { lambdaInvocations, stateTransitions } = counts;
  const [first, ...others] = callsByService(history).map(([service, count]) => [service, count.toLocaleString('en')]);
  return [
    `${lambdaInvocations} function invocations`,
    `${stateTransitions} state transitions`,
    ...(first ? [`${first[1]} calls of ${first[0]}`] : []),
    ...others.map(([service, count]) => `${count} of ${service}`),
  ].join(', ');
}

/** Minutes and seconds. */
export function elapsed(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
