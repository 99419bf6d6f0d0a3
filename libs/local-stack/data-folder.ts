/**
 * The folder a stack keeps its data in. One stack at a time: the program that runs it leaves its identity in a lock.
 * A lock whose owner is gone is left over from a kill; the servers of then, should they still run, are stopped first,
 * for two servers on one data folder would destroy it.
 */

import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, identify, stillRuns, type ProcessIdentity } from './process-identity.js';
import { PROCESS_FILE } from './server-process.js';
import { StackError } from './stack-error.js';

const LOCK_FILE = 'stack.lock';
const PORTS_FILE = 'ports.json';
const SERVER_FOLDERS = ['kafka', 'mongodb'] as const;
const staleServerLimitMs = 20_000;
const unclaimedKeptMs = 60 * 60 * 1000;

const PORT_NAMES = ['kafka', 'kafkaController', 'mongodb'] as const;

export type Ports = Record<(typeof PORT_NAMES)[number], number>;

/**
 * Takes the folder for this process, making it where need be and clearing up after a kill.
 * @param fresh empties what servers have put there, and nothing else; addresses stay
 * @param serverFolders each server's folder in it
 * @throws StackError when another living process has it
 */
export async function claimDataFolder(
  folder: string,
  fresh: boolean,
  log: (line: string) => void,
  serverFolders: readonly string[] = SERVER_FOLDERS,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, LOCK_FILE);
  const self = JSON.stringify(await identify(process.pid));
  for (;;) {
    try {
      await writeFile(lock, self, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readIdentity(lock);
    if (owner && (await stillRuns(owner))) {
      throw new StackError(
        `the data folder ${folder} is in use by process ${owner.pid}`,
        `use that stack, stop it (kill ${owner.pid}), or choose another folder`,
      );
    }
    log('the last stack on this folder did not stop in order: recovering');
    await rm(lock, { force: true });
  }
  await Promise.all(serverFolders.map((name) => stopStaleServer(join(folder, name), log)));
  if (fresh) {
    for (const name of serverFolders) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Gives the folder back. */
export async function releaseDataFolder(folder: string): Promise<void> {
  await rm(join(folder, LOCK_FILE), { force: true });
}

/** Whether a temporary folder was left behind: its process is gone, or it is old and no process claims it. */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readIdentity(join(folder, LOCK_FILE));
  if (owner) return !(await stillRuns(owner));
  const changed = await stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - changed > unclaimedKeptMs;
}

/** The ports of the last time where they are free, so that addresses survive a restart; else new ones. */
export function choosePorts(folder: string): Promise<Ports> {
  return choosePortsFor(folder, PORT_NAMES);
}

/** The same for any servers, by name. */
export async function choosePortsFor<N extends string>(
  folder: string,
  names: readonly N[],
): Promise<Record<N, number>> {
  const file = join(folder, PORTS_FILE);
  const last = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Partial<Record<N, number>>,
    () => ({}) as Partial<Record<N, number>>,
  );
  const taken = new Set<number>();
  const ports = {} as Record<N, number>;
  for (const name of names) ports[name] = await choosePort(last[name], taken);
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

// Below the range that systems take the ports of outgoing connections from (32768 and up), so that nothing
// takes a server's port while it is down for a moment.
const firstPort = 20_000;
const portCount = 10_000;

async function choosePort(last: number | undefined, taken: Set<number>): Promise<number> {
  const candidates = last === undefined ? [] : [last];
  for (let tries = 0; tries < 200; tries += 1)
    candidates.push(firstPort + Math.floor(Math.random() * portCount));
  for (const port of candidates) {
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new StackError(
    `no free port from ${firstPort} to ${firstPort + portCount - 1}`,
    'stop what listens there',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

async function stopStaleServer(folder: string, log: (line: string) => void): Promise<void> {
  const server = await readIdentity(join(folder, PROCESS_FILE));
  // The command line names the folder: a last check before a signal goes to a process that is not our child.
  if (server && (await stillRuns(server)) && (await commandLine(server.pid)).includes(folder)) {
    log(`stopping the server left over in ${folder} (process ${server.pid})`);
    signal(server.pid, 'SIGTERM');
    const deadline = Date.now() + staleServerLimitMs;
    while (await stillRuns(server)) {
      if (Date.now() > deadline) signal(server.pid, 'SIGKILL');
      await delay(50);
    }
  }
  await rm(join(folder, PROCESS_FILE), { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended in between
  }
}

async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessIdentity>;
    if (typeof value.pid === 'number' && typeof value.started === 'string') {
      return { pid: value.pid, started: value.started };
    }
  } catch {
    // no file, or cut short by the kill
  }
  return undefined;
}
