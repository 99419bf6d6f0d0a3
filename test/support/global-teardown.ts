const STOP_STACK = Symbol.for('holdfast.stopTestStack'); // set by global-setup.ts

export default async function globalTeardown(): Promise<void> {
  await (globalThis as unknown as Record<symbol, (() => Promise<void>) | undefined>)[STOP_STACK]?.();
}
