/**
 * Server-sent events to the pages that are open. Each reader has no buffer of its own but its socket's; one that
 * does not read is dropped, and comes back with the id of what it read last.
 */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Log } from '@holdfast/messaging';
import { HEARTBEAT, openingFrame, placeIn, resetFrame } from './event-frames.js';
import type { LiveFeed } from './live-feed.js';

export interface StreamLimits {
  /** readers at the same time */
  maxStreams: number;
  /** what a socket may have waiting before its reader is dropped; 256 kB unless given */
  maxBufferedBytes?: number;
  heartbeatMs?: number;
  /** so long a stream lives; then the reader comes again, and its key is looked at again; 15 minutes unless given */
  maxAgeMs?: number;
}

const MAX_BUFFERED = 256 * 1_024;
const HEARTBEAT_MS = 15_000;
const MAX_AGE_MS = 15 * 60_000;
/** What a browser waits before it comes back. */
const RETRY_MS = 1_000;
/** The first reader has to wait for the topic; with the broker away it is told `reset` later. */
const LIVE_WITHIN_MS = 1_000;
/** While it catches up, a reader is given no more than this at a time. */
const CATCH_UP_BYTES = 64 * 1_024;
/** A reader that takes nothing for so long while it catches up is dropped. */
const STALLED_MS = 10_000;

interface Stream {
  response: ServerResponse;
  openedAt: number;
  /** has everything up to now, so that what happens from now on is written at once */
  isCaughtUp: boolean;
}

export class EventStreams {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly feed: LiveFeed,
    private readonly limits: StreamLimits,
    private readonly log: Log,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#beat(), this.limits.heartbeatMs ?? HEARTBEAT_MS);
  }

  /** Ends every stream; readers come back, to another process or later. */
  stop(): void {
    clearInterval(this.#timer);
    for (const { response } of this.#streams) response.end();
  }

  get open(): number {
    return this.#streams.size;
  }

  get isFull(): boolean {
    return this.#streams.size >= this.limits.maxStreams;
  }

  /**
   * Streams a store's changes for as long as the reader stays.
   * @param lastEventId as the reader gave it; none = it has just loaded everything
   */
  async serve(storeId: string, lastEventId: string | undefined, response: ServerResponse): Promise<void> {
    const stream: Stream = { response, openedAt: performance.now(), isCaughtUp: false };
    this.#streams.add(stream);
    const stopListening = this.feed.listen(storeId, {
      keepsEvents: true,
      onOutcome: (_, event) => {
        if (stream.isCaughtUp && event) this.#write(stream, event.frame);
      },
      onReset: () => {
        if (stream.isCaughtUp) this.#write(stream, resetFrame(this.feed.placeOf(storeId)));
      },
    });
    response.once('close', () => {
      stopListening();
      this.#streams.delete(stream);
    });
    await this.feed.untilLive(LIVE_WITHIN_MS);
    if (response.destroyed) return;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    if (lastEventId === undefined || lastEventId === '') {
      this.#write(stream, openingFrame(this.feed.placeOf(storeId), RETRY_MS));
      stream.isCaughtUp = true;
    } else {
      this.#write(stream, openingFrame(undefined, RETRY_MS));
      await this.#catchUp(storeId, lastEventId, stream);
    }
  }

  /** Nothing is awaited between the look that finds nothing missed and the note of it. */
  async #catchUp(storeId: string, lastEventId: string, stream: Stream): Promise<void> {
    let place = placeIn(lastEventId);
    for (;;) {
      const missed = place && this.feed.missedSince(storeId, place);
      if (!missed || missed.length === 0) {
        // While nothing is read, the feed says `reset` by itself when it begins.
        if (!missed && this.feed.isLive) this.#write(stream, resetFrame(this.feed.placeOf(storeId)));
        stream.isCaughtUp = true;
        return;
      }
      for (const { partition, offset, frame } of missed) {
        this.#write(stream, frame);
        place = { partition, offset };
        if (!(await this.#hasRoom(stream))) return;
      }
    }
  }

  async #hasRoom({ response }: Stream): Promise<boolean> {
    if (response.writableLength > CATCH_UP_BYTES) {
      const signal = AbortSignal.timeout(STALLED_MS);
      await once(response, 'drain', { signal }).catch(() => response.destroy());
    }
    return !response.destroyed;
  }

  #write({ response }: Stream, frame: string): void {
    if (response.destroyed || response.writableEnded) return;
    response.write(frame);
    if (response.writableLength <= (this.limits.maxBufferedBytes ?? MAX_BUFFERED)) return;
    this.log.debug('a reader of live changes is too slow, and was dropped');
    response.destroy();
  }

  #beat(): void {
    const oldest = performance.now() - (this.limits.maxAgeMs ?? MAX_AGE_MS);
    for (const stream of this.#streams) {
      if (stream.openedAt < oldest) stream.response.end();
      else this.#write(stream, HEARTBEAT);
    }
  }
}
