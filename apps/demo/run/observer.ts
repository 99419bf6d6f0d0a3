/** Looks at Kafka and the database for the whole run, and says at any time what there is to see. */

import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseLooker, type DatabaseLook, type StockNumbers } from '../observe/database-look.js';
import { FlashWatch } from '../observe/flash-watch.js';
import { LaneWatch } from '../observe/lane-watch.js';
import { Tally } from '../observe/tally.js';
import { TopicsReader } from '../observe/topics-reader.js';
import { headlines, SNEAKER_KEY, SNEAKERS, type Headline } from '../traffic/shops.js';
import { latencyOf } from './latency.js';
import { RateHistory } from './rate-history.js';
import type { Page } from './page.js';
import type { ProgramProcess } from './program-process.js';
import type { JournalEntry, Phase, Snapshot, StockRow, WorkerRow } from './snapshot.js';
import type { World } from './world.js';

const LOOK_EVERY_MS = 300;
/** Orders whose latencies the view shows. */
const RECENT_ORDERS = 500;

export class Observer {
  readonly tally = new Tally();
  readonly flash = new FlashWatch(SNEAKERS);
  readonly reader: TopicsReader;
  readonly journal: JournalEntry[] = [];
  phase: Phase = 'traffic';
  /** while it can be opened */
  page: Page | undefined;
  /** epoch ms of the first order */
  startedAt = Date.now();
  /** `latencies`: how many had been measured by then */
  killed: { worker: string; at: number; lanes: LaneWatch; latencies: number } | undefined;
  last: DatabaseLook | undefined;
  readonly #looker: DatabaseLooker;
  readonly #rate = new RateHistory();
  readonly #headlines: readonly Headline[];
  readonly #onLook = new Set<(look: DatabaseLook) => void>();
  #stopping = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    world: World,
    dates: readonly string[],
    private readonly trafficSeconds: number,
    private readonly workers: readonly ProgramProcess[],
  ) {
    this.#headlines = headlines(dates);
    const keys = this.#headlines.flatMap(({ stockKeys }) => stockKeys);
    this.#looker = new DatabaseLooker(world.database, world.ends, keys);
    this.reader = new TopicsReader(world.kafka, this.tally);
  }

  /** @param onFatal when it cannot look any more */
  async start(onFatal: (error: Error) => void): Promise<void> {
    await this.reader.start(onFatal);
    this.#looking = this.#look().catch(onFatal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#looking;
    await this.reader.stop();
  }

  /** Writes something down for people, with its time. */
  note(text: string): void {
    this.journal.push({ at: Math.max(0, (Date.now() - this.startedAt) / 1_000), text });
  }

  /** Resolves with the first look, this one or a later, at which the condition holds. */
  async until(
    condition: (look: DatabaseLook) => boolean,
    signal: AbortSignal,
  ): Promise<DatabaseLook | undefined> {
    return new Promise((resolve) => {
      const end = (found?: DatabaseLook): void => {
        this.#onLook.delete(look);
        resolve(found);
      };
      const look = (seen: DatabaseLook): void => {
        if (condition(seen)) end(seen);
      };
      this.#onLook.add(look);
      signal.addEventListener('abort', () => end(), { once: true });
      if (signal.aborted) end();
    });
  }

  async #look(): Promise<void> {
    while (!this.#stopping) {
      const look = await this.#looker.look();
      this.last = look;
      const sneakers = look.stock.get(SNEAKER_KEY);
      if (sneakers) this.flash.look(sneakers);
      this.killed?.lanes.look(look.lanes, look.at);
      this.#rate.note(this.tally.decided, look.at);
      for (const listener of [...this.#onLook]) listener(look);
      await delay(LOOK_EVERY_MS);
    }
  }

  snapshot(): Snapshot {
    const { last, tally } = this;
    return {
      phase: this.phase,
      page: this.page,
      elapsedSeconds: Math.max(0, (Date.now() - this.startedAt) / 1_000),
      trafficSeconds: this.trafficSeconds,
      ordersPerSecond: this.#rate.perSecond,
      history: this.#rate.seconds,
      latencyMs: latencyOf(tally.latenciesMs.slice(-RECENT_ORDERS)),
      counts: tally.counts(),
      stock: last ? this.#headlines.map((headline) => rowOf(headline, last.stock)) : [],
      flash: this.flash.findings,
      heldOrders: last?.heldOrders ?? 0,
      waiting: last?.waiting ?? 0,
      outbox: last?.outbox ?? 0,
      workers: this.workers.map((worker) => this.#workerRow(worker)),
      journal: this.journal,
    };
  }

  #workerRow({ name, state }: ProgramProcess): WorkerRow {
    const { last, killed } = this;
    const lanes = (last?.lanes ?? []).filter(({ worker }) => worker === name).map(({ lane }) => lane);
    const active = (['relay', 'expire'] as const).filter((role) => last?.active[role] === name);
    const isGone = killed?.worker === name && state === 'killed';
    const standing = isGone ? killed.lanes.standing : [];
    const row: WorkerRow = { name, state, lanes, standing, active };
    if (isGone) row.goneForSeconds = (Date.now() - killed.at) / 1_000;
    return row;
  }
}

/** Keys added up; unlimited where one of them is, or where there is none yet. */
function rowOf({ label, stockKeys }: Headline, stock: ReadonlyMap<string, StockNumbers>): StockRow {
  const row: StockRow = { label, free: 0, held: 0, sold: 0, refunded: 0 };
  for (const key of stockKeys) {
    const numbers = stock.get(key) ?? { free: null, held: 0, sold: 0, refunded: 0 };
    row.free = row.free === null || numbers.free === null ? null : row.free + numbers.free;
    row.held += numbers.held;
    row.sold += numbers.sold;
    row.refunded += numbers.refunded;
  }
  return row;
}
