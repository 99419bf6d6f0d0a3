/** What numbers, days and places are called. */

import type { Balances, Place } from '../api/types.js';
import { strings } from '../strings.js';
import { dayLong, dayWithWeekday } from '../ui/format.js';
import { glanceOf, levelOf } from './balance.js';
import { balancesAt, type ProductSlots, type Slot, type Stock } from './slots.js';

/** `Stollen, Large` */
export function slotName({ product, variant }: Pick<Slot, 'product' | 'variant'>): string {
  return variant === null ? product : `${product}, ${variant}`;
}

export type NameOf = (place: Place) => string;

/** Names places as the shop does: `Stollen, Large, Thu 24 Dec`. */
export function nameIn(slots: readonly Slot[], today: string): NameOf {
  const byId = new Map(slots.map((slot) => [slot.id, slot]));
  return ({ productId, variantId, date }) => {
    const slot = byId.get(`${productId}/${variantId ?? '-'}`) ?? { product: productId, variant: variantId };
    if (date === null) return slotName(slot);
    const year = date.startsWith(today.slice(0, 4)) ? '' : ` ${date.slice(0, 4)}`;
    return `${slotName(slot)}, ${dayWithWeekday(date)}${year}`;
  };
}

/** `12 left`, `sold out`, `unlimited` */
export function leftText(balances: Balances): string {
  return strings.left(levelOf(balances), balances.free ?? 0);
}

/** `12 left, 3 held, 25 sold`: what is zero is not said. */
export function numbersText(balances: Balances): string {
  const { held, sold, refunded } = balances;
  return [
    leftText(balances),
    ...(held > 0 ? [strings.held(held)] : []),
    ...(sold > 0 ? [strings.sold(sold)] : []),
    ...(refunded > 0 ? [strings.refunded(refunded)] : []),
  ].join(', ');
}

/** What a screen reader says of a day: `Thursday 24 December, Stollen: 12 left, 3 held, 25 sold; …` */
export function dayLabel(
  date: string,
  groups: readonly ProductSlots[],
  stock: Stock,
  isToday: boolean,
): string {
  const products = groups.map(({ title, slots }) => {
    const numbers = slots.map((slot) => balancesAt(stock, slot, date));
    const { all } = glanceOf(numbers);
    const said = `${title}: ${numbersText(all)}`;
    // Those that are all unlimited, or all out alike, need not be said one by one.
    const areAlike = numbers.every((one) => !one.free && leftText(one) === leftText(all));
    if (areAlike || (slots.length === 1 && slots[0]?.variant === null)) return said;
    const variants = slots.map(
      (slot) => `${slot.variant ?? strings.noVariant} ${leftText(balancesAt(stock, slot, date))}`,
    );
    return `${said} (${variants.join(', ')})`;
  });
  const day = isToday ? strings.todayIs(dayLong(date)) : dayLong(date);
  return [day, products.join('; ')].filter((part) => part !== '').join(', ');
}
