/** After the summary: workers and page once more, at the same address, until people have looked enough. */

import type { Page } from './page.js';
import { apiOf, workersOf, type Stage } from './programs.js';

export interface Staying {
  stage: Omit<Stage, 'onFailure'>;
  page: Page;
  /** ends it */
  signal: AbortSignal;
  onOpen: () => void;
}

/** Resolves when the signal has come and everything has stopped in order. @throws when a program fails */
export async function stay({ stage, page, signal, onOpen }: Staying): Promise<void> {
  const failure = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    failure.signal.addEventListener('abort', () => reject(failure.signal.reason as Error), { once: true });
  });
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  const again: Stage = { ...stage, onFailure: (error) => failure.abort(error) };
  const workers = workersOf(again);
  const api = apiOf(again, Number(new URL(page.url).port));
  try {
    const opening = Promise.all([api, ...workers].map((program) => program.start())).then(() => {
      if (!signal.aborted) onOpen();
    });
    await Promise.race([opening.then(() => stopped), stopped, failed]);
  } finally {
    await api.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
