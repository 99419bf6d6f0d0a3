/**
 * What people did with dead letters. A record of a topic cannot be deleted singly, so what is done with is kept here,
 * by the place where its letter stands, and a letter is open as long as nothing is kept of it.
 */

import type { Database } from '../database/database.js';
import { faultOf } from '../database/faults.js';
import type { DeadLetterActDoc } from '../documents/operator-documents.js';
import type { WhoAndWhy } from '../input/who-and-why.js';

/** A letter, as far as its acts go. */
export interface LetterPlace {
  /** `OrderPlaced/3/17` */
  id: string;
  /** epoch ms */
  failedAt: number;
}

/** By the letters' ids, of those that something was done with. @throws TransientFault when the database is away */
export async function actsOn(
  database: Database,
  letters: readonly LetterPlace[],
): Promise<Map<string, DeadLetterActDoc>> {
  if (letters.length === 0) return new Map();
  const failedAt = new Map(letters.map((letter) => [letter.id, letter.failedAt]));
  try {
    const docs = await database.deadLetterActs.find({ _id: { $in: [...failedAt.keys()] } }).toArray();
    return new Map(
      docs.filter((doc) => failedAt.get(doc._id) === doc.failedAt.getTime()).map((doc) => [doc._id, doc]),
    );
  } catch (error) {
    throw faultOf(error);
  }
}

/**
 * The ids of all letters that are done with, those that their topics no longer have among them.
 * @throws TransientFault when the database is away, or it takes longer
 */
export async function closedLetters(database: Database, withinMs: number): Promise<string[]> {
  try {
    const found = database.deadLetterActs.find(
      { done: true },
      { projection: { _id: 1 }, maxTimeMS: withinMs },
    );
    return (await found.toArray()).map(({ _id }) => _id);
  } catch (error) {
    throw faultOf(error);
  }
}

export interface LetterAct extends LetterPlace {
  errorClass: string;
  attempt?: number;
}

/**
 * Keeps what is done with letters, in place of what was kept of them before.
 * @param done false before a redrive, true after it
 * @throws TransientFault when the database is away
 */
export async function noteActs(
  database: Database,
  act: DeadLetterActDoc['act'],
  letters: readonly LetterAct[],
  { actor, reason }: WhoAndWhy,
  done: boolean,
): Promise<void> {
  if (letters.length === 0) return;
  const at = new Date();
  try {
    await database.deadLetterActs.bulkWrite(
      letters.map(({ id, failedAt, errorClass, attempt }) => ({
        replaceOne: {
          filter: { _id: id },
          replacement: {
            act,
            done,
            at,
            actor,
            ...(reason !== undefined && { reason }),
            failedAt: new Date(failedAt),
            errorClass,
            ...(attempt !== undefined && { attempt }),
          },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  } catch (error) {
    throw faultOf(error);
  }
}
