import { WarmSandboxes } from '../aws/lambda/warm';
import { HttpServer } from './http-server';

/**
 * What clouds that follow one another have in common, so that each begins in a moment: one port, and functions that are
 * warm. Never of two clouds at a time.
 */
export class SharedRuntime {
  static async start(): Promise<SharedRuntime> {
    return new SharedRuntime(await HttpServer.listen({ services: [] }));
  }

  readonly sandboxes = new WarmSandboxes();

  private constructor(readonly server: HttpServer) {}

  async close(): Promise<void> {
    await this.sandboxes.close();
    await this.server.close();
  }
}
