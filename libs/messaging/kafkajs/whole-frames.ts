/**
 * Sockets that hand kafkajs whole answers only.
 *
 * kafkajs keeps what has arrived of an answer with its connection, and keeps it when the socket breaks and another
 * one takes its place. The next answer is then read as the rest of the broken one, nothing that follows is
 * understood any more, and every fetch times out: a consumer stands still for minutes after a broker was killed
 * in mid-answer. Here what is left of a broken answer goes with its socket.
 */

import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;
/** Every answer begins with its length. */
const LENGTH_BYTES = 4;
/** A larger one is handed on in the pieces it came in: kafkajs puts them together itself, and no fetch is copied twice. */
const MOST_JOINED_BYTES = 64 * 1024;

/** For the `socketFactory` of a Kafka client. */
export const wholeFrameSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const names = net.isIP(host) ? {} : { servername: host };
  const socket = ssl
    ? tls.connect({ host, port, ...names, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return handingOnFrames(socket);
};

/** The same socket, whose `data` listeners are given one frame after the other, each with its length, once it is whole. */
export function handingOnFrames(socket: net.Socket): net.Socket {
  const on = socket.on.bind(socket) as (event: string, listener: (...given: never[]) => void) => net.Socket;
  const onFrames = (event: string, listener: (frame: Buffer) => void): net.Socket => {
    if (event !== 'data') return on(event, listener);
    const frames = new Frames();
    return on(event, (chunk: Buffer) => {
      for (const frame of frames.take(chunk)) listener(frame);
    });
  };
  socket.on = onFrames as net.Socket['on'];
  return socket;
}

export class Frames {
  /** of the frame that has begun */
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** its size, its length included; unknown until that is there */
  #wanted = 0;

  /** @returns the frames that are whole now, the large ones in pieces */
  take(chunk: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    for (let rest = chunk; rest.length > 0;) {
      if (this.#wanted === 0) {
        if (this.#bytes > 0) rest = Buffer.concat([...this.#pieces, rest]);
        this.#pieces = [];
        this.#bytes = 0;
        if (rest.length >= LENGTH_BYTES) this.#wanted = LENGTH_BYTES + rest.readInt32BE(0);
      }
      const missing = this.#wanted === 0 ? Infinity : this.#wanted - this.#bytes;
      const piece = rest.length > missing ? rest.subarray(0, missing) : rest;
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#bytes === this.#wanted) whole.push(...this.#end());
    }
    return whole;
  }

  #end(): Buffer[] {
    const pieces = this.#pieces;
    const isJoined = pieces.length > 1 && this.#wanted <= MOST_JOINED_BYTES;
    this.#pieces = [];
    this.#bytes = 0;
    this.#wanted = 0;
    return isJoined ? [Buffer.concat(pieces)] : pieces;
  }
}
