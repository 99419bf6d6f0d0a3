/** One live stream for the whole page; whoever shows numbers listens. */

import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Touched } from '../api/types.js';
import { openStream, type LiveStatus } from './stream.js';
import { gather } from './touched.js';

/** A hold shows within a second: a rush of events is looked at once, after this long. */
const GATHER_MS = 150;

export type Listener = (touched: readonly Touched[] | 'all') => void;

interface Live {
  status: LiveStatus;
  subscribe(listener: Listener): () => void;
}

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider({ storeId, children }: { storeId: string; children: ReactNode }) {
  const [status, setStatus] = useState<LiveStatus>('connecting');
  const [listeners] = useState(() => new Set<Listener>());

  useEffect(() => {
    const tell: Listener = (touched) => listeners.forEach((listener) => listener(touched));
    const gathering = gather(GATHER_MS, tell);
    const close = openStream(storeId, {
      touched: (touched) => gathering.add(touched),
      reset: () => tell('all'),
      status: setStatus,
    });
    return () => {
      close();
      gathering.stop();
    };
  }, [storeId, listeners]);

  const live = useMemo<Live>(
    () => ({
      status,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    [status, listeners],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLiveStatus(): LiveStatus {
  return useContext(LiveContext)?.status ?? 'connecting';
}

/** Calls the latest listener with what live events touched. */
export function useLive(listener: Listener): void {
  const live = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  const subscribe = live?.subscribe;
  useEffect(() => subscribe?.((touched) => latest.current(touched)), [subscribe]);
}
