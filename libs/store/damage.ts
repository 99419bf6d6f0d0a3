/**
 * Documents that were changed by hand and are no longer what this library writes. Nothing is computed with what is no
 * number: whoever meets it says where it is, and how it is put right.
 */

import { BLANK, type Stock } from '@holdfast/core';

/** Nothing was changed, and waiting does not help: people have to mend the document. */
export class DamagedFault extends Error {
  override name = 'DamagedFault';
  constructor(
    /** the stock key, or `store/order` */
    readonly subject: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(damageText(subject, what), options);
  }
}

export function damageText(subject: string, what: string): string {
  return (
    `${subject} was changed by hand: ${what}; ` +
    '`npm run ops -- audit` says what differs, and with --repair it is put right'
  );
}

const COUNTS = ['held', 'sold', 'refunded', 'settlement', 'version'] as const;

/** What is wrong with the balances, for people; undefined when nothing is. */
export function stockDamage(stock: Stock): string | undefined {
  if (stock.free !== null && !Number.isInteger(stock.free)) {
    return `free is ${JSON.stringify(stock.free)}, neither a whole number nor null`;
  }
  const wrong = COUNTS.find((name) => !Number.isInteger(stock[name]));
  return wrong && `${wrong} is ${JSON.stringify(stock[wrong])}, not a whole number`;
}

/** The balances with 0 for what is no number, so that a repair can compute with them. */
export function believed(stock: Stock): Stock {
  const sound = { ...BLANK, free: stock.free === null || Number.isInteger(stock.free) ? stock.free : 0 };
  for (const name of COUNTS) if (Number.isInteger(stock[name])) sound[name] = stock[name];
  return sound;
}

/** What `view` makes of a document. @throws DamagedFault when it cannot be made, as where a time is a text */
export function viewed<T>(subject: string, view: () => T): T {
  try {
    return view();
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    throw new DamagedFault(subject, error.message, { cause: error });
  }
}
