/** The API's own program beside a working pipeline: what the merchant does there, and what other services see. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { line, startPipeline, type Pipeline } from '../support/pipeline.js';

const STORE = 'bakery';
const DAY = '2099-12-24';
const CAKE = `cake/-/${DAY}`;

let shop: Pipeline;
let program: ChildProcess;
let url = '';
let key = '';
const log: string[] = [];

async function startProgram(): Promise<void> {
  const { PATH = '', HOME = '' } = process.env;
  const settings = { ...shop.environment, HOLDFAST_API_PORT: '0', HOLDFAST_LOG_LEVEL: 'debug' };
  program = spawn(process.execPath, [resolve('dist/apps/api/main.js')], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  url = await new Promise<string>((ready, failed) => {
    for (const stream of [program.stdout, program.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (text) => {
        log.push(text);
        const [, found] = /ready: (http:\S+)/.exec(text) ?? [];
        if (found !== undefined) ready(found);
      });
    }
    program.once('exit', (code) => failed(new Error(`ended with ${code}:\n${log.join('\n')}`)));
  });
}

async function ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/v1/stores/${STORE}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

beforeAll(async () => {
  shop = await startPipeline();
  const made = (await shop.ops('store', 'set', '--store', STORE, '--timezone', 'Europe/Berlin')) as object;
  expect(made).toMatchObject({ settingsVersion: 1 });
  await startProgram();
});
afterAll(async () => {
  program.kill('SIGTERM');
  if (program.exitCode === null) await once(program, 'exit');
  await shop.finish();
});

describe('a shop that is managed through the API', () => {
  it('starts with a key that an operator makes, and is never told again', async () => {
    const operator = (await shop.ops('keys', 'create', '--scope', 'operator', '--name', 'Pat')) as {
      key: string;
    };
    key = operator.key;
    const made = (await shop.ops(
      'keys',
      'create',
      '--store',
      STORE,
      '--scope',
      'merchant',
      '--name',
      'Jo',
    )) as {
      key: string;
      keyId: string;
    };
    expect(await ask('GET', '')).toMatchObject({ status: 200, body: { storeId: STORE } });
    key = made.key;
    const listed = await shop.ops('keys', 'list', '--store', STORE);
    expect(listed).toMatchObject([{ keyId: made.keyId, scope: 'merchant', name: 'Jo', revokedAt: null }]);
    expect(JSON.stringify(listed)).not.toContain(made.key.slice(20));
    expect(await ask('GET', '')).toMatchObject({ status: 200 });
  });

  it('sets 40 for three dates at once, and the ledger says so', async () => {
    await ask('PATCH', '', { fulfillmentDates: true });
    const product = await ask('PUT', '/products/cake', {
      title: 'Stollen',
      inventory: 'product',
      numbers: [{ date: DAY, quantity: 10 }],
    });
    expect(product).toMatchObject({ status: 200, body: { warnings: [], stock: { changed: 1 } } });
    const set = await ask('POST', '/stock/changes', {
      selection: { products: [{ productId: 'cake' }], dates: { from: '2099-12-22', to: DAY }, quantity: 40 },
    });
    expect(set).toMatchObject({
      status: 200,
      body: { changed: 3, cells: [{}, {}, { before: { free: 10 } }] },
    });
    const { changeId } = set.body as { changeId: string };
    await shop.until(
      ({ outcomes }) => outcomes.some(({ cause }) => cause.eventId === changeId),
      'the change is published',
    );
    expect(await shop.balance(STORE, CAKE)).toEqual([40, 0, 0, 0]);
  });

  it('rejects a held and a paid order: the units are back, and the customers told', async () => {
    for (const orderId of ['held', 'paid']) {
      await shop.publish.placed({ storeId: STORE, orderId, customerId: 'ann', lines: [line(CAKE, 3)] });
    }
    await shop.publish.paid({ storeId: STORE, orderId: 'paid', paymentId: 'p' });
    await shop.until(({ story }) => story(STORE, 'paid').length === 2, 'one is paid');
    await shop.until(({ story }) => story(STORE, 'held').length === 1, 'one is held');
    expect(await shop.balance(STORE, CAKE)).toEqual([34, 3, 3, 0]);
    for (const orderId of ['held', 'paid']) {
      expect(await ask('POST', `/orders/${orderId}/reject`, { reason: 'closed' })).toMatchObject({
        status: 202,
      });
      await shop.until(({ told }) => told(STORE, orderId).includes('order-rejected'), 'the customer is told');
    }
    expect(await shop.balance(STORE, CAKE)).toEqual([40, 0, 0, 0]);
    expect(shop.outcomes().letters).toEqual([]);
    expect(await ask('POST', '/orders/held/reject')).toMatchObject({
      status: 409,
      body: { code: 'already-rejected' },
    });
  });

  it('puts refunded units back, and takes a slip back with them', async () => {
    await shop.publish.placed({ storeId: STORE, orderId: 'r', lines: [line(CAKE, 4)] });
    await shop.publish.paid({ storeId: STORE, orderId: 'r', paymentId: 'p' });
    await shop.publish.refunded({ storeId: STORE, orderId: 'r', refundId: 'f', lines: [line(CAKE, 2)] });
    await shop.drained();
    expect(await shop.balance(STORE, CAKE)).toEqual([36, 0, 2, 2]);
    const slip = await ask('POST', '/stock/changes', {
      cells: [{ productId: 'cake', date: DAY, quantity: 4 }],
    });
    const { changeId } = slip.body as { changeId: string };
    expect(await shop.balance(STORE, CAKE)).toEqual([4, 0, 2, 0]);
    expect(await ask('POST', `/stock/changes/${changeId}/undo`)).toMatchObject({ status: 200 });
    expect(await shop.balance(STORE, CAKE)).toEqual([36, 0, 2, 2]);
    expect(await ask('POST', '/orders/r/restock', { changeId: 'back' })).toMatchObject({
      status: 200,
      body: { deltas: [{ free: 2, refunded: -2 }] },
    });
    expect(await shop.balance(STORE, CAKE)).toEqual([38, 0, 2, 0]);
  });

  it('goes on after the API is killed in the middle of its changes', async () => {
    const sent = Array.from({ length: 30 }, (_, at) =>
      ask('POST', '/stock/changes', {
        changeId: `burst-${at}`,
        cells: [{ productId: 'cake', date: DAY, adjust: 1 }],
      }).catch(() => undefined),
    );
    await Promise.race(sent);
    program.kill('SIGKILL');
    await Promise.all(sent);
    await startProgram();
    const again = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        ask('POST', '/stock/changes', {
          changeId: `burst-${at}`,
          cells: [{ productId: 'cake', date: DAY, adjust: 1 }],
        }),
      ),
    );
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await shop.balance(STORE, CAKE)).toEqual([68, 0, 2, 0]);
  });

  it('stops when it is asked to, and has told its log no secret', async () => {
    program.kill('SIGTERM');
    const [code] = (await once(program, 'exit')) as [number | null];
    expect(code).toBe(0);
    const said = log.join('\n');
    expect(said).toContain('stopping on SIGTERM');
    expect(said).not.toContain(key.slice(-20));
    expect(said).not.toContain(shop.environment['MONGODB_URI']);
    expect(await shop.database.workers.countDocuments({ roles: 'api' })).toBeLessThanOrEqual(1);
  });
});
