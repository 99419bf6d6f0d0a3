/** The connections that one client of kafkajs has made, so that all of them can be closed. */

import type { Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const CLOSED = 'this consumer is given up';

export class Connections {
  readonly #sockets = new Set<Socket>();
  #isClosed = false;

  constructor(private readonly connect: ISocketFactory) {}

  readonly socketFactory: ISocketFactory = (to) => {
    const socket = this.connect(to);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#isClosed) socket.destroy(new Error(CLOSED));
    return socket;
  };

  /** Also those that are still to come. @param isLeft kafkajs has ended them already: it is told no error */
  close(isLeft: boolean): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.destroy(isLeft ? undefined : new Error(CLOSED));
  }
}
