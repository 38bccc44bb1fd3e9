import { WarmSandboxes } from '../aws/lambda/warm';
import { Wire } from './http-server';

/**
 * What clouds that follow one another have in common, so that each begins in a moment: one port, and functions that are
 * warm. Never of two clouds at a time.
 */
export class Host {
  static async start(): Promise<Host> {
    return new Host(await Wire.listen({ services: [] }));
  }

  readonly sandboxes = new WarmSandboxes();

  private constructor(readonly wire: Wire) {}

  async close(): Promise<void> {
    await this.sandboxes.close();
    await this.wire.close();
  }
}
