import { Random } from './random.js';

const drawn = (seed: string): number[] => {
  const random = new Random(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

describe('seeded random numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(drawn('a')).toEqual(drawn('a'));
    expect(drawn('a')).not.toEqual(drawn('b'));
  });

  it('are spread evenly from 0 up to 1', () => {
    const numbers = drawn('even');
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });

  it('give whole numbers with both ends included', () => {
    const random = new Random('dice');
    const thrown = new Set(Array.from({ length: 200 }, () => random.whole(1, 6)));
    expect([...thrown].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('choose names as often as their weights say', () => {
    const random = new Random('weights');
    const chosen = Array.from({ length: 2_000 }, () => random.weighted({ often: 9, seldom: 1, never: 0 }));
    const seldom = chosen.filter((name) => name === 'seldom').length;
    expect(chosen).not.toContain('never');
    expect(seldom).toBeGreaterThan(120);
    expect(seldom).toBeLessThan(280);
  });
});
