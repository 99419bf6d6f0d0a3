/** The cluster as a stack: kept, moved to other ports, made anew, and gone without a trace. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { stackEnvironment } from '@holdfast/config';
import { topicsFor } from '@holdfast/contracts';
import { startClusterStack, type ClusterStack } from '@holdfast/local-stack';
import { applyTopics, planTopics } from '@holdfast/messaging';
import { inDocuments, processesOf, withAdmin } from '../support/servers-of-stack.js';
import { whole } from './own-cluster.js';

jest.setTimeout(240_000);

const { cacheHome } = stackEnvironment();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cluster-spec-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a cluster of three brokers and three members', () => {
  let stack: ClusterStack | undefined;
  const start = async (fresh = false): Promise<ClusterStack> => {
    const environment = cacheHome === undefined ? {} : { cacheHome };
    stack = await startClusterStack({ environment, dataDir: folder, fresh });
    return stack;
  };

  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
  });

  it('has every topic on all three, keeps data over a stop, also at other ports, and drops it for a fresh start', async () => {
    const first = await start();
    const wanted = topicsFor({ prefix: 'kept-', partitions: 2 });
    await withAdmin(first, async (admin) =>
      applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true })),
    );
    await whole(first);
    await withAdmin(first, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ name }) => name) });
      const replicas = topics.flatMap(({ partitions }) =>
        partitions.map((partition) => partition.replicas.length),
      );
      expect(new Set(replicas)).toEqual(new Set([3]));
      const leaders = topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
      expect(new Set(leaders).size).toBe(3);
    });
    await inDocuments(first, (documents) =>
      documents.insertOne({ _id: 1 }, { writeConcern: { w: 3, j: true, wtimeoutMS: 20_000 } }),
    );
    await first.stop();
    expect(await processesOf(folder)).toEqual([]);

    const takenPorts = [first.brokerNodes[0], first.mongoNodes[0], first.mongoNodes[2]].map(
      (node) => node?.port,
    );
    const strangers = takenPorts.map((port) =>
      createServer((socket) => socket.destroy()).listen(port, '127.0.0.1'),
    );
    await Promise.all(strangers.map((one) => once(one, 'listening')));
    const second = await start();
    for (const one of strangers) one.close();
    expect(second.brokers).not.toEqual(first.brokers);
    expect(second.mongoUri).not.toBe(first.mongoUri);
    await whole(second);
    expect(await withAdmin(second, (admin) => admin.listTopics())).toContain('kept-OrderPlaced');
    expect(await inDocuments(second, (documents) => documents.countDocuments())).toBe(1);
    await second.stop();

    const third = await start(true);
    expect([third.brokers, third.mongoUri]).toEqual([second.brokers, second.mongoUri]);
    expect(await withAdmin(third, (admin) => admin.listTopics())).not.toContain('kept-OrderPlaced');
    expect(await inDocuments(third, (documents) => documents.countDocuments())).toBe(0);
  });
});

describe('npm run stack -- --cluster', () => {
  const program = resolve('dist/apps/stack/main.js');
  const run = (environment: Record<string, string> = {}): ChildProcess => {
    const { PATH = '', HOME = '' } = process.env;
    return spawn(process.execPath, [program, '--cluster'], {
      cwd: folder,
      env: { PATH, HOME, ...(cacheHome !== undefined && { XDG_CACHE_HOME: cacheHome }), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };

  it('prints addresses of all, and leaves nothing behind when it is killed with -9', async () => {
    const child = run();
    const lines: string[] = [];
    if (!child.stdout) throw new Error('its output is not piped');
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line === 'ready') break;
    }
    expect(lines).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS=127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+$/),
      expect.stringMatching(
        /^MONGODB_URI=mongodb:\/\/127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\/\?replicaSet=/,
      ),
      'ready',
    ]);
    expect(await processesOf(folder)).toHaveLength(12); // six servers, six watchers
    child.kill('SIGKILL');
    while ((await processesOf(folder)).length > 0) await delay(50);
  });

  it.each([
    [{ KAFKA_BROKERS: 'h:1', MONGODB_URI: 'mongodb://h:2/?replicaSet=x' }, /unset both/],
    [{ HOLDFAST_STACK: 'docker' }, /HOLDFAST_STACK asks for Docker/],
  ])('refuses what it cannot do, with the remedy: %j', async (environment, remedy) => {
    const child = run(environment);
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toMatch(remedy);
  });
});
