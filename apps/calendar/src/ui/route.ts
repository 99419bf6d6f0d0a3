/** Where the page is, kept in the address after `#`, so that it can be linked to and gone back to. */

import { useSyncExternalStore } from 'react';
import { isMonth } from '../calendar/dates.js';

export const VIEWS = ['calendar', 'table', 'orders', 'products', 'settings'] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  storeId: string | null;
  view: View | null;
  month: string | null;
}

export function parseRoute(hash: string): Route {
  const [store = '', view = '', month = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  return {
    storeId: store === '' ? null : store,
    view: VIEWS.find((one) => one === view) ?? null,
    month: isMonth(month) ? month : null,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

export function hrefOf({ storeId, view, month }: Route): string {
  const parts = [storeId, view, month].filter((part) => part !== null);
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

function subscribe(watcher: () => void): () => void {
  window.addEventListener('hashchange', watcher);
  return () => window.removeEventListener('hashchange', watcher);
}

export function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash);
}

export function goTo(route: Route): void {
  window.location.hash = hrefOf(route);
}
