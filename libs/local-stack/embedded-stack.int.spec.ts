import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnvironment } from '@holdfast/config';
import { startEmbeddedStack, type EmbeddedStack } from '@holdfast/local-stack';
import { inDocuments, processesOf, withAdmin } from '../../test/support/servers-of-stack.js';
import { makeTopics } from '../../test/support/topics.js';

jest.setTimeout(180_000);

const environment = stackEnvironment();

async function createTopic(stack: EmbeddedStack, topic: string): Promise<void> {
  await withAdmin(stack, (admin) => makeTopics(admin, [topic]));
}

function listTopics(stack: EmbeddedStack): Promise<string[]> {
  return withAdmin(stack, (admin) => admin.listTopics());
}

describe('an embedded stack', () => {
  let folder: string;
  let stack: EmbeddedStack | undefined;

  const start = async (options: { fresh?: boolean } = {}): Promise<EmbeddedStack> => {
    stack = await startEmbeddedStack({ environment, dataDir: folder, ...options });
    return stack;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-stack-spec-'));
  });

  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps data over a stop, even where ports are taken, and drops it for a fresh start', async () => {
    const first = await start();
    await createTopic(first, 'kept');
    await inDocuments(first, (documents) => documents.insertOne({ _id: 1 }));
    await first.stop();
    expect(await processesOf(folder)).toEqual([]);

    const strangers = [first.kafka, first.mongo].map(({ port }) =>
      createServer((socket) => socket.destroy()).listen(port, '127.0.0.1'),
    );
    await Promise.all(strangers.map((stranger) => once(stranger, 'listening')));
    const second = await start();
    strangers.forEach((stranger) => stranger.close());
    expect(second.brokers).not.toEqual(first.brokers);
    expect(second.mongoUri).not.toBe(first.mongoUri);
    expect(await listTopics(second)).toContain('kept');
    expect(await inDocuments(second, (documents) => documents.countDocuments())).toBe(1);
    await second.stop();

    const third = await start({ fresh: true });
    expect([third.brokers, third.mongoUri]).toEqual([second.brokers, second.mongoUri]);
    expect(await listTopics(third)).not.toContain('kept');
    expect(await inDocuments(third, (documents) => documents.countDocuments())).toBe(0);
  });

  it('has servers that can be killed and come back at the same address with their data', async () => {
    const running = await start();
    await createTopic(running, 'kept');
    await inDocuments(running, (documents) => documents.insertOne({ _id: 1 }, { writeConcern: { j: true } }));

    await Promise.all([running.kafka.kill(), running.mongo.kill()]);
    expect([running.kafka.pid, running.mongo.pid]).toEqual([undefined, undefined]);
    expect(await processesOf(folder)).toEqual([]);

    await Promise.all([running.kafka.start(), running.mongo.start()]);
    expect(await listTopics(running)).toContain('kept');
    expect(await inDocuments(running, (documents) => documents.countDocuments())).toBe(1);

    // and meanwhile the folder is not to be had
    await expect(start()).rejects.toThrow(`is in use by process ${process.pid}`);
  });
});
