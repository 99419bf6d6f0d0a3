/** `npm run api`: the merchant's API and the page, on the servers that the environment names. */

import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import {
  redacted,
  apiConfig,
  ConfigError,
  type ApiConfig,
  unknownSettings,
  unknownSettingText,
} from '@holdfast/config';
import { RefusedFault } from '@holdfast/core';
import { endInOrder, PortTaken, programLogger } from '@holdfast/telemetry';
import { startApi } from './api.js';

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
  for (const name of unknownSettings()) log.warn(unknownSettingText(name));
  let stop: () => Promise<void> = () => Promise.resolve();
  const { onFatal } = endInOrder({ log, said, stop: () => stop() });
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
