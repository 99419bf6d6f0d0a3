import { latencyOf } from './latency.js';
import { RateHistory } from './rate-history.js';

describe('the rate of decisions', () => {
  it('is that of the last two seconds, and of each second before', () => {
    const rate = new RateHistory();
    for (let ms = 0; ms <= 4_000; ms += 500) rate.note(ms <= 2_000 ? ms / 10 : 200, 10_000 + ms);
    expect(rate.perSecond).toBe(0);
    expect(rate.seconds).toEqual([50, 100, 50, 0]);
  });

  it('is nothing before there are two looks', () => {
    const rate = new RateHistory();
    rate.note(0, 1_000);
    expect(rate.perSecond).toBe(0);
    rate.note(300, 2_000);
    expect(rate.perSecond).toBe(300);
  });
});

describe('latency', () => {
  it('is the median and the 99th of a hundred', () => {
    const latencies = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(latencyOf(latencies)).toEqual({ median: 51, p99: 100 });
    expect(latencyOf([])).toBeUndefined();
  });
});
