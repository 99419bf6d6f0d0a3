/** One repetition: its clock, what it cost the processes, and when it is done. */

import { setTimeout as delay } from 'node:timers/promises';
import { machineSeconds, processorSeconds } from './processes.js';
import type { Scene } from './world.js';

/** Seconds of processor time, by process. */
export type ProcessorTime = Record<string, number>;

const LOOK_MS = 50;

/**
 * Runs what is measured. @returns its seconds of processor time by process, and those that the rest of the machine
 * took meanwhile: where `others` is not small, the rates beside it are too low
 */
export async function withProcessorTime<T>(
  pids: Readonly<Record<string, number | undefined>>,
  measured: () => Promise<T>,
): Promise<{ result: T; processor: ProcessorTime }> {
  const names = Object.keys(pids);
  const read = () => Promise.all([machineSeconds(), ...names.map((name) => processorSeconds(pids[name]))]);
  const before = await read();
  const result = await measured();
  const after = await read();
  const [machine = 0, ...ours] = after.map((seconds, at) => seconds - (before[at] ?? 0));
  const processor = Object.fromEntries(names.map((name, at) => [name, ours[at] ?? 0]));
  processor['others'] = machine - ours.reduce((sum, seconds) => sum + seconds, 0);
  return { result, processor };
}

/**
 * Looks until it is done, often enough for a measurement of seconds.
 * @returns when it was seen to be done, by `performance.now()`: a little late, never early
 * @throws when it is not done in time
 */
export async function until(
  what: string,
  isDone: () => Promise<boolean>,
  limitMs: number,
  check: () => void,
): Promise<number> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    check();
    if (await isDone()) return performance.now();
    if (performance.now() > deadline) throw new Error(`${what}: not done after ${limitMs / 1_000} s`);
    await delay(LOOK_MS);
  }
}

/** How many messages a topic holds, of the published ones. */
export async function published(scene: Scene, topic: string): Promise<number> {
  const offsets = await scene.admin.fetchTopicOffsets(scene.prefix + topic);
  return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}
