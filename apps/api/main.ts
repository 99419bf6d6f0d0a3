/** `npm run api`: the merchant's API and the page, on the servers that the environment names. */

import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { redacted, apiConfig, ConfigError, type ApiConfig } from '@holdfast/config';
import { RefusedFault } from '@holdfast/core';
import { PortTaken, programLogger } from '@holdfast/telemetry';
import { startApi } from './api.js';

/** A stop that takes longer, as when a server does not answer, is given up: requests are safe to repeat. */
const STOP_WITHIN_MS = 15_000;
/** Beside the compiled API, where the page's build puts it. */
const PAGE_FOLDER = fileURLToPath(new URL('../calendar/', import.meta.url));

function configOrExit(): ApiConfig {
  try {
    return apiConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const config = configOrExit();
  const { logFormat: format, logLevel: level } = config;
  Logger.overrideLogger(programLogger({ format, level, colors: process.stdout.isTTY === true }));
  const log = new Logger('api');
  let stopping = false;
  let stop: () => Promise<void> = () => Promise.resolve();
  const end = (code: number, why: string): void => {
    if (stopping) return;
    stopping = true;
    log.log(why);
    const giveUp = setTimeout(() => {
      log.warn('what is at hand does not come to an end: given up');
      process.exit(code);
    }, STOP_WITHIN_MS);
    stop()
      .catch((error: unknown) => log.error(error))
      .finally(() => {
        clearTimeout(giveUp);
        process.exit(code);
      });
  };
  const onFatal = (error: unknown): void => {
    log.error(said(error));
    end(1, 'stopping: this cannot be waited out');
  };
  process.on('SIGINT', () => end(0, 'stopping on SIGINT'));
  process.on('SIGTERM', () => end(0, 'stopping on SIGTERM'));
  // Started by a program that looks after it (npm start, the demo): not without that one.
  if (process.send) process.on('disconnect', () => end(0, 'stopping: the program that started this is gone'));
  process.on('unhandledRejection', onFatal);
  process.on('uncaughtException', onFatal);
  const api = await startApi(config, { pageFolder: PAGE_FOLDER, onFatal });
  stop = () => api.stop();
  log.log(`ready: ${api.url}`);
  process.send?.({ ready: api.url });
}

/** A port that is taken is the setting's fault, with a remedy; of anything else, all there is to know. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof RefusedFault || error instanceof PortTaken) return error.message;
  if ('code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : 'the port';
    return `HOLDFAST_API_PORT: something else has ${port}; choose another`;
  }
  return redacted(error.stack ?? error.message);
}

main().catch((error: unknown) => {
  console.error(said(error));
  process.exit(1);
});
