/** Sends dead letters to their topics once more, and keeps that it did. */

import { topicName } from '@holdfast/contracts';
import { partitionOf, PartitionSender, redriven } from '@holdfast/messaging';
import { deleteLargeValue, noteActs, readLargeValue, type LetterAct, type WhoAndWhy } from '@holdfast/store';
import type { SelectedLetter, Servers } from './dlq-selection.js';

export const DEFAULT_MAX_REDRIVES = 3;

export interface RedriveRules {
  /** a record that was redriven so often already is refused */
  maxRedrives: number;
  /** not even then, nor when it was redriven or discarded before */
  force: boolean;
}

export type RedriveRefusal = 'redriven-too-often' | 'closed' | 'value-is-gone';

export interface RedriveAnswer {
  letter: SelectedLetter;
  refused?: RedriveRefusal;
}

/** What would become of a letter, but for a value that turns out to be gone. */
export function redriveAnswer(letter: SelectedLetter, rules: RedriveRules): RedriveAnswer {
  if (rules.force) return { letter };
  if (!letter.isOpen) return { letter, refused: 'closed' };
  if (letter.letter.redrives >= rules.maxRedrives) return { letter, refused: 'redriven-too-often' };
  return { letter };
}

export class Redriver {
  readonly #sender: PartitionSender;
  readonly #partitions = new Map<string, number>();

  constructor(
    private readonly servers: Servers,
    private readonly rules: RedriveRules,
    private readonly by: WhoAndWhy,
  ) {
    this.#sender = new PartitionSender(servers.kafka);
  }

  connect(): Promise<void> {
    return this.#sender.connect();
  }

  disconnect(): Promise<void> {
    return this.#sender.disconnect();
  }

  /**
   * In the order given. What is sent is noted before and after: a crash in between leaves it open, and sent twice it
   * is one fact all the same.
   */
  async redrive(letters: readonly SelectedLetter[]): Promise<RedriveAnswer[]> {
    const answers: RedriveAnswer[] = [];
    const sent: SelectedLetter[] = [];
    const records: Parameters<PartitionSender['send']>[0][number][] = [];
    for (const selected of letters) {
      const answer = redriveAnswer(selected, this.rules);
      answers.push(answer);
      if (answer.refused) continue;
      const value = await this.#valueOf(selected);
      if (value === undefined) {
        answer.refused = 'value-is-gone';
        continue;
      }
      const topic = topicName(selected.topic, this.servers.topicPrefix);
      const partition = await this.#partitionFor(topic, selected);
      records.push({ topic, partition, ...redriven(selected.letter, value) });
      sent.push(selected);
    }
    const acts = sent.map(actOf);
    await noteActs(this.servers.database, 'redriven', acts, this.by, false);
    if (records.length > 0) await this.#sender.send(records);
    await noteActs(this.servers.database, 'redriven', acts, this.by, true);
    for (const { letter } of sent) {
      // It stands in its topic again; should it die again, it is kept anew.
      if (letter.file !== undefined) await deleteLargeValue(this.servers.database, letter.file);
    }
    return answers;
  }

  async #valueOf({ letter }: SelectedLetter): Promise<Buffer | null | undefined> {
    if (letter.file === undefined) return letter.record.value;
    return readLargeValue(this.servers.database, letter.file);
  }

  /** Where it stood, so that records keep their order; where its key goes, when that partition is no more. */
  async #partitionFor(topic: string, { letter }: SelectedLetter): Promise<number> {
    let count = this.#partitions.get(topic);
    if (count === undefined) this.#partitions.set(topic, (count = await this.#sender.partitions(topic)));
    const { partition } = letter.origin;
    if (partition !== undefined && partition < count) return partition;
    const { key } = letter.record;
    return key === null ? 0 : partitionOf(key.toString(), count);
  }
}

export function actOf({ id, letter }: SelectedLetter): LetterAct {
  const { failedAt, errorClass, redrives } = letter;
  return { id, failedAt, errorClass, attempt: redrives + 1 };
}
