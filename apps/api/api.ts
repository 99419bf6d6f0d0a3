/** The API as a whole: started in an order in which each part finds what it needs, stopped in the opposite one. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ApiConfig } from '@holdfast/config';
import { TransientFault } from '@holdfast/core';
import {
  connect,
  faultOf,
  prepare,
  Sessions,
  SettingsCache,
  StoreGate,
  type BatchTools,
  type Database,
} from '@holdfast/store';
import { ApiModule } from './api.module.js';
import { bodyMustBeJson, MAX_BODY } from './conventions/body.js';
import { notFound, notReached } from './conventions/not-found.js';
import { ProblemFilter } from './conventions/problem.filter.js';
import { requestIds } from './conventions/request-id.js';
import { securityHeaders } from './conventions/security-headers.js';
import { VALIDATION } from './conventions/validation.js';
import { Presence } from './database/presence.js';
import { openApi } from './open-api.js';
import { servePage } from './page/page-files.js';
import { ApiWatch } from './watch.js';

export interface ApiOptions {
  /** the page's build, served at `/` when it has an index.html */
  pageFolder?: string;
  onFatal?: (error: unknown) => void;
}

export interface RunningApi {
  /** e.g. `http://127.0.0.1:8080` */
  url: string;
  port: number;
  /** Lets requests at hand end, then closes everything. */
  stop(): Promise<void>;
}

type Stop = () => Promise<void>;

/** Transactions at the same time; others wait for one of these. */
const SESSIONS = 8;
/** Longer than the minute of most proxies: a connection that the server closes first can take a request with it. */
const KEEP_ALIVE_MS = 65_000;
/** Requests that take longer are cut off at a stop. */
const DRAIN_MS = 5_000;

/** @throws when the port is taken; waits for the database for as long as it takes */
export async function startApi(config: ApiConfig, options: ApiOptions = {}): Promise<RunningApi> {
  const log = new Logger('api');
  const onFatal = options.onFatal ?? ((error) => log.error(error));
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    const database = await databaseWhenThere(config, log);
    stops.push(() => database.close());
    await prepare(database).catch((error: unknown) => {
      throw faultOf(error);
    });
    const sessions = new Sessions(database, SESSIONS);
    stops.push(() => sessions.close());
    const tools: BatchTools = {
      database,
      sessions,
      settings: new SettingsCache(database),
      gate: new StoreGate(),
    };
    const processId = `api-${hostname()}-${randomBytes(4).toString('hex')}`;
    const presence = new Presence({ database, sessions, processId, onFatal });
    await presence.start();
    stops.push(() => presence.stop());
    const watch = watchOf(config, presence);
    const app = await NestFactory.create<NestExpressApplication>(ApiModule.on(tools, config), {
      bodyParser: false,
      abortOnError: false,
    });
    stops.push(() => closeWithin(app));
    if (watch) app.use(watch.times);
    arrange(app, config);
    (app.getHttpServer() as Server).keepAliveTimeout = KEEP_ALIVE_MS;
    await app.init();
    // Behind the routes: a file is looked for on the disk, and most requests are not for one.
    if (options.pageFolder !== undefined) servePage(app, options.pageFolder);
    app.use(notFound, notReached);
    await app.listen(config.apiPort, config.apiHost);
    // Whoever asks there whether the API is ready is told so when it is, and is told nothing once it stops.
    await watch?.start();
    stops.push(async () => watch?.stop());
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    return { url: `http://${urlHost(config.apiHost)}:${port}`, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function watchOf({ apiHealthPort: port }: ApiConfig, presence: Presence): ApiWatch | undefined {
  return port === 0 ? undefined : new ApiWatch({ port, databaseSilentMs: () => presence.silentMs });
}

/** What every request passes, in this order. */
function arrange(app: NestExpressApplication, config: ApiConfig): void {
  app.set('trust proxy', config.apiProxies);
  app.disable('x-powered-by');
  app.setGlobalPrefix('v1');
  app.use(requestIds, securityHeaders, bodyMustBeJson);
  app.useBodyParser('json', { limit: MAX_BODY });
  app.useGlobalPipes(new ValidationPipe(VALIDATION));
  app.useGlobalFilters(new ProblemFilter());
  openApi(app);
}

async function databaseWhenThere(config: ApiConfig, log: Logger): Promise<Database> {
  for (let tries = 0; ; tries++) {
    try {
      return await connect({
        uri: config.mongoUri,
        ...config.mongoSecurity,
        database: config.database,
        maxPoolSize: 30,
      });
    } catch (error) {
      const fault = faultOf(error);
      if (!(fault instanceof TransientFault)) throw fault;
      if (tries % 10 === 0) log.warn(`waiting for MongoDB: ${(error as Error).message}`);
      await delay(500);
    }
  }
}

async function closeWithin(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(timer);
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
