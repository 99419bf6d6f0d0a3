/** One run of the demo, from the start of its servers to the audit; whatever happens, nothing is left running. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteStream } from 'node:tty';
import { endingOf } from './run/ending.js';
import { Observer } from './run/observer.js';
import { openPage, type Page } from './run/page.js';
import { apiOf, producersOf, WORKERS, workersOf, type Programs, type Stage } from './run/programs.js';
import { play } from './run/scenario.js';
import { stay } from './run/stay.js';
import { openWorld, startServers, type World } from './run/world.js';
import { summaryOf, type Summary } from './summary.js';
import type { Scene } from './traffic/plan.js';
import { SERVICES } from './traffic/record.js';
import { datesAfter } from './traffic/shops.js';
import { startView } from './view/live-view.js';

export interface DemoOptions {
  /** how long orders are placed */
  seconds: number;
  seed: string;
  /** where data and logs go; emptied at the start, and removed at the end unless something differs or fails */
  dataDir: string;
  programs: Programs;
  /** where the view is shown */
  screen: WriteStream;
  /** ends the run early */
  signal: AbortSignal;
  /** whether servers, workers and page run on after the summary, until the signal */
  stay: boolean;
  onSummary: (summary: Summary, page: Page) => void;
  /** Called when everything runs on after the summary. */
  onStay: (page: Page, servers: Pick<World, 'brokers' | 'mongoUri'>) => void;
}

/** Until the first order is due; the producers lay out their plans meanwhile. */
const LEAD_MS = 1_000;
const LOGS = 'logs';

type Undo = () => Promise<unknown> | void;

/** @throws StackError; Error when a program of the demo fails; the signal's reason when it is aborted */
export async function runDemo(options: DemoOptions): Promise<Summary> {
  const { signal, dataDir, onSummary, onStay } = options;
  const startedAt = performance.now();
  const undo: Undo[] = [];
  const trouble = new AbortController();
  signal.addEventListener('abort', () => trouble.abort(signal.reason), { once: true });
  if (signal.aborted) trouble.abort(signal.reason);
  const troubled = new Promise<never>((_, reject) => {
    trouble.signal.addEventListener('abort', () => reject(trouble.signal.reason as Error), { once: true });
  });
  let keepData = true;
  try {
    const { summary, page, stage } = await Promise.race([run(options, startedAt, undo, trouble), troubled]);
    keepData = !summary.addsUp;
    onSummary(summary, page);
    if (options.stay) await stay({ stage, page, signal, onOpen: () => onStay(page, stage.world) });
    return summary;
  } catch (error) {
    keepData = !signal.aborted;
    throw error;
  } finally {
    trouble.abort();
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => undefined);
    if (!keepData) await rm(dataDir, { recursive: true, force: true });
  }
}

async function run(
  options: DemoOptions,
  startedAt: number,
  undo: Undo[],
  trouble: AbortController,
): Promise<{ summary: Summary; page: Page; stage: Stage }> {
  const { dataDir, screen, seconds, seed } = options;
  const { signal } = trouble;
  const onFailure = (error: Error): void => trouble.abort(error);
  const say = (line: string): void => void screen.write(`${line}\n`);
  const dates = datesAfter(Date.now());

  await rm(join(dataDir, LOGS), { recursive: true, force: true });
  await mkdir(join(dataDir, LOGS), { recursive: true });
  say('starting Kafka and MongoDB');
  const starting = startServers(dataDir, say);
  undo.push(async () => (await starting).stop());
  const stack = await starting;
  signal.throwIfAborted();
  say(`KAFKA_BROKERS=${stack.brokers.join(',')}\nMONGODB_URI=${stack.mongoUri}`);
  const opening = openWorld(stack, dates);
  undo.push(async () => (await opening).close());
  const world = await opening;
  signal.throwIfAborted();

  say(
    `starting ${WORKERS.length} workers, the API and ${SERVICES.length} producers, each a process of its own`,
  );
  const stage: Stage = { world, programs: options.programs, logs: join(dataDir, LOGS), onFailure };
  const workers = workersOf(stage);
  const api = apiOf(stage);
  const producers = producersOf(stage);
  undo.push(() => Promise.all([api, ...workers, ...producers].map((child) => child.kill())));
  const observer = new Observer(world, dates.open, seconds, workers);
  undo.push(() => observer.stop());
  const [page] = await Promise.all([
    openPage(api, world.database, dates.open),
    observer.start(onFailure),
    ...workers.map((worker) => worker.start()),
    ...producers.map((producer) => producer.prepare(world.brokers)),
  ]);
  signal.throwIfAborted();
  say(`the bakery's page: ${page.url}\n  sign in with ${page.key}`);
  observer.page = page;

  const view = startView(screen, () => observer.snapshot());
  undo.push(() => view.stop());
  const scene: Scene = { seed, startedAt: Date.now() + LEAD_MS, seconds, dates: dates.open };
  const played = await play({ world, observer, workers, producers, api, signal }, scene);
  const ending = await endingOf(world, observer, played);
  view.stop();
  const summary = summaryOf(ending, {
    seed,
    trafficSeconds: seconds,
    durationSeconds: (performance.now() - startedAt) / 1_000,
    latenciesMs: observer.tally.latenciesMs,
    latenciesBeforeKill: observer.killed?.latencies ?? observer.tally.latenciesMs.length,
  });
  return { summary, page, stage };
}
