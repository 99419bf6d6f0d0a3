/**
 * Tells processes apart for longer than their ids do: ids are reused, so what is remembered about a process in a
 * file is its id together with when it started.
 */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface ProcessIdentity {
  pid: number;
  /** opaque; equal for as long as the process is the same one */
  started: string;
}

/** undefined when there is no such process, or only its corpse. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? await startedOnLinux(pid) : await askPs(pid, 'lstart');
  return started === undefined ? undefined : { pid, started };
}

/** Whether the very process that was identified still runs. */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started;
}

/** The arguments a process was started with, joined by spaces; '' when it is gone. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return (await askPs(pid, 'args')) ?? '';
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ');
}

async function startedOnLinux(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  if (stat === undefined) return undefined;
  // proc(5): the name stands in brackets and may hold anything, so fields are counted after the last one;
  // state is the third field and the start, in ticks since boot, the twenty-second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot.trim()}/${fields[19] ?? ''}`;
}

async function askPs(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await execute('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined; // ps exits with 1 when there is no such process
  }
}
