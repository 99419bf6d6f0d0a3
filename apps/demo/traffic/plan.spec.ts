import { CONSUMED_TOPICS, parseRecord, type OrderPlaced } from '@holdfast/contracts';
import { isOvertaken, lifeOf } from './lives.js';
import { flashOrders, planOf, type Scene } from './plan.js';
import { SERVICES, type TrafficRecord } from './record.js';
import { FLASH_SALE, SNEAKERS } from './shops.js';

const scene: Scene = {
  seed: 'spec',
  startedAt: Date.UTC(2026, 2, 14, 9),
  seconds: 15,
  dates: ['2026-03-15', '2026-03-16', '2026-03-17'],
};
const records = SERVICES.flatMap((service) => planOf(service, scene));
const sane = records.filter(({ malformed }) => malformed === undefined);
const meta = { partition: 0, offset: 0, timestamp: scene.startedAt };

function parsed({ topic, value }: TrafficRecord) {
  return parseRecord(topic, typeof value === 'string' ? Buffer.from(value) : value, meta);
}

function placed(): Map<string, TrafficRecord> {
  const orders = sane.filter(({ topic }) => topic === 'OrderPlaced');
  return new Map(orders.map((record) => [(JSON.parse(String(record.value)) as OrderPlaced).orderId, record]));
}

describe('the plan of the demo', () => {
  it('is the same for the same scene, whoever makes it', () => {
    for (const service of SERVICES) {
      expect(JSON.stringify(planOf(service, scene))).toBe(JSON.stringify(planOf(service, scene)));
    }
  });

  it('is another for another seed', () => {
    expect(planOf('checkout', { ...scene, seed: 'other' })).not.toEqual(planOf('checkout', scene));
  });

  it('comes in order of time', () => {
    const times = planOf('checkout', scene).map(({ sendAt }) => sendAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('holds only events that can be read, but for those that are malformed on purpose', () => {
    expect(sane.filter((record) => parsed(record).poison)).toEqual([]);
    const spoilt = records.filter(({ malformed }) => malformed !== undefined);
    expect(spoilt.length).toBeGreaterThan(8);
    expect(spoilt.filter((record) => !parsed(record).poison)).toEqual([]);
    expect(new Set(spoilt.map(({ topic }) => topic))).toEqual(new Set(CONSUMED_TOPICS));
  });

  it('sends some events twice, byte for byte', () => {
    const seen = new Map<string, TrafficRecord>();
    let copies = 0;
    for (const record of sane) {
      const first = seen.get(record.name);
      seen.set(record.name, record);
      if (!first) continue;
      copies += 1;
      expect([record.topic, record.key, record.value]).toEqual([first.topic, first.key, first.value]);
    }
    expect(copies).toBeGreaterThan(sane.length * 0.01);
    expect(copies).toBeLessThan(sane.length * 0.03);
  });

  it('has payments, rejections and refunds that are sent before their orders', () => {
    const orders = placed();
    const early = sane.filter(({ topic }) => topic !== 'OrderPlaced');
    expect(early.length).toBeGreaterThan(30);
    // Of two copies the first.
    const firsts = new Map(early.reverse().map((record) => [record.name, record]));
    for (const record of firsts.values()) {
      const { orderId } = JSON.parse(String(record.value)) as { orderId: string };
      expect(isOvertaken(lifeOf(scene.seed, orderId))).toBe(true);
      expect(record.sendAt).toBeLessThan(orders.get(orderId)?.sendAt ?? 0);
    }
  });

  it('has far more orders in the flash sale than there are sneakers, keyed by order', () => {
    const orders = [...placed().values()].filter(({ name }) => name.startsWith('drop-'));
    expect(orders).toHaveLength(flashOrders(scene.seconds));
    expect(orders.length).toBeGreaterThan(3 * SNEAKERS);
    expect(new Set(orders.map(({ key }) => key)).size).toBe(orders.length);
    expect(orders.every(({ value }) => String(value).includes(FLASH_SALE))).toBe(true);
  });
});
