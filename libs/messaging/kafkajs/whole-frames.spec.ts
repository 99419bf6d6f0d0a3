import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Frames, handingOnFrames } from './whole-frames.js';

function frame(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeInt32BE(text.length);
  bytes.write(text, 4);
  return bytes;
}

describe('the frames of a stream', () => {
  const sent = ['first', '', 'x'.repeat(1_000), 'last'].map(frame);
  const stream = Buffer.concat(sent);

  it.each([1, 2, 3, 4, 5, 7, 100, 1_003, 5_000])('come whole from chunks of %d bytes', (size) => {
    const frames = new Frames();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size)
      found.push(...frames.take(stream.subarray(at, at + size)));
    expect(found.map(String)).toEqual(sent.map(String));
  });

  it('come in pieces where they are large, once they are whole', () => {
    const large = frame('y'.repeat(70_000));
    const frames = new Frames();
    expect(frames.take(large.subarray(0, 3))).toEqual([]);
    expect(frames.take(large.subarray(3, 40_000))).toEqual([]);
    const pieces = frames.take(
      Buffer.concat([large.subarray(40_000), frame('next'), frame('cut').subarray(0, 5)]),
    );
    expect(pieces).toHaveLength(3);
    expect(Buffer.concat(pieces.slice(0, 2)).equals(large)).toBe(true);
    expect(String(pieces[2])).toBe(String(frame('next')));
    expect(String(frames.take(frame('cut').subarray(5))[0])).toBe(String(frame('cut')));
  });

  it('are handed on by a socket one at a time, and what is cut off with it is not', () => {
    const socket = handingOnFrames(new EventEmitter() as Socket);
    const heard: string[] = [];
    socket.on('data', (data: Buffer) => heard.push(String(data)));
    socket.on('end', () => heard.push('end'));
    socket.emit('data', Buffer.concat([frame('one'), frame('two'), frame('three').subarray(0, 6)]));
    socket.emit('end');
    expect(heard).toEqual([String(frame('one')), String(frame('two')), 'end']);
  });
});
