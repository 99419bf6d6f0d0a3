/** Several partitions as one stream: each in its own order, all together by the broker's time. */

import type { ConsumedRecord } from '../records.js';

interface Cursor {
  source: AsyncGenerator<ConsumedRecord[]>;
  /** asked for already, while the records at hand are worked on */
  coming: Promise<IteratorResult<ConsumedRecord[], unknown>>;
  records: ConsumedRecord[];
  at: number;
  /** the place of its topic: decides when times are equal */
  rank: number;
}

/**
 * @param sources partitions of any topics
 * @param topics decides by their order what comes first of the same time
 * @param atOnce most records that are given together
 */
export async function* mergedByTime(
  sources: readonly AsyncGenerator<ConsumedRecord[]>[],
  topics: readonly string[],
  atOnce: number,
): AsyncGenerator<ConsumedRecord[]> {
  const cursors: Cursor[] = sources.map((source) => ({
    source,
    coming: next(source),
    records: [],
    at: 0,
    rank: 0,
  }));
  try {
    for (const cursor of [...cursors]) await fill(cursor, cursors, topics);
    let chunk: ConsumedRecord[] = [];
    while (cursors.length > 0) {
      const first = earliest(cursors);
      chunk.push(first.records[first.at++] as ConsumedRecord);
      if (first.at === first.records.length) await fill(first, cursors, topics);
      if (chunk.length < atOnce) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  } finally {
    // Whoever stops early stops the readers too.
    await Promise.allSettled(cursors.map(({ source }) => source.return(undefined)));
  }
}

function next(source: AsyncGenerator<ConsumedRecord[]>): Cursor['coming'] {
  const coming = source.next();
  // Awaited later; until then a failure must not count as unhandled.
  coming.catch(() => undefined);
  return coming;
}

/** The next records of a cursor; one that has none left leaves. */
async function fill(cursor: Cursor, cursors: Cursor[], topics: readonly string[]): Promise<void> {
  const { done, value } = await cursor.coming;
  if (done === true) {
    cursors.splice(cursors.indexOf(cursor), 1);
    return;
  }
  cursor.records = value;
  cursor.at = 0;
  cursor.rank = topics.indexOf(value[0]?.topic ?? '');
  cursor.coming = next(cursor.source);
}

function earliest(cursors: readonly Cursor[]): Cursor {
  let first = cursors[0] as Cursor;
  for (let at = 1; at < cursors.length; at++) {
    const cursor = cursors[at] as Cursor;
    if (comesBefore(cursor, first)) first = cursor;
  }
  return first;
}

function comesBefore(a: Cursor, b: Cursor): boolean {
  const one = a.records[a.at] as ConsumedRecord;
  const other = b.records[b.at] as ConsumedRecord;
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return one.partition < other.partition;
}
