/** Random numbers that a seed replays; print the seed with what fails. */

export interface Random {
  /** a whole number from 0 to below `limit` */
  random: (limit: number) => number;
  seed: number;
}

/** @param what for whom; HOLDFAST_TEST_SEED replays an earlier run */
export function randomOf(what: string): Random {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
  let state = seed;
  for (const character of what) state = Math.imul(state ^ character.charCodeAt(0), 0x9e3779b1);
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { random: (limit) => Math.floor(next() * limit), seed };
}
