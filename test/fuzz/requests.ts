/** Requests to every route that the API's own document names, with values that fit, nearly fit, or do not. */

import type { Random } from '../../apps/demo/traffic/random.js';
import { PRODUCTS, STORES } from './records.js';
import { oddString, oddValue, randomBytes, spoiled, spoiledBytes } from './values.js';

export interface FuzzedRequest {
  method: string;
  /** of the document, for counting */
  route: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  oneOf?: Schema[];
  example?: unknown;
  format?: string;
}

interface Operation {
  parameters?: { name: string; in: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

/** Ids that mean something, so that requests reach more than the check of their fields. */
const KNOWN: Record<string, readonly string[]> = {
  // Mostly the one that every key is good for.
  storeId: [...STORES, ...Array.from({ length: 24 }, () => STORES[0] ?? '')],
  productId: PRODUCTS,
  orderId: Array.from({ length: 50 }, (_, at) => `o-${at + 1}`),
  changeId: ['c-1', 'c-2'],
  variantId: ['M', 'L'],
};

export class RequestMaker {
  readonly #routes: Route[];
  /** the page, what the document does not name, and what is not there */
  readonly #others = [
    '/',
    '/docs',
    '/openapi.json',
    '/v1',
    '/v1/nothing',
    '/assets/x',
    '/%2e%2e/%2e%2e/etc/passwd',
  ];

  constructor(
    private readonly document: ApiDocument,
    /** what stands after `Authorization:` */
    private readonly credentials: readonly string[],
  ) {
    this.#routes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    );
  }

  get routes(): string[] {
    return this.#routes.map(({ method, path }) => `${method} ${path}`);
  }

  make(random: Random): FuzzedRequest {
    const headers = this.#headers(random);
    if (random.chance(0.03)) {
      const path = random.pick(this.#others) + (random.chance(0.3) ? `?${encoded(oddString(random))}` : '');
      return {
        method: random.pick(['GET', 'POST', 'DELETE', 'OPTIONS', 'PATCH']),
        route: 'others',
        path,
        headers,
      };
    }
    const { method: right, path: pattern, operation } = random.pick(this.#routes);
    const method = random.chance(0.97)
      ? right
      : random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']);
    const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encoded(this.#id(name, random)));
    const request: FuzzedRequest = {
      method,
      route: `${right} ${pattern}`,
      path: path + this.#query(operation, random),
      headers,
    };
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    if (method !== 'GET' && method !== 'HEAD' && (schema || random.chance(0.1))) {
      request.body = this.#body(schema, random);
      headers['content-type'] = random.chance(0.95)
        ? 'application/json'
        : random.pick([
            'text/plain',
            'application/json; charset=latin1',
            'multipart/form-data',
            'application/xml',
          ]);
    }
    return request;
  }

  #headers(random: Random): Record<string, string> {
    const headers: Record<string, string> = {};
    if (random.chance(0.95)) {
      headers['authorization'] = random.chance(0.95)
        ? random.pick(this.credentials)
        : random.pick(['Bearer', 'Bearer hf_', 'Basic eDp5', 'Bearer hf_x_y', `Bearer ${'x'.repeat(4_000)}`]);
    }
    if (random.chance(0.2)) headers['idempotency-key'] = random.pick(['k1', 'k2', 'x'.repeat(300), '!']);
    if (random.chance(0.05)) headers['if-none-match'] = random.pick(['*', '""', 'W/"x"', '"']);
    if (random.chance(0.05)) headers['last-event-id'] = random.pick(['0', 'x', '1:1,2:2', '9'.repeat(400)]);
    if (random.chance(0.05))
      headers['cookie'] = random.pick(['holdfast_session=x', 'holdfast_session=%zz', '=;;=']);
    if (random.chance(0.03)) headers['x-request-id'] = random.pick(['', 'x'.repeat(2_000), '{"a":1}']);
    if (random.chance(0.03)) headers['accept'] = random.pick(['text/event-stream', 'image/png', '*/*;q=x']);
    return headers;
  }

  #id(name: string, random: Random): string {
    const known = KNOWN[name];
    return known && random.chance(0.9) ? random.pick(known) : oddString(random) || 'x';
  }

  #query({ parameters = [] }: Operation, random: Random): string {
    const parts: string[] = [];
    for (const { name, in: where, schema = {} } of parameters) {
      if (where !== 'query' || random.chance(0.6)) continue;
      // A wait is to be short here: what is waited for may never come.
      const value = name === 'wait' ? random.pick(['0', '1', '-1', 'x']) : this.#text(name, schema, random);
      parts.push(`${name}${random.chance(0.03) ? '[]' : ''}=${encoded(value)}`);
    }
    if (random.chance(0.03)) parts.push(random.pick(['x=1', '%zz', 'a[b][c]=1', '&&&', '__proto__[x]=1']));
    return parts.length > 0 ? `?${parts.join('&')}` : '';
  }

  #text(name: string, schema: Schema, random: Random): string {
    if (random.chance(0.4)) return oddString(random);
    const value = KNOWN[name] && random.chance(0.7) ? this.#id(name, random) : this.#value(schema, random, 0);
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  }

  #body(schema: Schema | undefined, random: Random): Buffer {
    let value = schema ? this.#value(schema, random, 0) : oddValue(random);
    for (let times = random.pick([0, 0, 1, 1, 2]); times > 0; times--) value = spoiled(value, random);
    const bytes = Buffer.from(JSON.stringify(value) ?? '');
    if (random.chance(0.05)) return spoiledBytes(bytes, random);
    return random.chance(0.02) ? randomBytes(random, random.whole(0, 200)) : bytes;
  }

  #value(schema: Schema, random: Random, depth: number): unknown {
    const found = this.#resolved(schema);
    if (found.enum) return random.pick(found.enum);
    if (found.oneOf) return this.#value(random.pick(found.oneOf), random, depth);
    switch (found.type) {
      case 'object':
        return this.#object(found, random, depth);
      case 'array':
        return Array.from({ length: random.whole(0, depth > 4 ? 0 : 3) }, () =>
          this.#value(found.items ?? {}, random, depth + 1),
        );
      case 'integer':
      case 'number':
        return random.chance(0.8) ? random.whole(0, 50) : (found.example ?? 1);
      case 'boolean':
        return random.chance(0.5);
      case 'string':
        if (found.format === 'date') return random.pick(['2026-12-01', '2026-12-24', '2027-02-28']);
        if (found.example !== undefined && random.chance(0.5)) return found.example;
        return random.pick([...PRODUCTS, 'M', 'L', 'x', 'Europe/Berlin']);
      default:
        return found.example ?? oddValue(random);
    }
  }

  #object({ properties = {}, required = [] }: Schema, random: Random, depth: number): object {
    const entries = Object.entries(properties).filter(
      ([name]) => required.includes(name) || random.chance(depth > 2 ? 0.3 : 0.5),
    );
    return Object.fromEntries(
      entries.map(([name, schema]) => {
        const known = KNOWN[name];
        const value =
          known && random.chance(0.8) ? random.pick(known) : this.#value(schema, random, depth + 1);
        return [name, value];
      }),
    );
  }

  #resolved(schema: Schema): Schema {
    if (schema.allOf?.[0]) return this.#resolved(schema.allOf[0]);
    if (schema.$ref === undefined) return schema;
    return this.document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] ?? {};
  }
}

/** Percent-encoded, also what is no character. */
function encoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
