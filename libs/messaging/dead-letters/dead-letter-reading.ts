/** A dead letter read back: what it says of itself, and the record that it was, ready to be sent once more. */

import type { ConsumedRecord } from '../records.js';

/** What a dead letter says; what a letter of somebody else's leaves out is undefined. */
export interface ReadLetter {
  /** as it stands in the dead-letter topic */
  record: ConsumedRecord;
  errorClass: string;
  message: string;
  /** how often it was tried before it died */
  attempts: number | undefined;
  /** epoch ms */
  failedAt: number;
  group: string | undefined;
  /** where the record stood; the topic with its prefix */
  origin: { topic?: string; partition?: number; offset?: number; timestamp?: number };
  /** how often it has been redriven, as its own header counts */
  redrives: number;
  /** the value was too large for the topic: the name of the file that has it */
  file?: string;
}

export interface RedrivenRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers: [string, Buffer | null][];
}

const OWN = 'dead-letter-';
/** Counts redrives; it travels with the record, so also through its next death. */
export const REDRIVE_HEADER = 'redrive-attempt';

export function letterFrom(record: ConsumedRecord): ReadLetter {
  const text = (name: string): string | undefined => lastOf(record, OWN + name)?.toString();
  const number = (name: string): number | undefined => wholeOf(text(name));
  const failed = Date.parse(text('failed-at') ?? '');
  const letter: ReadLetter = {
    record,
    errorClass: text('error') ?? 'unknown',
    message: text('message') ?? '',
    attempts: number('attempts'),
    failedAt: Number.isNaN(failed) ? record.timestamp : failed,
    group: text('group'),
    origin: {},
    redrives: wholeOf(lastOf(record, REDRIVE_HEADER)?.toString()) ?? 0,
  };
  const topic = text('topic');
  if (topic !== undefined) letter.origin.topic = topic;
  for (const name of ['partition', 'offset', 'timestamp'] as const) {
    const value = number(name);
    if (value !== undefined) letter.origin[name] = value;
  }
  const file = text('file');
  if (file !== undefined && isStubOf(letter, file)) letter.file = file;
  return letter;
}

/** The record as it was, with its redrives counted. @param value where the letter has only a stub of it */
export function redriven(letter: ReadLetter, value = letter.record.value): RedrivenRecord {
  const headers: [string, Buffer | null][] = [];
  for (const [name, own] of letter.record.headers) {
    if (!name.startsWith(OWN) && name !== REDRIVE_HEADER) headers.push([name, own]);
  }
  headers.push([REDRIVE_HEADER, Buffer.from(String(letter.redrives + 1))]);
  return { key: letter.record.key, value, headers };
}

/** Anybody may send a header of that name: a stub names the file of the place where its own record stood. */
function isStubOf({ record, origin }: ReadLetter, file: string): boolean {
  if (file !== `${origin.topic}/${origin.partition}/${origin.offset}`) return false;
  try {
    const stub = JSON.parse(String(record.value)) as { file?: unknown } | null;
    return stub?.file === file;
  } catch {
    return false;
  }
}

/** Ours are added behind the record's own, so the last of a name is the one to believe. */
function lastOf({ headers }: ConsumedRecord, wanted: string): Buffer | undefined {
  for (let at = headers.length - 1; at >= 0; at--) {
    const [name, value] = headers[at] as (typeof headers)[number];
    if (name === wanted && value !== null) return value;
  }
  return undefined;
}

function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
