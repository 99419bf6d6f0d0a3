/** What numbers mean to the shop owner. */

import type { Balances } from '../api/types.js';

/** `none`: nothing left, but something may come back; `unavailable`: nothing was ever offered */
export type Level = 'unlimited' | 'plenty' | 'low' | 'none' | 'sold-out' | 'unavailable';

const FEW = 3;
const SMALL_PART = 0.1;

export function levelOf({ free, held, sold, refunded }: Balances): Level {
  if (free === null) return 'unlimited';
  if (free === 0) {
    if (held > 0) return 'none';
    return sold + refunded > 0 ? 'sold-out' : 'unavailable';
  }
  const all = free + held + sold + refunded;
  return free <= FEW || free < all * SMALL_PART ? 'low' : 'plenty';
}

/** Several together, as a product's variants; unlimited when one of them is. */
export function together(all: readonly Balances[]): Balances {
  const sum = (pick: (one: Balances) => number): number => all.reduce((total, one) => total + pick(one), 0);
  const unlimited = all.some(({ free }) => free === null);
  const free = unlimited ? null : sum((one) => one.free ?? 0);
  const held = sum((one) => one.held);
  const sold = sum((one) => one.sold);
  const refunded = sum((one) => one.refunded);
  const total = free === null ? null : free + held + sold + refunded;
  return { free, held, sold, refunded, total, version: 0 };
}

/** What a product's variants have at a glance, and those that the sum would hide. */
export interface Glance {
  /** where some are unlimited and others have a number left, of these others alone */
  all: Balances;
  /** places in the list, where others can still be ordered */
  out: number[];
  /** places in the list, where others have a number left */
  unlimited: number[];
}

export function glanceOf(variants: readonly Balances[]): Glance {
  const all = together(variants);
  const at = (free: number | null): number[] =>
    variants.flatMap((one, place) => (one.free === free ? [place] : []));
  const [out, unlimited] = [at(0), at(null)];
  const left = variants.reduce((sum, { free }) => sum + (free ?? 0), 0);
  const isMixed = unlimited.length > 0 && left > 0;
  return {
    all: isMixed ? { ...all, free: left, total: left + all.held + all.sold + all.refunded } : all,
    out: out.length < variants.length ? out : [],
    unlimited: isMixed ? unlimited : [],
  };
}

export interface Part {
  kind: 'left' | 'held' | 'sold' | 'refunded';
  /** of the whole, 0 to 1 */
  share: number;
}

/** The parts of the bar; of unlimited goods, what is left has no size and takes half of it. */
export function partsOf({ free, held, sold, refunded }: Balances): Part[] {
  const claimed = held + sold + refunded;
  const left = free ?? Math.max(claimed, 1);
  const all = left + claimed;
  if (all === 0) return [];
  const parts: Part[] = [
    { kind: 'sold', share: sold / all },
    { kind: 'refunded', share: refunded / all },
    { kind: 'held', share: held / all },
    { kind: 'left', share: left / all },
  ];
  return parts.filter(({ share }) => share > 0);
}
