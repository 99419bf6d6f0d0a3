/**
 * A cache of fetched programs. What is there is whole and checked: it is fetched into a folder of its own beside the
 * place and moved there in one step, so that two processes that fetch at once do not disturb each other, and a
 * fetch that is cut off leaves nothing that looks finished.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { StackError } from './stack-error.js';

const unfinishedPrefix = '.unfinished-';
const unfinishedKeptMs = 60 * 60 * 1000;

/**
 * The folder `name` of the cache, filled by `fill` unless it is there.
 * @param fill is given an empty folder; what it leaves there is kept when it returns
 */
export async function fetchOnce(
  cacheFolder: string,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const place = join(cacheFolder, name);
  if (await exists(place)) return place;
  await mkdir(cacheFolder, { recursive: true });
  await removeUnfinished(cacheFolder);
  const unfinished = await mkdtemp(join(cacheFolder, unfinishedPrefix));
  try {
    await fill(unfinished);
    await rename(unfinished, place).catch(async (error: unknown) => {
      if (!(await exists(place))) throw error; // else another process was faster, with the same content
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return place;
}

/** @throws StackError when the file is not what was pinned */
export async function checkHash(file: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') === sha256) return;
  throw new StackError(
    `${file} is not the file that was pinned (its SHA-256 differs)`,
    'empty the local cache of the tool that fetched it and try again; if it stays so, do not use what was fetched',
  );
}

/**
 * Runs a tool that fetches something.
 * @param onLine is given each line of its output
 * @throws StackError: `missing` when there is no such tool, else one that ends with what the tool said last
 */
export async function runTool(
  command: readonly [program: string, ...options: string[]],
  folder: string,
  missing: StackError,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const [program, ...options] = command;
  const lastLines: string[] = [];
  const child = spawn(program, options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > 8) lastLines.shift();
      onLine(line);
    });
  }
  const code = await ended.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? missing : error;
  });
  if (code !== 0) {
    if (/No module named pip|JAVA_HOME/.test(lastLines.join('\n'))) throw missing;
    throw new StackError(`${program} failed (exit code ${code})`, `it said\n${lastLines.join('\n')}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function removeUnfinished(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    if (!name.startsWith(unfinishedPrefix)) continue;
    const path = join(cacheFolder, name);
    const changed = await stat(path)
      .then((found) => found.mtimeMs)
      .catch(() => Date.now());
    if (Date.now() - changed > unfinishedKeptMs) await rm(path, { recursive: true, force: true });
  }
}
