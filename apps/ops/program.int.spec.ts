import { line, paid, placed, refunded, STORE } from '../../libs/core/testing/events.js';
import { openTestDatabase, type TestDatabase } from '../../libs/store/testing/test-database.js';
import { runOps } from './program.js';

let shop: TestDatabase;

beforeAll(async () => {
  shop = await openTestDatabase();
});
afterEach(() => shop.clear());
afterAll(() => shop.drop());

interface Said {
  code: number;
  out: string;
  err: string;
}

async function ops(words: string, environment: Record<string, string> = {}): Promise<Said> {
  const said = { out: '', err: '' };
  const code = await runOps(words.split(' '), {
    streams: {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      isTerminal: false,
    },
    environment: { MONGODB_URI: shop.uri, MONGODB_DATABASE: shop.name, ...environment },
  });
  return { code, ...said };
}

async function json(words: string): Promise<unknown> {
  const { out, code, err } = await ops(`${words} --json`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

describe('settings and stock', () => {
  it('turns inventory on, warns of what is unlimited, sets dates in ranges and shows the rows', async () => {
    expect(
      await json('store set --store s1 --timezone Europe/Berlin --fulfillment-dates on --hold 45m'),
    ).toMatchObject({ after: { timeZone: 'Europe/Berlin', fulfillmentDates: true, holdMs: 2_700_000 } });
    const product = await ops('product set --store s1 --product cake --inventory product');
    expect(product).toMatchObject({ code: 0 });
    expect(product.err).toContain('warning: s1/cake/-/YYYY-MM-DD: every date is unlimited');
    const set =
      'stock set --store s1 --product cake --date 2026-12-01..2026-12-14 --weekdays sat,sun --quantity 40';
    expect(await json(`${set} --reason Advent`)).toMatchObject({ changed: 4, refused: 0 });
    expect(await json('stock show --store s1 --date 2026-12-05..2026-12-06')).toEqual(
      ['2026-12-05', '2026-12-06'].map((date) => ({
        stockKey: `s1/cake/-/${date}`,
        storeId: 's1',
        productId: 'cake',
        variantId: null,
        date,
        free: 40,
        held: 0,
        sold: 0,
        refunded: 0,
        version: 1,
      })),
    );
    const shown = await ops('stock show --store s1 --product cake');
    expect(shown.out.split('\n')[0]).toMatch(/product +variant +date +left +held +sold +refunded +in all/);
    expect(await json('store show --store s1')).toMatchObject({ products: [{ productId: 'cake' }] });
  });

  it('ends with 1 and names what was refused, and changes nothing in a dry run', async () => {
    await ops('product set --store s1 --product mug --inventory product');
    const dry = await ops('stock set --store s1 --product mug --quantity 5 --dry-run --json');
    expect(JSON.parse(dry.out)).toMatchObject({ dryRun: true, changed: 1 });
    expect(await json('stock show --store s1')).toEqual([]);
    const below = await ops('stock adjust --store s1 --product mug --by -3');
    expect(below).toMatchObject({ code: 1 });
    expect(below.err).toContain('is unlimited, so there is nothing to add to; set it to a number');
    const unknown = await ops('stock set --store s1 --product cup --product mug --quantity unlimited --json');
    expect(unknown).toMatchObject({ code: 1, err: '' });
    expect(JSON.parse(unknown.out)).toMatchObject({
      changed: 1,
      refused: 1,
      rows: [{ reason: 'unknown-product' }, {}],
    });
  });
});

describe('orders', () => {
  beforeEach(async () => {
    await shop.product(STORE, 'mug');
    await shop.stock(STORE, { mug: 10 });
    const now = Date.now();
    await shop.apply([placed([line('mug', 4)], { occurredAt: now, recordedAt: now })]);
  });

  it('shows an order with its facts, transitions and causes', async () => {
    await shop.apply([
      { ...paid(), cause: { topic: 'PaymentReceived', eventId: 'e', partition: 2, offset: 17 } },
    ]);
    expect(await json(`order show --store ${STORE} --order o1`)).toMatchObject({
      state: 'paid',
      version: 2,
      lines: [{ productId: 'mug', quantity: 4 }],
      claim: [{ stockKey: `${STORE}/mug/-/-`, sold: 4 }],
      facts: [{ fact: 'placed' }, { fact: 'paid', paymentId: 'p1' }],
      transitions: [
        { version: 1, from: 'unseen', to: 'held', outcomes: ['Held'], cause: { topic: 'OrderPlaced' } },
        { version: 2, from: 'held', to: 'paid', outcomes: ['Sold'], cause: { partition: 2, offset: 17 } },
      ],
    });
    expect((await ops(`order show --store ${STORE} --order o1`)).out).toContain('PaymentReceived[2]@17 e');
    expect(await ops(`order show --store ${STORE} --order nobody --json`)).toMatchObject({ code: 1 });
  });

  it('puts refunded units back once', async () => {
    await shop.apply([paid(), refunded()]);
    const restock = `restock --store ${STORE} --order o1 --line mug=3 --change-id b1 --actor jo --reason unopened`;
    expect(await json(restock)).toMatchObject({ kind: 'restocked', deltas: [{ free: 3, refunded: -3 }] });
    expect(await json(restock)).toMatchObject({ kind: 'repeated' });
    const { out } = await ops(`order show --store ${STORE} --order o1`);
    expect(out).toContain('ops b1 by jo (unopened)');
    expect(await ops(`restock --store ${STORE} --order o1 --line mug=2`)).toMatchObject({ code: 1 });
  });

  it('pauses and resumes expiry, and extends holds', async () => {
    expect(await json('expiry pause --reason away --actor jo')).toMatchObject({ paused: true, openHolds: 1 });
    expect((await ops('expiry status')).out).toMatch(/^expiry: +paused since .* by jo \(away\)$/m);
    expect(await json('holds extend --all --for 2h')).toMatchObject({ dryRun: true, extended: 1 });
    const extend = `holds extend --store ${STORE} --order o1 --order o2 --for 2h --actor jo --reason away`;
    expect(await json(extend)).toMatchObject({
      extended: 1,
      untouched: ['o2'],
    });
    expect((await ops(`order show --store ${STORE} --order o1`)).out).toContain('by jo (away)');
    expect(await json('expiry resume')).toMatchObject({ paused: false });
  });

  it('audits, and ends with 1 when something differs', async () => {
    expect(await json('audit')).toMatchObject({ clean: true, checked: { orders: 1 } });
    await shop.database.stock.updateOne({ _id: `${STORE}/mug/-/-` }, { $inc: { held: 1 } });
    const { code, out } = await ops('audit');
    expect(code).toBe(1);
    expect(out).toContain(`held: ${STORE}/mug/-/-: held is 5, and should be 4`);
  });
});

describe('access keys', () => {
  it('are made for a store that is known, told once, listed without their secret, and revoked', async () => {
    await ops('store set --store s1 --timezone Europe/Berlin');
    const made = await ops('keys create --store s1 --scope merchant --name till');
    expect(made.code).toBe(0);
    const key = made.out.trim();
    expect(key).toMatch(/^hf_[a-z0-9]{12}_[\w-]{43}$/);
    expect(made.err).toContain('it is not shown again');
    const keyId = key.slice(3, 15);
    const listed = await ops('keys list --store s1');
    expect(listed.out).toMatch(new RegExp(`hf_${keyId}_… +merchant +s1 +till +[\\d-]{10} +never`));
    expect(listed.out).not.toContain(key.slice(16));
    expect(await json(`keys revoke ${keyId}`)).toEqual({ keyId, revoked: true });
    expect(await json('keys list')).toMatchObject([{ keyId, revokedAt: expect.stringMatching(/Z$/) }]);
    expect((await ops('keys revoke nobody')).code).toBe(1);
  });
});

describe('what goes wrong', () => {
  const wrong: [string, string][] = [
    [
      'stock set --store s1 --product mug --quantity -1',
      "option '--quantity <n|unlimited>' argument '-1' is invalid",
    ],
    ['stock set --store s1 --product mug --quantity 1.5', 'Use a whole number from 0'],
    ['stock set --store s1 --product mug --date 2026-02-30 --quantity 1', 'Use a day that exists'],
    ['stock set --product mug --quantity 1', "required option '--store <id>' not specified"],
    ['store set --store a/b --hold 1m', 'Use 1 to 128 bytes'],
    ['store set --store s1', 'nothing to set'],
    ['store set --store s1 --timezone Berlin', 'timeZone: "Berlin" is not a time zone; use an IANA name'],
    ['store set --store s1 --hold 30', 'such as 90s, 30m'],
    ['store set --store s1 --hold 8d', 'use 1 second to 7 days'],
    ['product set --store s1 --product p --inventory some', 'use "off", "product" or "variant"'],
    ['holds extend --for 1h', 'say whose holds'],
    ['keys create --store s1 --scope merchant --name till', 'storeId: there is no store s1'],
    ['keys create --scope merchant --name till', 'say which store; only an operator key is for all'],
    ['keys create --scope king --name till', 'use one of merchant, read-only, storefront, operator'],
    ['nonsense', "unknown command 'nonsense'"],
  ];

  it.each(wrong)('%s: ends with 2 and says what to do', async (words, text) => {
    const { code, err, out } = await ops(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(text);
    expect(err).not.toMatch(/^ {4}at /m);
    expect(await shop.database.stores.countDocuments()).toBe(0);
  });

  it('gives programs JSON on stdout', async () => {
    const { out, code } = await ops('store set --store s1 --timezone Berlin --json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { kind: 'input', problems: [{ field: 'timeZone' }] } });
  });

  it('names a setting that is missing', async () => {
    const { code, err } = await ops('audit', { MONGODB_URI: '' });
    expect(code).toBe(2);
    expect(err).toContain('MONGODB_URI is not set');
  });

  it('ends with 3 when the database is away', async () => {
    const uri = 'mongodb://127.0.0.1:1/?directConnection=true';
    const { code, err } = await ops('stock show --store s1', { MONGODB_URI: uri });
    expect(code).toBe(3);
    expect(err).toContain('MongoDB does not answer');
  });

  it('helps', async () => {
    const { code, out } = await ops('stock set --help');
    expect(code).toBe(0);
    expect(out).toContain('Examples:');
    expect(out).toContain('--json');
  });
});
