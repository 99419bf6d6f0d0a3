/**
 * Asks for availability at a steady pace, whatever comes back, as shops' pages do: each page with the ETag that it
 * was answered with last. A process of its own, so that its event loop is not the one it measures.
 */

import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { below, seeded } from './random.js';
import { percentile } from './statistics.js';

export interface ShopAsked {
  storeId: string;
  key: string;
  /** product ids by page */
  pages: string[][];
}

export interface AvailabilitySettings {
  url: string;
  shops: ShopAsked[];
  perSecond: number;
  seconds: number;
  /** asked before, at the same pace, and not counted */
  warmUpSeconds: number;
  seed: number;
}

export interface AvailabilityFound {
  requests: number;
  /** ms, from the request to the last byte of its answer */
  p50: number;
  p99: number;
  max: number;
  /** of the answers: 304, nothing has changed */
  unchangedShare: number;
  failed: number;
  /** the first of them */
  failure: string;
  /** ms from when a request should have been sent to when it was: the generator's own share */
  generatorDelayP99: number;
}

interface Page {
  path: string;
  key: string;
  etag: string | undefined;
}

const TICK_MS = 2;
const SOCKETS = 64;

class Asking {
  readonly latencies: number[] = [];
  readonly delays: number[] = [];
  unchanged = 0;
  failed = 0;
  failure = '';
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  readonly #base: URL;

  constructor(url: string) {
    this.#base = new URL(url);
  }

  /** Resolves with the answer's last byte, good or bad. */
  ask(page: Page, isCounted: boolean): Promise<void> {
    return new Promise((resolve) => {
      const sentAt = performance.now();
      const fail = (why: string): void => {
        this.failed += 1;
        if (this.failure === '') this.failure = why;
        resolve();
      };
      const { hostname, port } = this.#base;
      const headers: Record<string, string> = { authorization: `Bearer ${page.key}` };
      if (page.etag !== undefined) headers['if-none-match'] = page.etag;
      const asked = request({ hostname, port, path: page.path, headers, agent: this.#agent }, (response) => {
        response.resume();
        response.once('end', () => {
          const { statusCode } = response;
          if (statusCode !== 200 && statusCode !== 304) return fail(`status ${statusCode} of ${page.path}`);
          page.etag = response.headers.etag;
          if (isCounted) {
            this.latencies.push(performance.now() - sentAt);
            if (statusCode === 304) this.unchanged += 1;
          }
          resolve();
        });
      });
      asked.once('error', (error) => fail(error.message));
      asked.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function pagesOf(shops: ShopAsked[]): Page[] {
  return shops.flatMap(({ storeId, key, pages }) =>
    pages.map((products) => ({
      path: `/v1/stores/${storeId}/availability?productId=${products.join(',')}`,
      key,
      etag: undefined,
    })),
  );
}

/** Every tick asks what is due by then, without waiting for the answers. */
function askPaced(asking: Asking, settings: AvailabilitySettings): Promise<void> {
  const { perSecond, seconds, warmUpSeconds, seed } = settings;
  const pages = pagesOf(settings.shops);
  const random = seeded(seed);
  const total = (warmUpSeconds + seconds) * perSecond;
  const firstCounted = warmUpSeconds * perSecond;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const answers: Promise<void>[] = [];
    const timer = setInterval(() => {
      const now = performance.now();
      const due = Math.min(total, Math.floor(((now - started) / 1_000) * perSecond));
      for (let number = answers.length; number < due; number++) {
        const isCounted = number >= firstCounted;
        if (isCounted) asking.delays.push(performance.now() - started - ((number + 1) / perSecond) * 1_000);
        answers.push(asking.ask(pages[below(random, pages.length)] as Page, isCounted));
      }
      if (answers.length < total) return;
      clearInterval(timer);
      Promise.all(answers).then(() => resolve(), reject);
    }, TICK_MS);
  });
}

async function main(settings: AvailabilitySettings): Promise<void> {
  const asking = new Asking(settings.url);
  await askPaced(asking, settings);
  asking.close();
  const latencies = Float64Array.from(asking.latencies).sort();
  const delays = Float64Array.from(asking.delays).sort();
  const found: AvailabilityFound = {
    requests: latencies.length,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    max: latencies.at(-1) ?? Number.NaN,
    unchangedShare: asking.unchanged / latencies.length,
    failed: asking.failed,
    failure: asking.failure,
    generatorDelayP99: percentile(delays, 0.99),
  };
  process.send?.(found);
}

/** Before all that is measured, where the system allows it: a clock that waits for its turn measures its own wait. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // `generatorDelayP99` tells how much of the latency is ours.
  }
}

goFirst();
process.once('SIGTERM', () => process.exit(0));
// Stays until it is told to go, as the other programs do.
process.channel?.ref();
await main(JSON.parse(process.argv[2] ?? '') as AvailabilitySettings);
