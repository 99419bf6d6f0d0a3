/**
 * The audit in the background: pass after pass over all stores, a store at a time, as of one moment each, so that no
 * traffic beside it makes a difference. It reads in small slices and rests after each. Where it is, it keeps after
 * every few stores; another process goes on from there.
 */

import type { Logger } from '@nestjs/common';
import {
  addToPass,
  auditOutbox,
  auditStore,
  isMomentGone,
  keepReconciliation,
  newPass,
  nextStore,
  reconciliation,
  type AuditReport,
  type Database,
  type Difference,
  type ReconciledDoc,
  type ReconciliationDoc,
} from '@holdfast/store';
import { Pacer } from './pacer.js';

/** Is told what is found and how far it is; metrics listen here. */
export interface ReconcileObserver {
  /** a store was looked at; `differences` are those found in it */
  onStore?(storeId: string, report: Pick<AuditReport, 'checked' | 'differences' | 'counts'>): void;
  /** all of them were */
  onPass?(pass: ReconciledDoc & { finishedAt: Date }): void;
}

export interface ReconcilerOptions {
  database: Database;
  log: Pick<Logger, 'log' | 'error' | 'warn'>;
  /** ms from the begin of a pass to that of the next */
  everyMs: number;
  /** orders looked at in one go */
  slice: number;
  /** rest after each slice, ms */
  pauseMs: number;
  /** what expiry waits for at most is no finding before, ms */
  stallAlarmMs: number;
  isActive: () => boolean;
  observer?: ReconcileObserver;
  /** before the first pass of all, ms; 60 s unless given: a process that has just started has other things to do */
  firstAfterMs?: number;
}

const FIRST_AFTER_MS = 60_000;
/** The longest wait between two looks whether a pass is due. */
const MAX_WAIT_MS = 60_000;
/** How often it is kept where a pass is. */
const KEEP_EVERY_MS = 2_000;
/** Added to what is late by design before it is a finding. */
const GRACE_MS = 60_000;

export class Reconciler {
  #state: Omit<ReconciliationDoc, '_id'> | undefined;
  #keptAt = -Infinity;
  readonly #pacer: Pacer;
  readonly #startedAt = Date.now();

  constructor(private readonly options: ReconcilerOptions) {
    this.#pacer = new Pacer(options.pauseMs, () => options.isActive());
  }

  /** Looks at one store. @returns ms until the next turn */
  async turn(): Promise<number> {
    const { database } = this.options;
    this.#state ??= (await reconciliation(database)) ?? {};
    const state = this.#state;
    if (!state.pass) {
      const wait = this.#untilNext(state.last?.startedAt);
      if (wait > 0) {
        // Another process may have made a pass meanwhile.
        this.#state = undefined;
        return Math.min(MAX_WAIT_MS, wait);
      }
      state.pass = newPass(new Date());
      this.options.log.log('reconciliation: a pass over all stores begins');
    }
    const storeId = await nextStore(database, state.pass.storeId);
    if (storeId === undefined) return this.#finish(state.pass);
    const isDone = await this.#lookAt(storeId, state.pass);
    // The store that was begun is looked at anew, here or by whoever is active now.
    if (!isDone) this.#state = undefined;
    else if (performance.now() - this.#keptAt > KEEP_EVERY_MS) await this.#keep();
    return isDone ? this.options.pauseMs : 0;
  }

  /** Ends a rest at once, and the store at hand with it. */
  stop(): void {
    this.#pacer.stop();
  }

  #untilNext(lastStartedAt: Date | undefined): number {
    const { everyMs, firstAfterMs = FIRST_AFTER_MS } = this.options;
    const first = this.#startedAt + firstAfterMs - Date.now();
    return lastStartedAt ? Math.max(first, lastStartedAt.getTime() + everyMs - Date.now()) : first;
  }

  /** @returns false when it was given up in the middle */
  async #lookAt(storeId: string, pass: NonNullable<ReconciliationDoc['pass']>): Promise<boolean> {
    const { database, slice, stallAlarmMs, log, observer } = this.options;
    const overdueAfterMs = stallAlarmMs + GRACE_MS;
    try {
      this.#pacer.begin();
      const pace = () => this.#pacer.rest();
      const report = await auditStore(database, storeId, { slice, overdueAfterMs, pace });
      addToPass(pass, report);
      this.#tell(storeId, report);
      observer?.onStore?.(storeId, report);
    } catch (error) {
      if (this.#pacer.isGivenUp(error)) return false;
      if (!isMomentGone(error)) throw error;
      pass.skipped.push(storeId);
      log.warn(
        `reconciliation: ${storeId} is too large to be read as of one moment: ${(error as Error).message}`,
      );
    }
    pass.storeId = storeId;
    return true;
  }

  #tell(
    subject: string,
    { listed, differences }: { listed: readonly Difference[]; differences: number },
  ): void {
    if (differences === 0) return;
    const more = differences - listed.length;
    for (const { kind, message } of listed) this.options.log.error(`does not add up: ${kind}: ${message}`);
    if (more > 0) this.options.log.error(`does not add up: ${more} more differences in ${subject}`);
    this.options.log.error(`${subject}: ${differences} differences; \`ops audit --repair\` says what to do`);
  }

  async #finish(pass: NonNullable<ReconciliationDoc['pass']>): Promise<number> {
    const { database, stallAlarmMs, log, observer } = this.options;
    const outbox = await auditOutbox(database, stallAlarmMs + GRACE_MS);
    this.#tell('outbox', { listed: outbox.listed, differences: outbox.total });
    const { storeId: _, ...found } = pass;
    const last = { ...found, finishedAt: new Date() };
    last.differences += outbox.total;
    if (outbox.total > 0) last.counts = { ...last.counts, unpublished: outbox.total };
    last.listed = [...last.listed, ...outbox.listed];
    this.#state = { last };
    await this.#keep();
    const seconds = ((last.finishedAt.getTime() - last.startedAt.getTime()) / 1_000).toFixed(1);
    const what = last.differences === 0 ? 'everything adds up' : `${last.differences} differences`;
    log.log(`reconciliation: ${last.orders} orders of ${last.stores} stores in ${seconds} s: ${what}`);
    observer?.onPass?.(last);
    return Math.max(1, Math.min(MAX_WAIT_MS, this.#untilNext(last.startedAt)));
  }

  async #keep(): Promise<void> {
    if (this.#state) await keepReconciliation(this.options.database, this.#state);
    this.#keptAt = performance.now();
  }
}
