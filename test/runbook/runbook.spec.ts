/**
 * Every entry of docs/runbook.md, caused: a fault, the alert by a real Prometheus, what the commands of the entry
 * say, the remedy. On a stack of its own, which it breaks. Some minutes long, since a minute's lag takes a minute.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startOwnStack, type OwnStack } from '../chaos/own-stack.js';
import { line, startPipeline, type Pipeline, type WorkerProcess } from '../support/pipeline.js';
import { freePort, healthOf } from '../support/scrape.js';
import { Prometheus } from './prometheus.js';

jest.setTimeout(300_000);

let own: OwnStack;
const seen = new Set<string>();

beforeAll(async () => {
  own = await startOwnStack();
}, 120_000);
afterAll(() => own?.stop(), 60_000);

/** A pipeline with some workers' ports that are scraped, and what is done with both. */
class Scene {
  private constructor(
    readonly shop: Pipeline,
    readonly ports: readonly number[],
    readonly prometheus: Prometheus,
  ) {}

  static async open(workers: number): Promise<Scene> {
    const ports = await Promise.all(Array.from({ length: workers }, freePort));
    const shop = await startPipeline({ servers: own.servers, workers: 0 });
    return new Scene(shop, ports, await Prometheus.start(ports));
  }

  start(at: number, environment: Record<string, string> = {}): Promise<WorkerProcess> {
    return this.shop.startWorker({ HOLDFAST_HEALTH_PORT: String(this.ports[at]), ...environment });
  }

  async fires(...names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.prometheus.fires(name, 120_000)));
    for (const name of names) seen.add(name);
  }

  over(...names: string[]): Promise<void> {
    return this.prometheus.goneAre(names, 120_000);
  }

  /** Resolves when Prometheus has the numbers that one worker samples for all. */
  async sampled(): Promise<void> {
    const known = () => this.prometheus.query('holdfast_sampled_timestamp_seconds');
    for (let tries = 1; (await known()).length === 0; tries++) {
      expect(tries).toBeLessThan(120);
      await delay(500);
    }
    await this.prometheus.rulesLookedAt();
  }

  /** What `ops status` finds wrong. */
  async problems(): Promise<string> {
    const said = await this.shop
      .ops('status')
      .catch((error: { stdout: string }) => JSON.parse(error.stdout) as unknown);
    return (said as { problems: string[] }).problems.join('; ');
  }

  /** Resolves when `ops status` says so: a dead worker is believed to live for as long as its lease lasts. */
  async says(problem: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const said = await this.problems();
      if (said.includes(problem)) return;
      if (tries >= 20) expect(said).toContain(problem);
      await delay(500);
    }
  }

  /** Resolves when `ops status` finds nothing wrong any more: the first reconciliation comes a minute after a start. */
  async clears(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const said = await this.problems();
      if (said === '') return;
      if (tries >= 120) expect(said).toBe('');
      await delay(1_000);
    }
  }

  async shelf(storeId: string, quantity: number, holdMs?: number): Promise<void> {
    if (holdMs !== undefined) await this.shop.store(storeId, { holdMs });
    await this.shop.product(storeId, 'mug');
    await this.shop.stock(storeId, { mug: quantity });
  }

  async place(storeId: string, ...orderIds: string[]): Promise<void> {
    await this.shop.publish.placed(orderIds.map((orderId) => ({ storeId, orderId, lines: [line('mug')] })));
  }

  async held(storeId: string, ...orderIds: string[]): Promise<void> {
    await this.place(storeId, ...orderIds);
    await this.shop.until(({ of }) => orderIds.every((id) => of(storeId, id).length > 0), 'all are decided');
  }

  async pay(storeId: string, ...orderIds: string[]): Promise<void> {
    await this.shop.publish.paid(
      orderIds.map((orderId) => ({ storeId, orderId, paymentId: `pay-${orderId}` })),
    );
  }

  async close(): Promise<void> {
    await this.prometheus.stop();
    await this.shop.finish();
  }
}

async function playing(workers: number, act: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.open(workers);
  try {
    await act(scene);
  } catch (error) {
    scene.shop.showLogs();
    await scene.prometheus.stop();
    await scene.shop.close();
    throw error;
  }
  await scene.close();
}

const orders = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${at}`);

describe('while both servers answer', () => {
  it('lanes without a worker, lag, W, overdue holds and a stalled partition are seen, and a worker ends them', () =>
    playing(3, async (scene) => {
      await scene.start(0, { HOLDFAST_ROLES: 'expire,relay', HOLDFAST_STALL_ALARM_MS: '90000' });
      const consumer = await scene.start(1, { HOLDFAST_ROLES: 'consume' });
      await scene.shelf('s', 20, 5_000);
      await scene.held('s', ...orders('o', 3));
      await consumer.kill();
      await scene.pay('s', ...orders('o', 3));
      await scene.fires('HoldfastWorkerDown', 'HoldfastLaneUnowned', 'HoldfastLaneWithoutProgress');
      await scene.says('no worker has lane 0, 1, 2, 3, 4, 5');
      await scene.fires('HoldfastLag', 'HoldfastWatermarkBehind', 'HoldfastHoldsOverdue');
      expect(await scene.problems()).toMatch(
        /PaymentReceived is \d+ s behind, by 3 records; W is \d+ s behind.*; 3 holds are due for up to \d+ s/,
      );
      await scene.fires('HoldfastExpiryGoesOnWithout');
      await scene.start(2, { HOLDFAST_ROLES: 'consume' });
      await scene.over(
        'HoldfastLaneUnowned',
        'HoldfastLaneWithoutProgress',
        'HoldfastLag',
        'HoldfastWatermarkBehind',
        'HoldfastHoldsOverdue',
      );
      expect(await scene.problems()).toBe('');
    }));

  it('dead letters, paused expiry, late expiry, slow batches and a waiting outbox are seen', () =>
    playing(2, async (scene) => {
      const { shop } = scene;
      const worker = await scene.start(0);
      await scene.shelf('s', 100, 3_000);
      await shop.publish.raw('OrderPlaced', { key: 's', value: 'no JSON' });
      await scene.fires('HoldfastDeadLetters');
      await scene.says('dead letters are open, 1 of OrderPlaced: ops dlq list');
      await shop.ops('dlq', 'discard', '--topic', 'OrderPlaced', '--reason', 'a test', '--yes');
      expect(await scene.problems()).toBe('');

      await shop.ops('expiry', 'pause', '--reason', 'the payment provider is away');
      await scene.fires('HoldfastExpiryPaused');
      await scene.held('s', ...orders('kept', 20));
      expect(await shop.ops('expiry', 'status')).toMatchObject({ paused: true, openHolds: 20 });
      await delay(16_000); // so late they are to be: three seconds of hold, and more than ten of pause
      await shop.ops('expiry', 'resume');
      await scene.over('HoldfastExpiryPaused');
      await scene.fires('HoldfastExpiryLate');
      await shop.expired();

      process.kill(own.stack.mongo.pid as number, 'SIGSTOP');
      await scene.place('s', ...orders('slow', 5));
      await delay(4_000); // so slow
      process.kill(own.stack.mongo.pid as number, 'SIGCONT');
      await scene.fires('HoldfastSlowBatches');

      await shop.stopWorker(worker);
      const quiet = await scene.start(0, { HOLDFAST_ROLES: 'consume,expire' });
      await scene.place('s', ...orders('quiet', 5));
      await scene.fires('HoldfastOutboxWaits');
      expect(await scene.problems()).toMatch(/nobody has the lease "relay"; the outbox waits for \d+ s/);
      await scene.start(1, { HOLDFAST_ROLES: 'relay' });
      await scene.over('HoldfastOutboxWaits');
      await shop.stopWorker(quiet);
      await scene.start(0, { HOLDFAST_ROLES: 'consume,expire' });
    }));

  it('a stock document that was changed by hand is seen, named by worker and audit, and repaired', () =>
    playing(1, async (scene) => {
      const { shop } = scene;
      const first = await scene.start(0);
      await scene.shelf('s', 5);
      await scene.held('s', 'o');
      await shop.database.stock.updateOne({ _id: 's/mug/-/-' }, { $set: { held: 0 } });
      await scene.pay('s', 'o');
      const why = /lane \d waits: the stock of s\/mug\/-\/- has held 0, of which 1 are to be taken/;
      await first.says(why);
      await scene.fires('HoldfastGuardMiss', 'HoldfastRetries');
      await shop.stopWorker(first);
      const second = await scene.start(0);
      await second.says(why);
      const audit = await shop
        .ops('audit')
        .catch((error: { stdout: string }) => JSON.parse(error.stdout) as object);
      expect(JSON.stringify(audit)).toContain('s/mug/-/-');
      await shop.ops('audit', '--repair', '--yes', '--reason', 'changed by hand');
      await shop.until(({ of }) => of('s', 'o').length === 2, 'the payment is applied');
      expect(await shop.balance('s', 'mug')).toEqual([4, 0, 1, 0]);
    }));

  it('a number that does not follow from the orders is found in the background, named, and repaired; and it is seen when nobody looks', () =>
    playing(1, async (scene) => {
      const { shop } = scene;
      // Left out on purpose from the beginning, it is not missed.
      const without = await scene.start(0, { HOLDFAST_ROLES: 'consume,expire,relay' });
      await scene.sampled();
      await scene.over('HoldfastNotReconciled');
      await scene.shop.stopWorker(without);
      // The first pass comes a minute after the start.
      const worker = await scene.start(0, { HOLDFAST_RECONCILE_EVERY_MS: '1000' });
      await scene.fires('HoldfastNotReconciled');
      await scene.shelf('s', 5);
      await scene.held('s', 'o');
      await scene.pay('s', 'o');
      await shop.until(({ of }) => of('s', 'o').length === 2, 'the order is sold');
      await shop.database.stock.updateOne({ _id: 's/mug/-/-' }, { $inc: { sold: 1 } });
      await scene.fires('HoldfastDoesNotAddUp');
      expect(await scene.problems()).toBe(
        'the last reconciliation found 1 differences: ops audit; it is said until the next one has finished',
      );
      const audit = await shop
        .ops('audit')
        .catch((error: { stdout: string }) => JSON.parse(error.stdout) as object);
      expect(audit).toMatchObject({ clean: false, listed: [{ kind: 'sold', subject: 's/mug/-/-' }] });
      await shop.ops('audit', '--repair', '--yes', '--reason', 'changed by hand');
      await scene.over('HoldfastDoesNotAddUp', 'HoldfastNotReconciled');
      expect(await shop.balance('s', 'mug')).toEqual([4, 0, 1, 0]);
      expect(await scene.problems()).toBe('');

      await shop.stopWorker(worker);
      const idle = await scene.start(0, { HOLDFAST_ROLES: 'consume,expire,relay' });
      // As if nobody had reconciled since then.
      const finishedAt = new Date(Date.now() - 3 * 3_600_000);
      await shop.database.reconciliation.updateOne({}, { $set: { 'last.finishedAt': finishedAt } });
      await scene.fires('HoldfastNotReconciled');
      expect(await scene.problems()).toMatch(/^the last reconciliation finished 108\d\d s ago$/);
      await shop.stopWorker(idle);
      await scene.start(0, { HOLDFAST_RECONCILE_EVERY_MS: '1000' });
      await scene.clears();
      await scene.over('HoldfastNotReconciled');
    }));
});

describe('the dashboard', () => {
  it('asks for what Prometheus understands, and has', () =>
    playing(1, async (scene) => {
      const { shop, prometheus } = scene;
      await scene.start(0);
      await scene.shelf('s', 50, 1_000);
      await scene.held('s', ...orders('first', 5));
      await shop.expired();
      await shop.publish.raw('OrderPlaced', { key: 's', value: 'no JSON' });
      await scene.fires('HoldfastDeadLetters');
      const expressions = [
        ...readFileSync('deploy/grafana/holdfast.json', 'utf8').matchAll(/"expr": (".*")/g),
      ]
        .map(([, text]) => JSON.parse(text as string) as string)
        // The first pass of the reconciliation comes a minute after the start.
        .filter((expression) => !expression.includes('holdfast_reconcile'))
        .map((expression) => expression.replaceAll('$__rate_interval', '1m'));
      expect(expressions.length).toBeGreaterThan(40);
      // Of what grows there has to be more than one scrape.
      await shop.publish.raw('OrderPlaced', { key: 's', value: 'no JSON either' });
      let empty = expressions;
      for (let tries = 1; empty.length > 0 && tries <= 30; tries++) {
        await delay(500);
        const found = await Promise.all(empty.map((expression) => prometheus.query(expression)));
        empty = empty.filter((_, at) => found[at]?.length === 0);
      }
      expect(empty).toEqual([]);
    }));
});

describe('when a server goes away', () => {
  it('each is named, the workers wait for it and go on, and only a dead worker has to be started', () =>
    playing(1, async (scene) => {
      const { shop } = scene;
      const [port = 0] = scene.ports;
      const { kafka, mongo } = own.stack;
      const worker = await scene.start(0);
      await scene.shelf('s', 100);
      await scene.held('s', 'before');

      await kafka.kill();
      await scene.fires('HoldfastKafkaAway', 'HoldfastWorkerNotReady');
      expect(await healthOf(port, '/readyz')).toMatchObject({ status: 503 });
      expect(await scene.problems()).toContain('Kafka does not answer');
      await kafka.start();
      await scene.over('HoldfastKafkaAway', 'HoldfastWorkerNotReady');
      await scene.held('s', 'between');

      await mongo.stop();
      await scene.place('s', ...orders('waiting', 3));
      await scene.fires('HoldfastMongoAway', 'HoldfastNobodyLooks');
      expect(await scene.problems()).toContain('MongoDB does not answer');
      await scene.fires('HoldfastWorkerStandsStill');
      expect(await healthOf(port, '/livez')).toMatchObject({ status: 503 });
      await mongo.start();
      await scene.over('HoldfastMongoAway', 'HoldfastNobodyLooks', 'HoldfastWorkerStandsStill');
      await shop.until(({ of }) => of('s', 'waiting-2').length === 1, 'what waited is decided');

      await worker.kill();
      await scene.fires('HoldfastNoWorker');
      await scene.says('no worker is alive');
      await scene.start(0);
      await scene.over('HoldfastNoWorker');
    }));
});

describe('the runbook', () => {
  it('has no alert that was not caused here', () => {
    const alerts = readFileSync('deploy/prometheus/alerts.yml', 'utf8').matchAll(/- alert: (\w+)/g);
    expect([...alerts].map(([, name]) => name).filter((name) => !seen.has(name as string))).toEqual([]);
  });
});
