/** `npm run worker`: one worker process on the servers that the environment names. */

import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import {
  redacted,
  ConfigError,
  workerConfig,
  type WorkerConfig,
  unknownSettings,
  unknownSettingText,
} from '@holdfast/config';
import { RefusedFault } from '@holdfast/core';
import { endInOrder, PortTaken, programLogger } from '@holdfast/telemetry';
import { startWorker } from './worker.js';

function configOrExit(): WorkerConfig {
  try {
    return workerConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

/** What people can mend is said without the way it took through the program. */
function said(error: unknown): string {
  if (error instanceof RefusedFault || error instanceof PortTaken) return error.message;
  return redacted(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

async function main(): Promise<void> {
  const config = configOrExit();
  const { logFormat: format, logLevel: level } = config;
  Logger.overrideLogger(programLogger({ format, level, colors: process.stdout.isTTY === true }));
  const log = new Logger('worker');
  for (const name of unknownSettings()) log.warn(unknownSettingText(name));
  const end = endInOrder({ log, said, stop: () => worker.stop() });
  const worker = startWorker(config, end.onFatal);
  try {
    await worker.ready;
  } catch (error) {
    if (!end.hasBegun) end.onFatal(error);
    return;
  }
  log.log(`ready: ${config.workerId} does ${config.roles.join(', ')}`);
  process.send?.('ready');
}

void main();
