/** The port on which a process says of itself how it is: short answers by path, and an end that waits for nobody. */

import { createServer, type Server } from 'node:http';

export interface StatusReply {
  status: number;
  /** JSON unless said otherwise */
  type?: string;
  body: string;
}

export interface StatusPortOptions {
  port: number;
  /** the environment variable that names the port, for whoever has to choose another */
  setting: string;
  /** a rejection is answered with 500 */
  replyTo: (path: string) => Promise<StatusReply>;
  onError: (path: string, error: unknown) => void;
}

/** The message names the setting, and what to do. */
export class PortTaken extends Error {
  override name = 'PortTaken';
}

export class StatusPort {
  readonly #server: Server;

  constructor(private readonly options: StatusPortOptions) {
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      void this.#replyTo(path).then(({ status, type = 'application/json', body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      });
    });
  }

  /** @throws PortTaken */
  async start(): Promise<void> {
    const { port, setting } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = `${setting}: something else has port ${port}; choose another, or 0 for none`;
        reject(error.code === 'EADDRINUSE' ? new PortTaken(taken) : error);
      });
      this.#server.listen(port, resolve);
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Whoever scrapes keeps its connection open.
    this.#server.closeAllConnections();
    await closed;
  }

  async #replyTo(path: string): Promise<StatusReply> {
    try {
      return await this.options.replyTo(path);
    } catch (error) {
      this.options.onError(path, error);
      return { status: 500, body: '{}' };
    }
  }
}
