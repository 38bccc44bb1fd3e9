import { WarmSandboxes } from '../aws/lambda/warm';
import { HttpServer } from './http-server';

/**
 * The parts that emulators reuse one after the other, so that each starts quickly: one port, and warm sandboxes. Two
 * emulators must not use it at the same time.
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
