import type { RunEvent } from '../simulation/run';
import { elapsed, wentWell } from './report';

/** What a run waits for, and what has happened in the wait that a person is not shown. */
export class ProgressTracker {
  private readonly deployments = new Map<string, string>();
  private readonly resources = new Set<string>();
  private state?: string;
  private since = 0;
  /** Calls that went well, by operation, and so are not shown. */
  private looks = new Map<string, number>();

  see(event: RunEvent): void {
    if (event.kind === 'resource' && event.resourceType !== 'AWS::CloudFormation::Stack') {
      if (event.status.endsWith('_IN_PROGRESS')) this.resources.add(event.logicalId);
      else this.resources.delete(event.logicalId);
    }
    if (event.kind === 'deployment') this.deployments.set(event.deploymentId, event.status);
    if (event.kind === 'state') this.state = event.name;
    if (event.kind === 'call' && wentWell(event)) {
      this.looks.set(event.operation, (this.looks.get(event.operation) ?? 0) + 1);
    }
  }

  /** Something is shown: a new wait begins. */
  begin(atSeconds: number): void {
    this.since = atSeconds;
    this.looks = new Map();
  }

  /** What the wait was that something ends at that time; undefined of one that was too short to be told of. */
  passed(atSeconds: number): string | undefined {
    const seconds = atSeconds - this.since;
    if (seconds < SHORT) return undefined;
    return [`${elapsed(seconds)} later`, ...this.asked()].join(', ');
  }

  /** What is being waited for now. */
  describe(): string {
    const { state } = this;
    return [...this.inProgress(), ...this.moving(), ...(state ? [`last state ${state}`] : []), ...this.asked()].join(
      ', ',
    );
  }

  private inProgress(): string[] {
    const [first, ...others] = this.resources;
    if (first === undefined) return [];
    return [others.length === 0 ? `waiting for ${first}` : `waiting for ${others.length + 1} resources`];
  }

  private moving(): string[] {
    const [first, ...others] = this.deployments;
    if (!first) return [];
    if (others.length === 0) return [`deployment ${first[1]}`];
    const counts = new Map<string, number>();
    for (const status of this.deployments.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return [`deployments: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`];
  }

  private asked(): string[] {
    return [...this.looks].map(([operation, count]) => `${operation} × ${count}`);
  }
}

/** In seconds. */
const SHORT = 10;
