import { StackError } from './stack-error.js';

/** Like Promise.all, but waits for all, so that a stop misses nothing and a person hears of all that is missing. */
export async function all<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(promises);
  const reasons = settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  const [first, ...others] = reasons;
  if (first instanceof StackError) {
    throw others
      .filter(
        (reason): reason is StackError => reason instanceof StackError && reason.message !== first.message,
      )
      .reduce((sum, reason) => sum.and(reason), first);
  }
  return Promise.all(promises) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
