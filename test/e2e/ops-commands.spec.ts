/** The operators' command line as a program: what it prints, what it ends with, and a file of invoices through it all. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { topicsFor } from '@holdfast/contracts';
import { audit, connect } from '@holdfast/store';
import { differencesBetween } from '../rebuild/compare.js';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';
import { testStack } from '../support/stack.js';

let shop: Pipeline;
let folder: string;

beforeAll(async () => {
  shop = await startPipeline();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ops-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await shop.finish();
});

interface Ended {
  code: number;
  out: string;
  err: string;
}

function ops(words: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...shop.environment, ...environment };
  return new Promise((ended) => {
    execFile(process.execPath, [resolve('dist/apps/ops/main.js'), ...words], { env }, (error, out, err) => {
      ended({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function csv(name: string, ...lines: string[]): Promise<string> {
  const text = ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate', ...lines].join('\n');
  const file = join(folder, name);
  await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

describe('a file of invoices', () => {
  it('goes through the pipeline, and every invoice is accounted for', async () => {
    await shop.product('gifts', '85123A');
    await shop.stock('gifts', { '85123A': 10 });
    const file = await csv(
      'invoices.csv.gz',
      '1,85123a,"HOLDER, WHITE",6,2010-12-01 08:26:00',
      '1,21731,BELL,1,2010-12-01 08:26:00',
      '1,POST,POSTAGE,1,2010-12-01 08:26:00',
      '2,85123A,HOLDER,5,2010-12-01 08:30:00',
      '3,22752,"SET OF ""7""",2,2010-12-01 08:31:00',
      '4,22752,,-3,2010-12-01 08:32:00',
      'C5,22752,SET,-2,2010-12-01 09:00:00',
      'C6,85123A,HOLDER,-6,2010-12-01 09:01:00',
      'C7,21730,LIGHT,-1,2010-12-01 09:02:00',
      '8,85123A,HOLDER,4,2010-12-02 08:00:00',
    );
    const words = [
      '--csv',
      file,
      '--store',
      'gifts',
      '--inventory-on',
      '--wait',
      '30s',
      '--pay-after',
      '10s',
    ];
    const { code, out, err } = await ops(['publish', ...words, '--json']);
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining('4 of 4 orders decided') as string,
    });
    expect(JSON.parse(out)).toMatchObject({
      lines: { total: 10, used: 7, unusable: 3 },
      invoices: {
        total: 8,
        orders: 4,
        fates: { sold: 1, 'partly-refunded': 1, refunded: 1, refused: 1 },
        cancellations: { total: 3, refunded: 2, partly: 0, unmatched: 1 },
        unusable: 1,
      },
      events: { OrderPlaced: 4, PaymentReceived: 4, OrderRefunded: 2 },
      unusableInvoices: [{ invoice: '4', fault: 'no-usable-line', firstLine: 7 }],
      unusableLines: [
        { line: 4, fault: 'not-goods' },
        { line: 7, fault: 'not-positive' },
        { line: 10, fault: 'no-order-to-refund' },
      ],
      refused: [{ orderId: '2', shortages: [{ productId: '85123A', wanted: 5, free: 4 }] }],
    });
    expect(await shop.balance('gifts', '85123A')).toEqual([0, 0, 4, 6]);
    expect(await shop.balance('gifts', '22752')).toEqual([null, 0, 0, 2]);
    const again = JSON.parse((await ops(['publish', ...words, '--json'])).out) as { invoices: object };
    expect(again.invoices).toMatchObject({ fates: { sold: 1, refused: 1 } });
    await shop.drained();
    expect(await ops(['audit'])).toMatchObject({ code: 0 });
  }, 90_000);

  it('sends nothing in a dry run, and refuses what is no such file', async () => {
    const file = await csv('one.csv', '9,85123A,HOLDER,1,2010-12-01 08:26:00');
    const dry = await ops(['publish', '--csv', file, '--store', 'nowhere', '--dry-run']);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.out).toContain('would send:    1 OrderPlaced, 1 PaymentReceived, 0 OrderRefunded');
    const missing = await ops(['publish', '--csv', join(folder, 'none.csv'), '--store', 'nowhere']);
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toMatch(/^error: --csv .* cannot be read: ENOENT/);
    const other = join(folder, 'other.csv');
    await writeFile(other, 'a,b\n1,2\n');
    const { code, err } = await ops(['publish', '--csv', other, '--store', 'nowhere']);
    expect(code).toBe(2);
    expect(err).toContain('names no column InvoiceNo, StockCode, Quantity, InvoiceDate');
    expect(await shop.database.orders.countDocuments({ storeId: 'nowhere' })).toBe(0);
  });
});

describe('what has been applied', () => {
  it('replayed from the first record to the last, changes nothing and publishes nothing', async () => {
    await shop.publish.raw('OrderPlaced', { key: 'gifts', value: 'nonsense' });
    await shop.publish.placed({ storeId: 'gifts', orderId: 'left', lines: [line('85123A')] });
    await shop.publish.paid({ storeId: 'gifts', orderId: 'early', paymentId: 'p' });
    await shop.drained();
    await shop.committed();
    const before = await everything();
    for (const more of [[], ['--yes']]) {
      const { code, out } = await ops(['replay', '--from', 'start', '--json', ...more]);
      // A record that cannot be read is reported.
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        counts: { facts: 0, transitions: 0, unreadable: 1, refused: 0 },
        complaints: [{ error: 'not-json' }],
      });
    }
    expect(await everything()).toEqual(before);
  });

  it('is rebuilt into an empty database from the topics and the exported settings', async () => {
    const file = join(folder, 'settings.json');
    expect(await shop.ops('settings', 'export', '--file', file)).toMatchObject({ stores: 1 });
    const into = `${shop.name}-rebuilt`;
    const before = await everything();
    expect(await shop.ops('rebuild', '--into', into, '--settings', file)).toMatchObject({ dryRun: true });
    const words = ['rebuild', '--into', into, '--settings', file, '--records-at-once', '15', '--yes'];
    expect(await shop.ops(...words)).toMatchObject({ unreadable: 1, findings: {} });
    expect(await everything()).toEqual(before);
    const rebuilt = await connect({ uri: testStack().mongoUri, database: into });
    try {
      expect(await differencesBetween(shop.database, rebuilt)).toEqual([]);
      expect(await audit(rebuilt)).toMatchObject({ listed: [] });
      expect(await rebuilt.outbox.countDocuments()).toBe(0);
      expect(await ops(words)).toMatchObject({
        code: 2,
        err: expect.stringContaining('is not empty') as string,
      });
    } finally {
      await rebuilt.db.dropDatabase();
      await rebuilt.close();
    }
  });

  /** All that a replay or a rebuild has to leave alone. */
  async function everything(): Promise<unknown> {
    const { orders, orderFacts, stock, outbox, lanes } = shop.database;
    const ends: unknown[] = [];
    // One after the other: asked for at once, topics that the client does not know yet wait for each other.
    for (const { name } of topicsFor({ prefix: shop.topicPrefix })) {
      ends.push(await shop.admin.fetchTopicOffsets(name));
    }
    return {
      database: await Promise.all([
        orders.find().toArray(),
        orderFacts.find().toArray(),
        stock.find().toArray(),
        outbox.find().toArray(),
        lanes.find().toArray(),
      ]),
      ends,
      group: await shop.admin.fetchOffsets({ groupId: shop.name }),
    };
  }
});

describe('the topics', () => {
  it('are shown, made once, and those of others left alone', async () => {
    const prefix = ['--topic-prefix', `${shop.topicPrefix}more-`, '--json'];
    const shown = JSON.parse((await ops(['topics', 'apply', ...prefix])).out) as { steps: unknown[] };
    expect(shown).toMatchObject({ applied: false });
    expect(shown.steps).toHaveLength(11);
    expect(JSON.parse((await ops(['topics', 'apply', '--yes', ...prefix])).out)).toMatchObject({ left: [] });
    expect(JSON.parse((await ops(['topics', 'apply', ...prefix])).out)).toMatchObject({ steps: [] });
    const more = await ops(['topics', 'apply', '--yes', '--partitions', '7', ...prefix]);
    expect(more.code).toBe(1);
    const { left } = JSON.parse(more.out) as { left: { topic: string }[] };
    const consumed = ['OrderPlaced', 'PaymentReceived', 'OrderRejected', 'OrderRefunded'];
    expect(left.map(({ topic }) => topic)).toEqual(
      consumed.map((topic) => `${shop.topicPrefix}more-${topic}`),
    );
  });
});

describe('the program', () => {
  it('ends with 2 for a wrong command, 3 when a server is away, and shows no stack', async () => {
    const wrong = await ops(['stock', 'set', '--store', 's', '--product', 'p', '--quantity', 'many']);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    const away = await ops(['topics', 'apply', '--json'], { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(away.code).toBe(3);
    expect(JSON.parse(away.out)).toMatchObject({ error: { kind: 'server-away', exitCode: 3 } });
    const mongo = { MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true' };
    const noDatabase = await ops(['audit'], mongo);
    expect(noDatabase.code).toBe(3);
    for (const { err } of [wrong, away, noDatabase]) expect(err).not.toMatch(/^ {4}at /m);
  });

  it('does not mind that nobody reads its answer to the end', async () => {
    const program = spawn(process.execPath, [resolve('dist/apps/ops/main.js'), 'stock', 'set', '--help']);
    program.stdout.destroy();
    let said = '';
    program.stderr.on('data', (text: Buffer) => (said += text.toString()));
    expect(await once(program, 'close')).toEqual([0, null]);
    expect(said).toBe('');
  });

  it('tells of each command what it is for, by example', async () => {
    const { code, out } = await ops(['--help']);
    expect(code).toBe(0);
    const commands = [
      'topics',
      'store',
      'product',
      'stock',
      'order',
      'restock',
      'expiry',
      'holds',
      'audit',
      'publish',
    ];
    for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect((await ops(['publish', '--help'])).out).toContain('How a cancellation');
  });
});
