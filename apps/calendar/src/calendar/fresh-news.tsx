/** Says to a screen reader what orders and other people have changed; not more often than one can listen. */

import { useEffect, useRef } from 'react';
import type { StockInView } from '../live/use-stock.js';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import { numbersText } from './names.js';
import type { NameOf } from './names.js';

const MOST_SAID = 2;
const NOT_AGAIN_FOR_MS = 4_000;

export function FreshNews({ inView: { fresh, stock }, nameOf }: { inView: StockInView; nameOf: NameOf }) {
  const { announce } = useNotices();
  const saidAt = useRef(0);
  useEffect(() => {
    if (fresh.size === 0 || Date.now() - saidAt.current < NOT_AGAIN_FOR_MS) return;
    saidAt.current = Date.now();
    const cells = [...fresh].flatMap((key) => stock.get(key) ?? []);
    const said = cells.slice(0, MOST_SAID).map((cell) => `${nameOf(cell)}: ${numbersText(cell)}`);
    const rest = cells.length - said.length;
    announce(rest > 0 ? strings.andMore(said.join('; '), rest) : said.join('; '));
    // Only what is newly fresh is news: names and other numbers change without being any.
  }, [fresh]);
  return null;
}
