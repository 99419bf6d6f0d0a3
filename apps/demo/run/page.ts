/** The bakery's calendar page: where it is, and the key that its owner signs in with. */

import { createApiKey, type Database } from '@holdfast/store';
import { BAKERY } from '../traffic/shops.js';
import type { ProgramProcess } from './program-process.js';

export interface Page {
  /** of the month in which the bakery is open most */
  url: string;
  key: string;
}

/** @param dates on which the bakery is open */
export async function openPage(
  api: ProgramProcess,
  database: Database,
  dates: readonly string[],
): Promise<Page> {
  const [said, { key }] = await Promise.all([
    api.start(),
    createApiKey(database, { scope: 'merchant', storeId: BAKERY, name: 'The baker' }),
  ]);
  return { url: pageUrl(urlSaid(said), dates), key };
}

/** The address in what the API says when it is ready. */
function urlSaid(said: unknown): string {
  if (typeof said === 'object' && said && 'ready' in said && typeof said.ready === 'string')
    return said.ready;
  throw new Error(`the API does not say where it is, but ${JSON.stringify(said)}`);
}

/** @param api its address */
export function pageUrl(api: string, dates: readonly string[]): string {
  const days = new Map<string, number>();
  for (const date of dates) days.set(date.slice(0, 7), (days.get(date.slice(0, 7)) ?? 0) + 1);
  const [month = ''] = [...days.keys()].sort((a, b) => (days.get(b) ?? 0) - (days.get(a) ?? 0));
  return `${api}/#/${BAKERY}/calendar/${month}`;
}
