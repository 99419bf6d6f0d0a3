/**
 * One independent producer: sends its part of the plan when it is due and, where its service answers to what
 * Holdfast publishes, what follows from the outcomes that it reads.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { StockOutcome } from '@holdfast/contracts';
import { createKafka, Publisher, type Consumer, type KafkaPort } from '@holdfast/messaging';
import { followUps } from '../traffic/lives.js';
import { planOf, type Scene } from '../traffic/plan.js';
import { MALFORMED_HEADER, withCopy, type Service, type TrafficRecord } from '../traffic/record.js';
import { Schedule } from '../traffic/schedule.js';

/** Records of one send. */
const SEND_AT_MOST = 500;
const LOOK_MS = 20;

/** Services that read outcomes, as payment providers and back offices do. */
const READERS: readonly Service[] = ['payments', 'back-office'];

export class Producer {
  readonly #kafka: KafkaPort;
  readonly #publisher: Publisher;
  /** outcomes known already: the relay may send one twice after a crash, which is no reason to pay twice */
  readonly #known = new Set<string>();
  #consumer: Consumer | undefined;
  #schedule = new Schedule();
  #scene: Scene | undefined;
  #finishing = false;

  constructor(
    private readonly service: Service,
    brokers: string[],
  ) {
    this.#kafka = createKafka({ brokers, clientId: `demo-${service}` });
    this.#publisher = new Publisher(this.#kafka);
  }

  async prepare(): Promise<void> {
    await this.#publisher.connect();
    if (!READERS.includes(this.service)) return;
    const consumer = this.#kafka.consumer({ groupId: `demo-${this.service}`, maxWaitTimeInMs: 100 });
    this.#consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: ['StockOutcome'], fromBeginning: true });
    await consumer.run({
      eachBatch: ({ batch }) => {
        for (const { value } of batch.messages) this.#answer(value);
        return Promise.resolve();
      },
    });
  }

  /** Resolves when it was told to finish and everything that it had begun is sent. */
  async run(scene: Scene, onPlannedSent: () => void): Promise<void> {
    this.#scene = scene;
    this.#schedule = new Schedule(planOf(this.service, scene));
    const planEnds = scene.startedAt + scene.seconds * 1_000;
    let told = false;
    while (!this.#finishing || this.#schedule.size > 0) {
      const due = this.#schedule.take(Date.now(), SEND_AT_MOST);
      if (due.length > 0) await this.#publisher.publish(due.map(outgoing));
      // Orders that come late are sent a little after the plan's end.
      const isOpenLoop = this.#consumer === undefined;
      if (!told && (isOpenLoop ? this.#schedule.size === 0 : Date.now() > planEnds)) {
        told = true;
        onPlannedSent();
      }
      if (due.length < SEND_AT_MOST) await delay(LOOK_MS);
    }
    await this.#publisher.disconnect();
  }

  async finish(): Promise<void> {
    await this.#consumer?.disconnect();
    this.#finishing = true;
  }

  #answer(value: Buffer | null): void {
    if (!this.#scene || !value) return;
    const outcome = JSON.parse(value.toString()) as StockOutcome;
    if (this.#known.has(outcome.outcomeId)) return;
    this.#known.add(outcome.outcomeId);
    const { seed } = this.#scene;
    for (const record of followUps(this.service, outcome, seed, Date.now())) {
      for (const sent of withCopy(record, seed)) this.#schedule.add(sent);
    }
  }
}

function outgoing({ topic, key, value, malformed }: TrafficRecord) {
  const headers: Record<string, string> = malformed === undefined ? {} : { [MALFORMED_HEADER]: malformed };
  return { topic, key, value, headers };
}
