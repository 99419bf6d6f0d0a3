import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<Value> {
  value: Value | undefined;
  error: unknown;
  /** loads again, with what is there staying in view; one load at a time, and one more when asked meanwhile */
  reload: () => void;
}

/** @param load made with useCallback: another one is loaded anew */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<{ value?: Value; error?: unknown; of?: () => Promise<Value> }>({});
  const running = useRef<{ load: () => Promise<Value>; again: boolean } | undefined>(undefined);
  const reload = useCallback(() => {
    if (running.current?.load === load) {
      running.current.again = true;
      return;
    }
    const mine = { load, again: false };
    running.current = mine;
    const run = async (): Promise<void> => {
      do {
        mine.again = false;
        const result = await load().then(
          (value) => ({ value, of: load }),
          (error: unknown) => ({ error, of: load }),
        );
        if (running.current !== mine) return;
        setState((before) => ('error' in result && before.of === load ? { ...before, ...result } : result));
      } while (mine.again);
      running.current = undefined;
    };
    void run();
  }, [load]);
  useEffect(() => {
    reload();
    return () => {
      running.current = undefined;
    };
  }, [reload]);
  const isMine = state.of === load;
  return { value: isMine ? state.value : undefined, error: isMine ? state.error : undefined, reload };
}
