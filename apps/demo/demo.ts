/** One run of the demo, from the start of its servers to the audit; whatever happens, nothing is left running. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteStream } from 'node:tty';
import { endingOf } from './run/ending.js';
import { Observer } from './run/observer.js';
import { ProducerProcess } from './run/producer-process.js';
import { play } from './run/scenario.js';
import { WorkerProcess } from './run/worker-process.js';
import { DATABASE, openWorld, startServers, type World } from './run/world.js';
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
  /** paths of the programs that run as processes of their own */
  programs: { worker: string; producer: string };
  /** where the view is shown */
  screen: WriteStream;
  /** ends the run early */
  signal: AbortSignal;
  /** Called when everything is known and the servers still run. */
  onSummary: (summary: Summary, servers: Pick<World, 'brokers' | 'mongoUri'>) => Promise<void>;
}

const WORKERS = ['worker-1', 'worker-2'];
/** Until the first order is due; the producers lay out their plans meanwhile. */
const LEAD_MS = 1_000;
const LOGS = 'logs';

type Undo = () => Promise<unknown> | void;

/** @throws StackError; Error when a program of the demo fails; the signal's reason when it is aborted */
export async function runDemo(options: DemoOptions): Promise<Summary> {
  const { signal, dataDir, onSummary } = options;
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
    const { summary, world } = await Promise.race([run(options, startedAt, undo, trouble), troubled]);
    keepData = !summary.addsUp;
    await onSummary(summary, world);
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
): Promise<{ summary: Summary; world: World }> {
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

  say(`starting ${WORKERS.length} workers and ${SERVICES.length} producers, each a process of its own`);
  const workers = WORKERS.map((name) => workerOf(name, world, options, onFailure));
  const producers = SERVICES.map(
    (service) =>
      new ProducerProcess({
        service,
        program: options.programs.producer,
        logFile: join(dataDir, LOGS, `${service}.log`),
      }),
  );
  undo.push(() => Promise.all([...workers, ...producers].map((child) => child.kill())));
  const observer = new Observer(world, dates, seconds, workers);
  undo.push(() => observer.stop());
  await Promise.all([
    observer.start(onFailure),
    ...workers.map((worker) => worker.start()),
    ...producers.map((producer) => producer.prepare(world.brokers)),
  ]);
  signal.throwIfAborted();

  const view = startView(screen, () => observer.snapshot());
  undo.push(() => view.stop());
  const scene: Scene = { seed, startedAt: Date.now() + LEAD_MS, seconds, dates };
  const played = await play({ world, observer, workers, producers }, scene);
  const ending = await endingOf(world, observer, played);
  view.stop();
  const summary = summaryOf(ending, {
    seed,
    trafficSeconds: seconds,
    durationSeconds: (performance.now() - startedAt) / 1_000,
    latenciesMs: observer.tally.latenciesMs,
    latenciesBeforeKill: observer.killed?.latencies ?? observer.tally.latenciesMs.length,
  });
  return { summary, world };
}

function workerOf(
  name: string,
  { brokers, mongoUri }: World,
  { dataDir, programs }: DemoOptions,
  onFailure: (error: Error) => void,
): WorkerProcess {
  return new WorkerProcess({
    name,
    program: programs.worker,
    servers: { brokers, mongoUri, database: DATABASE },
    logFile: join(dataDir, LOGS, `${name}.log`),
    onFailure,
  });
}
