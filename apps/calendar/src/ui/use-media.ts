import { useSyncExternalStore } from 'react';

/** Whether the page is as a media query says, now and from now on. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (watcher) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', watcher);
      return () => list.removeEventListener('change', watcher);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Room for a panel beside the calendar. */
export const WIDE = '(min-width: 960px)';
