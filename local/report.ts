import type { Report, RunEvent } from './run';

/** A line about what has just happened, as `cdk deploy` would show it; undefined for what only a machine wants to know. */
export function progressLine(event: RunEvent): string | undefined {
  const text = describe(event);
  return text === undefined ? undefined : `${elapsed(event.atSeconds).padStart(8)}  ${text}`;
}

function describe(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'resource': {
      const { status, resourceType, logicalId, reason } = event;
      // CloudFormation says this a second time, when it has the physical id.
      if (reason === 'Resource creation Initiated') return undefined;
      const said = reason === undefined || reason === 'User Initiated' ? '' : `\n${' '.repeat(10)}${reason}`;
      return `${status.padEnd(20)}  ${resourceType.padEnd(34)}  ${logicalId}${said}`;
    }
    case 'state':
      return `state machine         ${event.name}`;
    case 'deployment':
      return `deployment            ${event.deploymentId}  ${event.status}`;
    case 'message':
      return `message               ${event.text}`;
    case 'call':
      // What goes well is told by what follows from it. That a parameter is not there is an answer like any other.
      return event.answer === 'ok' || event.answer === 'ParameterNotFound'
        ? undefined
        : `${event.service.padEnd(20)}  ${event.operation}: ${event.answer}`;
  }
}

/** What came of a run, for a person. */
export function summary(report: Report): string {
  const { stackStatus, statusReason, outputs, counts, elapsedSeconds } = report;
  const { lambdaInvocations, stateTransitions, protonCalls } = counts;
  return [
    '',
    `${stackStatus} after ${elapsed(elapsedSeconds)}: ${lambdaInvocations} function invocations, ${stateTransitions} state transitions, ${protonCalls} calls of Proton`,
    ...(statusReason === null ? [] : ['', 'Reason:', statusReason]),
    ...(Object.keys(outputs).length === 0 ? [] : ['', 'Outputs:']),
    ...Object.entries(outputs).map(([key, value]) => `${key} = ${value}`),
  ].join('\n');
}

function elapsed(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
