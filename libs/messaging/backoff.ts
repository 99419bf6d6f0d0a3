/** Doubles from `firstMs` up to `mostMs`, less up to half of it at random, so that waiters do not march in step. */
export function jitteredBackoffMs(
  tries: number,
  { firstMs, mostMs }: { firstMs: number; mostMs: number },
): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(tries - 1, 20));
  return whole * (0.5 + Math.random() / 2);
}
