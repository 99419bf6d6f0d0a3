/** The workers of a pipeline by the names under which the database knows them, killed and started again. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Pipeline, WorkerProcess } from '../support/pipeline.js';
import type { ShopLoad } from './shop-load.js';

export const ALL_LANES = [0, 1, 2, 3, 4, 5];

const LOOK_EVERY_MS = 20;
/** On a machine with nothing else to do: until the next decision of every lane arrives, and until a worker says a word. */
const QUIET = { lanesMs: 1_000, startMs: 1_500 };

export interface Member {
  name: string;
  process: WorkerProcess;
  /** how long it took until it said a word, with the database and before it waited for the group */
  startedInMs: number;
}

/** Of one lane, ms since its worker died (or something else happened to it). */
export interface TakeOver {
  lane: number;
  /** to the first decision of one of its records */
  decidedMs: number;
  /** to when that decision arrived here from the topic */
  arrivedMs: number;
}

export class Crew {
  #count = 0;

  constructor(private readonly shop: Pipeline) {}

  /** @param name of an earlier one, to come back as a supervisor starts it again; a new one unless given */
  async start(name?: string, environment: Record<string, string> = {}): Promise<Member> {
    this.#count += 1;
    const own = name ?? `${this.shop.name}-crew-${this.#count}`;
    const from = performance.now();
    const starting = this.shop.startWorker({ HOLDFAST_WORKER_ID: own, ...environment });
    const spoke = this.shop.workers.at(-1)?.says(/./, 60_000);
    const [startedInMs] = await Promise.all([spoke?.then(() => performance.now() - from), starting]);
    return { name: own, process: await starting, startedInMs: startedInMs ?? 0 };
  }

  /** Lanes that the worker has taken, in the database's view. */
  async lanesOf({ name }: Member): Promise<number[]> {
    const lanes = await this.shop.database.lanes.find().toArray();
    return lanes
      .filter(({ owner }) => owner?.startsWith(`${name}/`))
      .map(({ _id }) => Number(_id))
      .sort((a, b) => a - b);
  }

  /** Resolves with its lanes when the worker has some. */
  async hasLanes(member: Member, withinMs = 30_000): Promise<number[]> {
    const give = performance.now() + withinMs;
    for (;;) {
      const lanes = await this.lanesOf(member);
      if (lanes.length > 0) return lanes;
      if (performance.now() > give) {
        this.shop.showLogs();
        throw new Error(`${member.name} has no lane after ${withinMs} ms`);
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Whether a transaction of the worker is open at the server, dead or alive. */
  async hasOpenTransaction({ name }: Member): Promise<boolean> {
    const { database } = this.shop;
    const sessions = (await database.workers.findOne({ _id: name }))?.sessions ?? [];
    const open = await database.client
      .db('admin')
      .aggregate([
        { $currentOp: { allUsers: true, idleSessions: true } },
        { $match: { 'lsid.id': { $in: sessions }, transaction: { $exists: true } } },
      ])
      .toArray();
    return open.length > 0;
  }

  /** Who holds the lease. */
  async holderOf(lease: 'relay' | 'expire'): Promise<string | undefined> {
    return (await this.shop.database.leases.findOne({ _id: lease }))?.owner;
  }

  /**
   * Resolves when each lane has decided something that was sent to it, after the given time.
   * @param since epoch ms
   */
  async moved(
    load: ShopLoad,
    lanes: readonly number[],
    since: number,
    withinMs = 60_000,
  ): Promise<TakeOver[]> {
    const waiting = new Map(lanes.map((lane) => [lane, load.storesOf(lane)]));
    const moved: TakeOver[] = [];
    let seen = 0;
    await this.shop.until(
      ({ outcomes }) => {
        for (; seen < outcomes.length; seen++) {
          const { storeId, occurredAt, cause } = outcomes[seen] as (typeof outcomes)[number];
          const decidedMs = Date.parse(occurredAt) - since;
          if (decidedMs <= 0 || cause.topic === 'timer' || cause.topic === 'api') continue;
          for (const [lane, stores] of waiting) {
            if (!stores.has(storeId)) continue;
            waiting.delete(lane);
            moved.push({ lane, decidedMs, arrivedMs: Date.now() - since });
          }
        }
        return waiting.size === 0;
      },
      `lanes ${lanes.join(', ')} move again`,
      withinMs,
    );
    return moved;
  }
}

/**
 * A machine that is busy with other things is slow without any fault: how much of it there is, ms; 0 on a quiet one.
 * @param usual lanes moving with nothing wrong
 * @param started when starting a worker is part of what is measured
 */
export function slownessMs(usual: readonly TakeOver[], started?: Member): number {
  const lanesMs = Math.max(0, ...usual.map(({ arrivedMs }) => arrivedMs - QUIET.lanesMs));
  return lanesMs + Math.max(0, (started?.startedInMs ?? 0) - QUIET.startMs);
}

/** `n 42, least 5.1 s, median 6.0 s, p90 7.2 s, most 8.3 s` */
export function distribution(times: readonly number[]): string {
  if (times.length === 0) return 'none';
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => {
    const place = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
    return `${((sorted[place] as number) / 1_000).toFixed(1)} s`;
  };
  return `n ${sorted.length}, least ${at(0)}, median ${at(0.5)}, p90 ${at(0.9)}, most ${at(1)}`;
}
