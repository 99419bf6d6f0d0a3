/** Sends requests, so many at a time, and judges the answers: 2xx, 3xx or a 4xx problem, and in time. */

import { Agent, request as httpRequest } from 'node:http';
import type { Random } from '../../apps/demo/traffic/random.js';
import type { FuzzedRequest, RequestMaker } from './requests.js';

export interface HttpTally {
  sent: number;
  seconds: number;
  /** by status */
  statuses: Record<string, number>;
  /** that were asked at least once */
  routes: number;
  /** rejections that were taken: each becomes a record */
  rejected: number;
  /** what should not be, the first of each kind with the request */
  findings: string[];
}

interface HttpAnswer {
  status: number;
  type: string;
  text: string;
}

const AT_ONCE = 24;
const HANGS_AFTER_MS = 30_000;
const MOST_FINDINGS = 20;

export async function fuzzHttp(
  url: string,
  maker: RequestMaker,
  random: Random,
  count: number,
): Promise<HttpTally> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const routes = new Set<string>();
  const tally: HttpTally = { sent: 0, seconds: 0, statuses: {}, routes: 0, rejected: 0, findings: [] };
  const from = performance.now();
  const work = async (): Promise<void> => {
    while (tally.sent < count && tally.findings.length < MOST_FINDINGS) {
      const request = maker.make(random);
      tally.sent += 1;
      if (request.route !== 'others') routes.add(request.route);
      const answer = await send(url, request, agent).catch((error: Error) => error);
      judge(request, answer, tally);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  agent.destroy();
  tally.routes = routes.size;
  tally.seconds = (performance.now() - from) / 1_000;
  return tally;
}

function judge(request: FuzzedRequest, answer: HttpAnswer | Error, tally: HttpTally): void {
  const shown = (): string =>
    `${request.method} ${request.path.slice(0, 300)} ${request.body?.toString().slice(0, 400) ?? ''}`;
  if (answer instanceof Error) {
    tally.findings.push(`${answer.message}: ${shown()}`);
    return;
  }
  const { status, type, text } = answer;
  tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
  if (status >= 500) tally.findings.push(`${status} ${text.slice(0, 300)}: ${shown()}`);
  else if (status >= 400 && request.method !== 'HEAD' && !type.startsWith('application/problem+json'))
    tally.findings.push(`${status} as ${type || 'nothing'}: ${shown()}`);
  else if (status < 300 && request.method === 'POST' && /\/orders\/[^/]+\/reject/.test(request.path))
    tally.rejected += 1;
}

function send(
  url: string,
  { method, path, headers, body }: FuzzedRequest,
  agent: Agent,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body ? { 'content-length': String(body.length) } : {};
    const asked = httpRequest(
      { hostname, port, agent, method, path, headers: { ...headers, ...length } },
      (response) => {
        const type = String(response.headers['content-type'] ?? '');
        const status = response.statusCode ?? 0;
        const chunks: Buffer[] = [];
        const done = (): void => {
          clearTimeout(patience);
          resolve({ status, type, text: Buffer.concat(chunks).toString() });
        };
        // A stream of live changes has no end.
        if (type.startsWith('text/event-stream')) {
          response.on('error', () => undefined);
          done();
          response.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', done);
        response.on('error', reject);
      },
    );
    const patience = setTimeout(
      () => asked.destroy(new Error(`no answer in ${HANGS_AFTER_MS} ms`)),
      HANGS_AFTER_MS,
    );
    asked.on('error', (error) => {
      clearTimeout(patience);
      reject(error);
    });
    asked.end(body);
  });
}
