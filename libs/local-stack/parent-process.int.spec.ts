/** What becomes of the servers, and of what is missing, seen from outside of the program that starts a stack. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stackEnvironment } from '@holdfast/config';
import { startEmbeddedStack } from '@holdfast/local-stack';
import { transform } from '@swc/core';

jest.setTimeout(180_000);

const execute = promisify(execFile);
const { cacheHome } = stackEnvironment();

const PROGRAM = `
import { startEmbeddedStack } from './local-stack/index.js';
const [dataDir, cacheHome] = process.argv.slice(2);
try {
  const { kafka, mongo } = await startEmbeddedStack({ dataDir, environment: cacheHome ? { cacheHome } : {} });
  console.log(kafka.pid + ' ' + mongo.pid);
  setInterval(() => undefined, 1000);
} catch (error) {
  console.log(error.message);
}
`;

/** Compiles the library, and a program that starts a stack and waits, into a folder. */
async function writeProgram(folder: string): Promise<string> {
  const library = join(folder, 'local-stack');
  await mkdir(library);
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of await readdir(__dirname)) {
    if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
    const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, swcrc: false } as const;
    const { code } = await transform(await readFile(join(__dirname, name), 'utf8'), options);
    await writeFile(join(library, name.replace(/\.ts$/, '.js')), code);
  }
  const program = join(folder, 'program.js');
  await writeFile(program, PROGRAM);
  return program;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('its output is not piped');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}

/** What it writes until it ends. */
async function allLines(child: ChildProcess): Promise<string[]> {
  if (!child.stdout) throw new Error('its output is not piped');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await once(child, 'close');
  return lines;
}

describe('a program that starts an embedded stack', () => {
  let folder: string;
  let program: string;
  let dataDir: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-parent-spec-'));
    dataDir = join(folder, 'data');
    program = await writeProgram(folder);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (cache = cacheHome, searchPath?: string): ChildProcess =>
    spawn(process.execPath, [program, dataDir, ...(cache === undefined ? [] : [cache])], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(searchPath === undefined ? {} : { env: { PATH: searchPath } }),
    });

  const leftovers = async (): Promise<string[]> => {
    const { stdout } = await execute('ps', ['-ww', '-e', '-o', 'pid=,args=']);
    return stdout.split('\n').filter((line) => line.includes(dataDir));
  };

  it('leaves no process behind when it is killed with -9, and a later start recovers the folder', async () => {
    const child = run();
    expect(await firstLine(child)).toMatch(/^\d+ \d+$/);
    expect(await leftovers()).toHaveLength(5); // the program, two servers, two watchers
    child.kill('SIGKILL');
    while ((await leftovers()).length > 0) await delay(50);

    const lines: string[] = [];
    const stack = await startEmbeddedStack({
      dataDir,
      log: (line) => lines.push(line),
      environment: cache(),
    });
    await stack.stop();
    expect(lines).toEqual(['the last stack on this folder did not stop in order: recovering']);
  });

  it('stops servers that outlived even their watchers before it starts new ones', async () => {
    const child = run();
    const servers = (await firstLine(child)).split(' ');
    const watchers = (await leftovers()).filter((line) => line.includes('/bin/sh'));
    expect(watchers).toHaveLength(2);
    for (const line of watchers) process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const lines: string[] = [];
    const stack = await startEmbeddedStack({
      dataDir,
      log: (line) => lines.push(line),
      environment: cache(),
    });
    const pids = [stack.kafka.pid, stack.mongo.pid].map(String);
    await stack.stop();
    expect(lines.filter((line) => line.includes('left over'))).toHaveLength(2);
    expect(pids.filter((pid) => servers.includes(pid))).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('names what is missing, all at once, with the remedy', async () => {
    const lines = await allLines(run(folder, join(folder, 'nothing')));
    expect(lines.find((line) => line.includes('`mvn`'))).toContain('apt install maven');
    expect(lines.find((line) => line.includes('`pip`'))).toContain('apt install python3-pip');
  });

  it('names Java and its remedy when it is missing, and stops what it started', async () => {
    const lines = await allLines(run(cacheHome ?? join(homedir(), '.cache'), join(folder, 'nothing')));
    expect(lines).toEqual([expect.stringMatching(/there is no `java` here: install Java 17/)]);
    expect(await leftovers()).toEqual([]);
  });

  function cache(): { cacheHome?: string } {
    return cacheHome === undefined ? {} : { cacheHome };
  }
});
