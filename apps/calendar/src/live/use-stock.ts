import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { StockFeed, type FeedView, type Span } from './stock-feed.js';
import { useLive } from './live.js';

const LONG_AWAY_MS = 60_000;

export interface StockInView extends FeedView {
  feed: StockFeed;
}

/** The numbers of the dates in view (null: of a shop without dates), live. */
export function useStock(storeId: string, span: Span): StockInView {
  const feed = useMemo(() => new StockFeed(storeId), [storeId]);
  const view = useSyncExternalStore(feed.subscribe, feed.snapshot);
  const [from, to] = [span?.from, span?.to];
  useEffect(() => {
    feed.show(from === undefined || to === undefined ? null : { from, to });
  }, [feed, from, to]);
  useLive((touched) => feed.look(touched));
  useReturn(() => feed.look('all'));
  return { ...view, feed };
}

/** A device that slept may not have heard that its connection was lost. */
function useReturn(onReturn: () => void): void {
  useEffect(() => {
    let leftAt = Date.now();
    const changed = (): void => {
      if (document.visibilityState === 'hidden') leftAt = Date.now();
      else if (Date.now() - leftAt > LONG_AWAY_MS) onReturn();
    };
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  });
}
