import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { sendable, sendingBodies } from './uncopied-bodies.js';

const SMALL = Buffer.alloc(32 * 1024 - 1, 's');
const LARGE = Buffer.alloc(32 * 1024, 'l');

/** A request as kafkajs makes it: its length, a header, and what it was given for a body. */
function requestOf(bytes: Buffer, header = 'header'): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(header.length + bytes.length);
  return Buffer.concat([length, Buffer.from(header), bytes]);
}

/** What goes over a socket that these are written to. */
function sent(...written: (Buffer | string)[]): Buffer {
  const wire = new PassThrough({ highWaterMark: 1_000_000 });
  const socket = sendingBodies(wire as unknown as Socket);
  for (const data of written) socket.write(data);
  return wire.read() as Buffer;
}

describe('the body of a request', () => {
  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('that is %s goes out as it is, behind its header and the length of both', (_, body) => {
    const { bytes, letGo } = sendable(body);
    const wanted = Buffer.concat([requestOf(body), requestOf(body, 'another header')]);
    expect(sent(requestOf(bytes), requestOf(bytes, 'another header')).equals(wanted)).toBe(true);
    letGo();
  });

  it('is not copied when it is large', () => {
    const wire = new PassThrough({ highWaterMark: 1_000_000 });
    const chunks: Buffer[] = [];
    wire.on('data', (chunk: Buffer) => chunks.push(chunk));
    const { bytes, letGo } = sendable(LARGE);
    sendingBodies(wire as unknown as Socket).write(requestOf(bytes));
    expect(bytes.length).toBeLessThan(100);
    expect(chunks).toContain(LARGE);
    letGo();
  });

  it('is one of many, each with its own', () => {
    const bodies = ['a', 'b'].map((letter) => Buffer.alloc(40_000, letter));
    const [a, b] = bodies.map(sendable);
    const requests = [requestOf(b?.bytes as Buffer), requestOf(a?.bytes as Buffer)];
    const wanted = Buffer.concat([...bodies].reverse().map((body) => requestOf(body)));
    expect(sent(...requests).equals(wanted)).toBe(true);
    a?.letGo();
    b?.letGo();
  });

  it('is forgotten when it is let go, and other writes stay as they are', () => {
    const { bytes, letGo } = sendable(LARGE);
    expect(sent('text', Buffer.from('short'))).toEqual(Buffer.from('textshort'));
    letGo();
    expect(sent(requestOf(bytes))).toEqual(requestOf(bytes));
  });
});
