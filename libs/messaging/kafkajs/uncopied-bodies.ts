/**
 * Large bodies of requests go to the socket as they are. kafkajs copies a request twice, each time into new zeroed memory
 * of the next power of two: of a worker's buffers, which its garbage collector goes by, that was a quarter. So
 * kafkajs is given some bytes that stand for the body, and the socket, which is ours, sends the body in their place.
 */

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/** What is smaller costs less to copy than to look after. */
const LARGE_BYTES = 32 * 1024;
/** Random ones: no other request ends with them. */
const STAND_IN_BYTES = 16;
/** Every request begins with the length of what follows. */
const LENGTH_BYTES = 4;

const bodies = new Map<string, Buffer>();

export interface Sendable {
  /** what kafkajs is to put behind the request's header */
  bytes: Buffer;
  /** the request is answered, or never will be */
  letGo(): void;
}

/** @param body stays as it is until the request is answered, or its connection is gone */
export function sendable(body: Buffer): Sendable {
  if (body.length < LARGE_BYTES) return { bytes: body, letGo: () => undefined };
  const standIn = randomBytes(STAND_IN_BYTES);
  const name = nameOf(standIn);
  bodies.set(name, body);
  return { bytes: standIn, letGo: () => void bodies.delete(name) };
}

/** The same socket, which sends the bodies that a request's bytes stand for. */
export function sendingBodies(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (data: Uint8Array | string, ...rest: unknown[]) => boolean;
  const writeBody = (data: Uint8Array | string, ...rest: unknown[]): boolean => {
    const body = Buffer.isBuffer(data) ? bodyOf(data) : undefined;
    if (!body) return write(data, ...rest);
    const header = Buffer.from((data as Buffer).subarray(0, -STAND_IN_BYTES));
    header.writeInt32BE(header.length - LENGTH_BYTES + body.length);
    socket.cork();
    write(header);
    const hasRoom = write(body);
    socket.uncork();
    return hasRoom;
  };
  socket.write = writeBody as Socket['write'];
  return socket;
}

function bodyOf(request: Buffer): Buffer | undefined {
  if (bodies.size === 0 || request.length < STAND_IN_BYTES) return undefined;
  return bodies.get(nameOf(request.subarray(-STAND_IN_BYTES)));
}

function nameOf(standIn: Buffer): string {
  return standIn.toString('latin1');
}
