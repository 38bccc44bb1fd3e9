import type { RunEvent } from '../simulation/run';
import { elapsed, isExpected } from './report';

/** The resources, deployments and state that a run waits for, and the calls since the last line that was printed. */
export class ProgressTracker {
  private readonly deployments = new Map<string, string>();
  private readonly resources = new Set<string>();
  private state?: string;
  private since = 0;
  /** The calls that are not printed, because they succeeded, by operation. */
  private calls = new Map<string, number>();

  add(event: RunEvent): void {
    if (event.kind === 'resource' && event.resourceType !== 'AWS::CloudFormation::Stack') {
      if (event.status.endsWith('_IN_PROGRESS')) this.resources.add(event.logicalId);
      else this.resources.delete(event.logicalId);
    }
    if (event.kind === 'deployment') this.deployments.set(event.deploymentId, event.status);
    if (event.kind === 'state') this.state = event.name;
    if (event.kind === 'call' && isExpected(event)) {
      this.calls.set(event.operation, (this.calls.get(event.operation) ?? 0) + 1);
    }
  }

  /** Starts a wait, after a line was printed. */
  startWait(atSeconds: number): void {
    this.since = atSeconds;
    this.calls = new Map();
  }

  /** Describes the wait that ends at that time; undefined if it was short. */
  describeWait(atSeconds: number): string | undefined {
    const seconds = atSeconds - this.since;
    if (seconds < SHORT_SECONDS) return undefined;
    return [`${elapsed(seconds)} later`, ...this.describeCalls()].join(', ');
  }

  /** Describes what the run waits for now. */
  describe(): string {
    const { state } = this;
    return [
      ...this.describeResources(),
      ...this.describeDeployments(),
      ...(state ? [`last state ${state}`] : []),
      ...this.describeCalls(),
    ].join(', ');
  }

  private describeResources(): string[] {
    const [first, ...others] = this.resources;
    if (first === undefined) return [];
    return [others.length === 0 ? `waiting for ${first}` : `waiting for ${others.length + 1} resources`];
  }

  private describeDeployments(): string[] {
    const [first, ...others] = this.deployments;
    if (!first) return [];
    if (others.length === 0) return [`deployment ${first[1]}`];
    const counts = new Map<string, number>();
    for (const status of this.deployments.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return [`deployments: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`];
  }

  private describeCalls(): string[] {
    return [...this.calls].map(([operation, count]) => `${operation} × ${count}`);
  }
}

/** Shorter waits are not described. */
const SHORT_SECONDS = 10;
