import { ALIVE, lagOf, observed, type Liveness } from './liveness.js';

describe('liveness', () => {
  const look = (state: Liveness, lag: number, progress: number, now: number) =>
    observed(state, { lag, progress }, now, 60_000);

  it('falls when records wait and none was applied for the whole time', () => {
    let state = look(ALIVE, 5, 10, 0);
    state = look(state, 5, 10, 1_000);
    expect(state).toMatchObject({ alive: true, stalledSince: 1_000 });
    state = look(state, 9, 10, 60_999);
    expect(state.alive).toBe(true);
    state = look(state, 9, 10, 61_000);
    expect(state.alive).toBe(false);
  });

  it('comes back with the first record applied', () => {
    const stalled: Liveness = { alive: false, stalledSince: 0, progress: 10 };
    expect(look(stalled, 9, 11, 70_000)).toEqual({ alive: true, stalledSince: undefined, progress: 11 });
  });

  it('stays up while nothing waits', () => {
    let state = look(ALIVE, 0, 10, 0);
    state = look(state, 0, 10, 500_000);
    expect(state.alive).toBe(true);
  });

  it('counts the time from when records began to wait, not from the last record', () => {
    let state = look(ALIVE, 0, 10, 0);
    state = look(state, 0, 10, 500_000);
    state = look(state, 1, 10, 500_001);
    expect(look(state, 1, 10, 560_000).alive).toBe(true);
  });
});

describe('lagOf', () => {
  it('counts what waits in the partitions at hand, and no others', () => {
    const positions = new Map([
      ['OrderPlaced', new Map([[1, 10]])],
      ['PaymentReceived', new Map([[1, 7]])],
    ]);
    const ends = new Map([
      ['OrderPlaced', [100, 12]],
      ['PaymentReceived', [100, 5]],
    ]);
    expect(lagOf(positions, ends)).toBe(2);
  });
});
