import type { Sandbox } from './sandbox';

/** The idle sandboxes of earlier emulators, for reuse, because a thread takes a while to start. */
export class WarmSandboxes {
  private readonly idle = new Map<string, Sandbox[]>();

  /** @param key the same for sandboxes that were started with the same options */
  take(key: string): Sandbox | undefined {
    return takeAlive(this.idle.get(key) ?? []);
  }

  give(key: string, sandbox: Sandbox): void {
    this.idle.set(key, [...(this.idle.get(key) ?? []), sandbox]);
  }

  async close(): Promise<void> {
    const sandboxes = [...this.idle.values()].flat();
    this.idle.clear();
    await Promise.all(sandboxes.map((sandbox) => sandbox.terminate()));
  }
}

/** Takes the last sandbox whose thread has not ended between two invocations. */
export function takeAlive(idle: Sandbox[]): Sandbox | undefined {
  let sandbox = idle.pop();
  while (sandbox && !sandbox.alive) sandbox = idle.pop();
  return sandbox;
}
