import type { Sandbox } from './sandbox';

/** Sandboxes that no cloud uses at the moment, for clouds that follow one another: a thread takes a while to begin. */
export class WarmSandboxes {
  private readonly idle = new Map<string, Sandbox[]>();

  /** One that was started with the very same things. */
  take(likeness: string): Sandbox | undefined {
    return takeAlive(this.idle.get(likeness) ?? []);
  }

  give(likeness: string, sandbox: Sandbox): void {
    this.idle.set(likeness, [...(this.idle.get(likeness) ?? []), sandbox]);
  }

  async close(): Promise<void> {
    const sandboxes = [...this.idle.values()].flat();
    this.idle.clear();
    await Promise.all(sandboxes.map((sandbox) => sandbox.terminate()));
  }
}

/** A thread may also end between two invocations. */
export function takeAlive(idle: Sandbox[]): Sandbox | undefined {
  let sandbox = idle.pop();
  while (sandbox && !sandbox.alive) sandbox = idle.pop();
  return sandbox;
}
