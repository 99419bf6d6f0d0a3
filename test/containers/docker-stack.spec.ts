/** The local stack in containers: one order through, kept over a stop, dropped for a fresh start, gone afterwards. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stackEnvironment } from '@holdfast/config';
import { startStack, type Stack } from '@holdfast/local-stack';
import { mongo } from 'mongoose';
import { line, startPipeline } from '../support/pipeline.js';

jest.setTimeout(300_000);

const execute = promisify(execFile);
const environment = { ...stackEnvironment(), kind: 'docker' as const };

let folder: string;
let stack: Stack | undefined;
let volumesBefore: string[];

beforeEach(async () => {
  volumesBefore = await volumes();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-docker-spec-'));
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  // A stack that stops keeps its data; nobody knows this folder's any more.
  const left = (await volumes()).filter((name) => !volumesBefore.includes(name));
  if (left.length > 0) await docker('volume', 'rm', ...left);
  await rm(folder, { recursive: true, force: true });
});

const start = async (fresh = false): Promise<Stack> => {
  stack = await startStack({ environment, dataDir: folder, fresh });
  return stack;
};

async function docker(...words: string[]): Promise<string[]> {
  const { stdout } = await execute('docker', words);
  return stdout.split('\n').filter((name) => name.startsWith('holdfast-'));
}

const containers = (): Promise<string[]> => docker('ps', '-a', '--format', '{{.Names}}');
const volumes = (): Promise<string[]> => docker('volume', 'ls', '--format', '{{.Name}}');

async function databases({ mongoUri }: Stack): Promise<string[]> {
  const client = await mongo.MongoClient.connect(mongoUri);
  try {
    return (await client.db().admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
  } finally {
    await client.close();
  }
}

describe('the local stack in Docker', () => {
  it('takes an order through a worker, keeps its data over a stop, and drops it for a fresh start', async () => {
    const first = await start();
    expect(first.kind).toBe('docker');
    const shop = await startPipeline({ servers: first });
    await shop.product('bakery', 'mug');
    await shop.stock('bakery', { mug: 5 });
    await shop.publish.placed({ storeId: 'bakery', orderId: 'o-1', lines: [line('mug', 2)] });
    await shop.until(({ story }) => story('bakery', 'o-1').includes('Held'), 'the order is held');
    expect(await shop.balance('bakery', 'mug')).toEqual([3, 2, 0, 0]);
    await shop.finish();
    const client = await mongo.MongoClient.connect(first.mongoUri);
    await client
      .db('kept')
      .collection('documents')
      .insertOne({}, { writeConcern: { w: 'majority', j: true } });
    await client.close();
    await first.stop();
    expect(await containers()).toEqual([]);

    expect(await databases(await start())).toContain('kept');
    await stack?.stop();

    expect(await databases(await start(true))).not.toContain('kept');
  });
});
