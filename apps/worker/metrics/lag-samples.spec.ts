import { LagSamples } from './lag-samples.js';
import type { Sampled } from './sampled-metrics.js';

const MINUTE = 60_000;

const lane = (next: number, at: number) => [
  { _id: '0', owner: 'w/1/1', positions: { PaymentReceived: { next, at: new Date(at) } } },
];
const ends = (end: number) => new Map([['PaymentReceived', [end]]]);
const value = (samples: Sampled[], gauge: string): number | undefined =>
  samples.find((sample) => sample.gauge === gauge)?.value;

describe('lag in seconds', () => {
  it('counts from the last record applied when watching begins in a backlog', () => {
    const samples = new LagSamples().of({ ends: ends(9), lanes: lane(5, 10 * MINUTE), now: 15 * MINUTE });
    expect(value(samples, 'lagRecords')).toBe(4);
    expect(value(samples, 'lagSeconds')).toBe(300);
    expect(value(samples, 'watermarkLag')).toBe(300);
  });

  it('counts from when nothing waited after a time without records', () => {
    const lag = new LagSamples();
    expect(value(lag.of({ ends: ends(5), lanes: lane(5, MINUTE), now: 60 * MINUTE }), 'lagSeconds')).toBe(0);
    expect(value(lag.of({ ends: ends(6), lanes: lane(5, MINUTE), now: 61 * MINUTE }), 'lagSeconds')).toBe(60);
  });

  it('of a lane that has begun anew counts from when it was first watched, until it has applied something', () => {
    const lag = new LagSamples();
    expect(value(lag.of({ ends: ends(6), lanes: lane(1, 0), now: 60 * MINUTE }), 'lagSeconds')).toBe(0);
    expect(value(lag.of({ ends: ends(6), lanes: lane(1, 0), now: 61 * MINUTE }), 'lagSeconds')).toBe(60);
    const old = lag.of({ ends: ends(6), lanes: lane(2, 11 * MINUTE), now: 61 * MINUTE });
    expect(value(old, 'lagSeconds')).toBe(3_000);
  });
});
