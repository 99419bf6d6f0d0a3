/** The live view where there is no terminal: a moment of the run as one line. Pure. */

import type { JournalEntry, Snapshot } from '../run/snapshot.js';
import { count, some, unitsLeft } from './words.js';

export function plainLine(moment: Snapshot): string {
  const { counts, stock, workers, waiting, outbox } = moment;
  const of = (name: string): string => count(counts.outcomes[name] ?? 0);
  const [sneakers] = stock;
  const at = workers.filter(({ state }) => state === 'works').length;
  return [
    `${moment.elapsedSeconds.toFixed(0).padStart(4)} s`,
    `${count(moment.ordersPerSecond)} orders/s`,
    `held ${of('Held')}, sold ${of('Sold')}, refused ${of('Refused')}, expired ${of('Released, expired')}`,
    ...(sneakers
      ? [
          `sneakers: ${unitsLeft(sneakers.free)} left, ${count(sneakers.held)} held, ${count(sneakers.sold)} sold`,
        ]
      : []),
    `customers told ${count(counts.notified)}`,
    `dead letters ${counts.deadLetters} of ${counts.malformed} malformed`,
    `waiting ${some(waiting, 'record')}, ${some(outbox, 'batch', 'batches')}`,
    `${at} of ${workers.length} workers`,
  ].join(' | ');
}

export function journalLine({ at, text }: JournalEntry): string {
  return `${at.toFixed(0).padStart(4)} s * ${text}`;
}
