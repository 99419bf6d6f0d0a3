/** The store's live stream: opened, kept open, and opened again when it is lost. */

import type { StockEvent, Touched } from '../api/types.js';

export type LiveStatus = 'connecting' | 'live' | 'lost';

export interface StreamListener {
  touched(touched: readonly Touched[]): void;
  /** something may have been missed: look at everything again */
  reset(): void;
  status(status: LiveStatus): void;
}

const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 15_000;
/** Browsers allow six connections to one server: tabs that nobody looks at leave theirs to others. */
const HIDDEN_MS = 60_000;

/** @returns what closes it */
export function openStream(storeId: string, listener: StreamListener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  const open = (): void => {
    const opened = new EventSource(`/v1/stores/${encodeURIComponent(storeId)}/events`);
    let isFirst = true;
    source = opened;
    opened.onopen = () => {
      listener.status('live');
      retryMs = FIRST_RETRY_MS;
      // What the page read before this stream began may have changed in between. A stream that the browser itself
      // opens again names the last event that it saw, and is told what it missed.
      if (isFirst) listener.reset();
      isFirst = false;
    };
    opened.addEventListener('stock', (event: MessageEvent<string>) => {
      const { outcome, deltas } = JSON.parse(event.data) as StockEvent;
      listener.touched(deltas.map((place) => ({ ...place, outcome })));
    });
    opened.addEventListener('reset', () => listener.reset());
    opened.onerror = () => {
      listener.status('lost');
      // The browser opens a broken connection again by itself, but not one that was answered with an error.
      if (opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, MOST_RETRY_MS);
    };
  };

  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let isAsleep = false;
  const seen = (): void => {
    clearTimeout(hiddenTimer);
    if (document.visibilityState === 'hidden') {
      hiddenTimer = setTimeout(() => {
        isAsleep = true;
        clearTimeout(timer);
        source?.close();
      }, HIDDEN_MS);
    } else if (isAsleep) {
      isAsleep = false;
      open();
    }
  };
  document.addEventListener('visibilitychange', seen);

  listener.status('connecting');
  open();
  return () => {
    document.removeEventListener('visibilitychange', seen);
    clearTimeout(hiddenTimer);
    clearTimeout(timer);
    source?.close();
  };
}
