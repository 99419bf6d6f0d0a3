/** The API on the real replica set, in a database of a test's own, with keys of two stores. */

import { Logger } from '@nestjs/common';
import type { ApiConfig } from '@holdfast/config';
import { createApiKey, setStore, type ApiScope } from '@holdfast/store';
import { testStack } from '../../../test/support/stack.js';
import { openTestDatabase, type TestDatabase } from '../../../libs/store/testing/test-database.js';
import { startApi, type RunningApi } from '../api.js';

/** The store that tests are about, and another, whose keys must find nothing of it. */
export const SHOP = 'bakery';
export const OTHER = 'other-shop';

export type KeyName = ApiScope | 'foreign' | 'none';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** parsed; undefined when it is not JSON */
  body: unknown;
}

export interface AskOptions {
  as?: KeyName;
  body?: unknown;
  headers?: Record<string, string>;
}

export class TestApi {
  private constructor(
    readonly shop: TestDatabase,
    readonly api: RunningApi,
    readonly keys: ReadonlyMap<KeyName, string>,
  ) {}

  static async start(): Promise<TestApi> {
    const shop = await openTestDatabase();
    await setStore(shop.database, SHOP, { timeZone: 'Europe/Berlin' });
    await setStore(shop.database, OTHER, {});
    const keys = new Map<KeyName, string>();
    for (const scope of ['merchant', 'read-only', 'storefront', 'operator'] as const) {
      const storeId = scope === 'operator' ? null : SHOP;
      keys.set(scope, (await createApiKey(shop.database, { scope, storeId, name: `the ${scope}` })).key);
    }
    const foreign = { scope: 'merchant', storeId: OTHER, name: 'a neighbour' } as const;
    keys.set('foreign', (await createApiKey(shop.database, foreign)).key);
    Logger.overrideLogger(['warn', 'error']);
    const api = await startApi(configOf(shop));
    return new TestApi(shop, api, keys);
  }

  /** One request; `path` after `/v1`. As the merchant of `SHOP` unless said otherwise. */
  async ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const key = this.keys.get(options.as ?? 'merchant');
    const headers: Record<string, string> = { ...options.headers };
    if (key !== undefined) headers['authorization'] ??= `Bearer ${key}`;
    const { body } = options;
    if (body !== undefined) headers['content-type'] ??= 'application/json';
    const response = await fetch(this.urlOf(path), {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  /** The same for the shop's own paths: `path` after `/v1/stores/<SHOP>`. */
  askShop(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    return this.ask(method, `/stores/${SHOP}${path}`, options);
  }

  /** `/openapi.json` and the like stand beside `/v1`. */
  urlOf(path: string): string {
    return this.api.url + (path.startsWith('/openapi') || path.startsWith('/docs') ? '' : '/v1') + path;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.shop.drop();
  }
}

export function configOf(shop: Pick<TestDatabase, 'uri' | 'name'>): ApiConfig {
  return {
    brokers: testStack().brokers,
    kafkaSecurity: {},
    mongoSecurity: {},
    mongoUri: shop.uri,
    database: shop.name,
    topicPrefix: '',
    apiPort: 0,
    apiHost: '127.0.0.1',
    apiProxies: 0,
    apiMaxWaiting: 100,
    apiMaxStreams: 100,
    apiHealthPort: 0,
    logFormat: 'text',
    logLevel: 'warn',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
