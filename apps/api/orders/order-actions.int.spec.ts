import { parseRecord } from '@holdfast/contracts';
import { audit } from '@holdfast/store';
import { due, line, paid, placed, refunded, rejected } from '../../../libs/core/testing/events.js';
import { messagesOf } from '../../../libs/store/testing/test-database.js';
import { SHOP, TestApi, type Answer } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.shop.product(SHOP, 'mug');
  await api.shop.stock(SHOP, { mug: 100 });
});
afterAll(async () => {
  const { listed } = await audit(api.shop.database, { overdueAfterMs: Infinity });
  await api.stop();
  expect(listed).toEqual([]);
});

const of = <T extends object>(event: T): T & { storeId: string } => ({ ...event, storeId: SHOP });
const place = (orderId: string, quantity = 2) => of(placed([line('mug', quantity)], { orderId }));

function act(orderId: string, action: 'reject' | 'restock', body?: object): Promise<Answer> {
  return api.askShop('POST', `/orders/${orderId}/${action}`, { ...(body && { body }) });
}

describe('rejecting an order', () => {
  it('publishes the event that any other service would', async () => {
    await api.shop.apply([place('held'), place('paid'), of(paid('p1', 'paid'))]);
    for (const [orderId, body] of [
      ['held', { reason: 'We are closed.' }],
      ['paid', undefined],
    ] as const) {
      const { status, body: answer } = await act(orderId, 'reject', body);
      expect(status).toBe(202);
      const { eventId } = answer as { eventId: string };
      const outbox = await api.shop.database.outbox.find({}).toArray();
      const message = messagesOf(outbox).find(({ id }) => id === eventId);
      expect(message).toMatchObject({ topic: 'OrderRejected', key: SHOP });
      expect(JSON.parse(message?.value ?? '')).toEqual({
        eventId,
        occurredAt: expect.stringMatching(/Z$/),
        storeId: SHOP,
        orderId,
        ...body,
      });
      const meta = { partition: 0, offset: 0, timestamp: Date.now() };
      expect(parseRecord('OrderRejected', Buffer.from(message?.value ?? ''), meta).poison).toBeUndefined();
    }
  });

  it('that is sent again because its answer got lost is told that it is done, once', async () => {
    await api.shop.apply([place('lost')]);
    const headers = { 'idempotency-key': 'reject-lost' };
    const send = () => api.askShop('POST', '/orders/lost/reject', { headers });
    const { eventId } = (await send()).body as { eventId: string };
    // As if its process had died before it kept the answer; meanwhile a worker has applied the event.
    await api.shop.database.apiRequests.updateMany(
      { answer: { $exists: true } },
      { $unset: { answer: '' }, $set: { lockedUntil: new Date(0) } },
    );
    await api.shop.apply([
      { ...of(rejected(undefined, 'lost')), cause: { topic: 'OrderRejected', eventId } },
    ]);
    const before = await api.shop.database.outbox.countDocuments();
    expect(await send()).toMatchObject({ status: 202, body: { eventId } });
    expect(await api.shop.database.outbox.countDocuments()).toBe(before);
  });

  it('is refused where nothing is left to reject', async () => {
    await api.shop.apply([place('gone'), of(rejected(undefined, 'gone')), place('late')]);
    await api.shop.apply([of(due(Date.now(), 'late')), place('short', 1_000)]);
    const before = await api.shop.database.outbox.countDocuments();
    expect(await act('gone', 'reject')).toMatchObject({ status: 409, body: { code: 'already-rejected' } });
    expect(await act('late', 'reject')).toMatchObject({ status: 409, body: { code: 'nothing-to-reject' } });
    expect(await act('short', 'reject')).toMatchObject({ status: 409, body: { code: 'nothing-to-reject' } });
    expect(await act('nobody', 'reject')).toMatchObject({ status: 404 });
    expect(await act('held', 'reject', { reason: '' })).toMatchObject({ status: 400 });
    expect(await act('held', 'reject', { reason: 7 })).toMatchObject({ status: 400 });
    expect(await api.shop.database.outbox.countDocuments()).toBe(before);
  });
});

describe('putting refunded units back', () => {
  beforeAll(() =>
    api.shop.apply([
      place('r1', 4),
      of(paid('p2', 'r1')),
      of(refunded('f1', { orderId: 'r1', lines: [line('mug', 3)] })),
    ]),
  );

  it('is done in part, never for more than there is, and once under its id', async () => {
    const lines = [{ productId: 'mug', quantity: 1 }];
    const part = await act('r1', 'restock', { lines, changeId: 'b1' });
    expect(part).toMatchObject({
      status: 200,
      body: {
        repeated: false,
        deltas: [{ stockKey: `${SHOP}/mug/-/-`, free: 1, refunded: -1 }],
        warnings: [],
      },
    });
    const { version } = part.body as { version: number };
    const again = await act('r1', 'restock', { lines, changeId: 'b1' });
    expect(again).toMatchObject({ status: 200, body: { repeated: true, deltas: [], version } });
    const more = await act('r1', 'restock', { lines: [{ productId: 'mug', quantity: 3 }] });
    expect(more).toMatchObject({
      status: 409,
      body: { code: 'too-many', detail: expect.stringContaining('only 2 wait') },
    });
    expect(await act('r1', 'restock')).toMatchObject({ status: 200, body: { deltas: [{ free: 2 }] } });
    expect(await act('r1', 'restock')).toMatchObject({ status: 409, body: { code: 'not-refunded' } });
    expect(await act('nobody', 'restock')).toMatchObject({ status: 404 });
  });

  it('names what is wrong with it', async () => {
    const wrong: [object, string][] = [
      [{ lines: [{ productId: 'mug', quantity: 0 }] }, '/lines/0/quantity'],
      [
        { lines: [{ productId: 'mug', quantity: 1, fulfillmentDate: '2026-02-30' }] },
        '/lines/0/fulfillmentDate',
      ],
      [{ lines: [] }, '/lines'],
      [{ changeId: 'a/b' }, '/changeId'],
    ];
    for (const [body, pointer] of wrong) {
      expect(await act('r1', 'restock', body)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer }] },
      });
    }
  });

  it('on a day that is over warns that nobody can order it any more', async () => {
    await api.askShop('PATCH', '', { body: { fulfillmentDates: true } });
    const goods = [line('mug/-/2026-01-02', 2), line('mug/-/9000-01-02', 1)];
    await api.shop.apply([
      of(placed(goods, { orderId: 'r2' })),
      of(paid('p3', 'r2')),
      of(refunded('f2', { orderId: 'r2' })),
    ]);
    const { status, body } = await act('r2', 'restock');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { warnings: [{ code: 'past-date', productId: 'mug', variantId: null, date: '2026-01-02' }] },
    });
    expect((body as { warnings: object[] }).warnings).toHaveLength(1);
  });
});
