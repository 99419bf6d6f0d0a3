/** The API beside a pipeline, on its servers, with a key of each kind. */

import { Logger } from '@nestjs/common';
import { apiConfig } from '@holdfast/config';
import { createApiKey, type ApiScope } from '@holdfast/store';
import { startApi, type RunningApi } from '../../apps/api/api.js';
import { StreamReader } from '../../apps/api/live/testing/stream-reader.js';
import type { Pipeline } from './pipeline.js';

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: unknown;
  /** from the request to the answer */
  tookMs: number;
}

export class PipelineApi {
  private constructor(
    private readonly api: RunningApi,
    readonly storeId: string,
    private readonly keys: ReadonlyMap<ApiScope, string>,
  ) {}

  /** The store must be known. @param settings of the API, over those of the pipeline */
  static async start(
    shop: Pipeline,
    storeId: string,
    settings: Record<string, string> = {},
  ): Promise<PipelineApi> {
    const keys = new Map<ApiScope, string>();
    for (const scope of ['merchant', 'read-only', 'storefront'] as const) {
      keys.set(scope, (await createApiKey(shop.database, { scope, storeId, name: scope })).key);
    }
    Logger.overrideLogger(['error']);
    const environment = {
      ...shop.environment,
      HOLDFAST_API_PORT: '0',
      HOLDFAST_LOG_LEVEL: 'error',
      ...settings,
    };
    return new PipelineApi(await startApi(apiConfig(environment)), storeId, keys);
  }

  /** `path` after `/v1/stores/<store>` */
  async get(
    path: string,
    options: { as?: ApiScope; signal?: AbortSignal; headers?: Record<string, string> } = {},
  ): Promise<ApiAnswer> {
    const from = performance.now();
    const { as = 'merchant', signal, headers } = options;
    const response = await fetch(this.url(path), {
      headers: { authorization: `Bearer ${this.keys.get(as)}`, ...headers },
      ...(signal && { signal }),
    });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body, tookMs: performance.now() - from };
  }

  async events(lastEventId?: string): Promise<StreamReader> {
    const reader = await StreamReader.open(this.url('/events'), {
      authorization: `Bearer ${this.keys.get('read-only')}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    });
    return reader.read();
  }

  url(path: string): string {
    return `${this.api.url}/v1/stores/${this.storeId}${path}`;
  }

  stop(): Promise<void> {
    return this.api.stop();
  }
}
