import { useCallback, useEffect, useRef } from 'react';
import type { Page } from '../api/types.js';
import { useLoaded } from '../ui/use-loaded.js';

export interface List<Item> {
  items: Item[] | undefined;
  error: unknown;
  hasMore: boolean;
  more: () => void;
  /** as many pages as are shown */
  reload: () => void;
}

/** A list that is loaded page by page. @param load made with useCallback: another one starts at the first page */
export function useList<Item>(load: (cursor?: string) => Promise<Page<Item>>): List<Item> {
  const pages = useRef(1);
  useEffect(() => {
    pages.current = 1;
  }, [load]);
  const all = useCallback(async (): Promise<Page<Item>> => {
    const items: Item[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < pages.current; page++) {
      const answer = await load(cursor);
      items.push(...answer.items);
      cursor = answer.nextCursor ?? undefined;
      if (cursor === undefined) break;
    }
    return { items, nextCursor: cursor ?? null };
  }, [load]);
  const { value, error, reload } = useLoaded(all);
  return {
    items: value?.items,
    error,
    hasMore: (value?.nextCursor ?? null) !== null,
    more: () => {
      pages.current++;
      reload();
    },
    reload,
  };
}
