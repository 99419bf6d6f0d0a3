/** Connections of a Kafka client that stand, and on which no answer comes any more. */

import type { Socket } from 'node:net';
import { wholeFrameSocket } from '@holdfast/messaging';
import type { ISocketFactory } from 'kafkajs';

export class MutedSockets {
  /** all that were made */
  readonly all: Socket[] = [];
  readonly #muted = new Set<Socket>();

  readonly socketFactory: ISocketFactory = (to) => {
    const socket = wholeFrameSocket(to);
    this.all.push(socket);
    const emit = socket.emit.bind(socket) as (event: string, ...given: unknown[]) => boolean;
    socket.emit = ((event: string, ...given: unknown[]) =>
      (this.#muted.has(socket) && event === 'data') || emit(event, ...given)) as typeof socket.emit;
    return socket;
  };

  /** Those that are there never get an answer again. @returns them */
  mute(): Socket[] {
    for (const socket of this.all) this.#muted.add(socket);
    return [...this.#muted];
  }

  get open(): Socket[] {
    return this.all.filter((socket) => !socket.destroyed);
  }
}
