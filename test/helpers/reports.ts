import type { DeploymentEvent, Report, RunEvent } from '../../emulator/simulation/run';

/** A report with few events. */
export function reportOf(more: Partial<Report> = {}): Report {
  return {
    scenario: 'cancelled',
    stackStatus: 'CREATE_COMPLETE',
    outputs: {},
    resourceEvents: [],
    statusReason: null,
    counts: { lambdaInvocations: 5, stateTransitions: 11, calls: {} },
    elapsedSeconds: 41,
    history: [],
    deploymentsBefore: [],
    executions: [],
    ...more,
  };
}

export function resource(atSeconds: number, status: string, logicalId = 'Cancellation', reason?: string): RunEvent {
  const resourceType = logicalId === 'Stack' ? 'AWS::CloudFormation::Stack' : 'Custom::DeploymentCancellation';
  return { atSeconds, kind: 'resource', logicalId, resourceType, status, reason };
}

export function deployment(atSeconds: number, status: string, deploymentId = 'd-1'): DeploymentEvent {
  return { atSeconds, kind: 'deployment', resource: 'environment/prod', deploymentId, status };
}

export function call(atSeconds: number, answer = 'ok', operation = 'GetEnvironment', service = 'proton'): RunEvent {
  return { atSeconds, kind: 'call', service, operation, answer };
}

export function state(atSeconds: number, name: string): RunEvent {
  return { atSeconds, kind: 'state', name };
}

/** Creates an array of a length from the indexes. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
