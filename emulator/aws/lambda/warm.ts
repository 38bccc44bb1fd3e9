import type { Sandbox } from './sandbox';

/** The largest number of idle sandboxes: each is a thread of some 15 MB. */
const MAX_IDLE = 24;

/** The idle sandboxes of earlier emulators, for reuse, because a thread takes a while to start. */
export class WarmSandboxes {
  /** The last one given is the last. */
  private idle: { readonly key: string; readonly sandbox: Sandbox }[] = [];

  /** @param key the same for sandboxes that were started with the same options */
  take(key: string): Sandbox | undefined {
    this.idle = this.idle.filter(({ sandbox }) => sandbox.alive);
    const index = this.idle.findLastIndex((entry) => entry.key === key);
    return index < 0 ? undefined : this.idle.splice(index, 1)[0]?.sandbox;
  }

  /** Keeps a sandbox for later. Ends the one that was idle for the longest time if there are too many. */
  give(key: string, sandbox: Sandbox): void {
    this.idle.push({ key, sandbox });
    if (this.idle.length > MAX_IDLE) void this.idle.shift()?.sandbox.terminate();
  }

  async close(): Promise<void> {
    const { idle } = this;
    this.idle = [];
    await Promise.all(idle.map(({ sandbox }) => sandbox.terminate()));
  }
}

/** Takes the last sandbox whose thread has not ended between two invocations. */
export function takeAlive(idle: Sandbox[]): Sandbox | undefined {
  let sandbox = idle.pop();
  while (sandbox && !sandbox.alive) sandbox = idle.pop();
  return sandbox;
}
