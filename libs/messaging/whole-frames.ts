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

/** For the `socketFactory` of a Kafka client. */
export const wholeFrameSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const names = net.isIP(host) ? {} : { servername: host };
  const socket = ssl
    ? tls.connect({ host, port, ...names, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return handingOnFrames(socket);
};

/** The same socket, whose `data` listeners are given one whole frame after the other, each with its length. */
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
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** of the frame that has begun, its length included; unknown until that is there */
  #wanted = LENGTH_BYTES;

  /** @returns the frames that are whole now */
  take(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const whole: Buffer[] = [];
    while (this.#bytes >= this.#wanted) {
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const end = LENGTH_BYTES + all.readInt32BE(0);
      if (all.length >= end) whole.push(all.subarray(0, end));
      const rest = all.length >= end ? all.subarray(end) : all;
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      this.#wanted = rest.length >= LENGTH_BYTES ? LENGTH_BYTES + rest.readInt32BE(0) : LENGTH_BYTES;
    }
    return whole;
  }
}
