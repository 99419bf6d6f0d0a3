import { Pacer } from './pacer.js';

describe('rests between slices', () => {
  it('become shorter, and none, before the server forgets the moment that is read', () => {
    let now = 1_000;
    const pacer = new Pacer(
      100,
      () => true,
      () => now,
    );
    pacer.begin();
    const rests = [0, 89_999, 90_000, 179_999, 180_000].map((elapsed) => {
      now = 1_000 + elapsed;
      return pacer.restMs();
    });
    expect(rests).toEqual([100, 100, 25, 25, 0]);
    pacer.begin();
    expect(pacer.restMs()).toBe(100);
  });

  it('end at once when the process stops, and give the store up', async () => {
    const pacer = new Pacer(3_600_000, () => true);
    pacer.begin();
    const resting = pacer.rest().catch((thrown: unknown) => thrown);
    pacer.stop();
    expect(pacer.isGivenUp(await resting)).toBe(true);
  });

  it('give the store up when another process is active', async () => {
    const pacer = new Pacer(0, () => false);
    pacer.begin();
    const error: unknown = await pacer.rest().catch((thrown: unknown) => thrown);
    expect(pacer.isGivenUp(error)).toBe(true);
    expect(pacer.isGivenUp(new Error('other'))).toBe(false);
  });
});
