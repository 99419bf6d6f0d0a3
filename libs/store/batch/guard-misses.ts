/**
 * Guards that did not hold. Once may be a matter of who came first; again and again, the stock is not what follows from
 * the orders, and whoever waits for the batch has to know it, and which keys people have to look at.
 */

import { GuardFault, type StockChange } from '@holdfast/core';
import { shown } from '../documents/damage.js';
import type { Database } from '../database/database.js';
import type { StockDoc } from '../documents/documents.js';
import { AUDIT_SAYS_WHERE, faultOf, GuardMiss } from '../database/faults.js';

const TRIES = 5;
/** Keys that a message names; the audit names all. */
const NAMED = 3;
const BALANCES = ['free', 'held', 'sold', 'refunded'] as const;

/** A change of which the stock does not have what it takes. */
interface Short {
  stockKey: string;
  said: string;
}

/** Reads outside of the transaction, which has changed the keys whose guards held. */
export async function shortAmong({ stock }: Database, changes: readonly StockChange[]): Promise<Short[]> {
  const wanted = changes.filter(({ missing }) => !missing);
  const ids = wanted.map(({ stockKey }) => stockKey);
  const docs = ids.length > 0 ? await stock.find({ _id: { $in: ids } }).toArray() : [];
  const found = new Map(docs.map((doc) => [doc._id, doc]));
  return wanted.flatMap((change) => {
    const said = shortOf(change, found.get(change.stockKey));
    return said === undefined ? [] : { stockKey: change.stockKey, said };
  });
}

export class GuardMisses {
  #count = 0;

  constructor(
    private readonly database: Database,
    private readonly watch: { guardMissed(): void } | undefined,
  ) {}

  /** @throws GuardFault for the last miss that is let pass and for what is no number, else the error as it is */
  readonly rethrow = async (error: unknown): Promise<never> => {
    const fault = faultOf(error);
    if (fault instanceof GuardFault) {
      this.watch?.guardMissed();
      throw fault;
    }
    if (!(error instanceof GuardMiss)) throw error;
    this.watch?.guardMissed();
    this.#count += 1;
    if (this.#count < TRIES) throw error;
    throw new GuardFault(await this.#said(error), { cause: error });
  };

  async #said({ message, changes }: GuardMiss): Promise<string> {
    const short = (await shortAmong(this.database, changes)).map(({ said }) => said);
    const named = short.slice(0, NAMED).join('; ') || message;
    const more = short.length > NAMED ? `; and ${short.length - NAMED} keys more` : '';
    return `${named}${more}: ${AUDIT_SAYS_WHERE}`;
  }
}

/** @returns undefined when all that the change takes is there */
function shortOf(
  { stockKey, blank, unread, drawdown }: StockChange,
  doc: StockDoc | undefined,
): string | undefined {
  if (!doc) return `the stock of ${stockKey} is gone`;
  for (const balance of BALANCES) {
    if (balance === 'free' && (blank || unread)) continue;
    const there: unknown = doc[balance];
    const isThere = typeof there === 'number' && there >= drawdown[balance];
    const isTaken = balance === 'free' || drawdown[balance] > 0;
    if (isTaken && !isThere) {
      return `the stock of ${stockKey} has ${balance} ${shown(there)}, of which ${drawdown[balance]} are to be taken`;
    }
  }
  return undefined;
}
