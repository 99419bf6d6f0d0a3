/** `npm run worker`: one worker process on the servers that the environment names. */

import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { redacted, ConfigError, workerConfig, type WorkerConfig } from '@holdfast/config';
import { RefusedFault } from '@holdfast/core';
import { PortTaken, programLogger } from '@holdfast/telemetry';
import { startWorker } from './worker.js';

/** A stop that takes longer, as when a server does not answer, is given up: all that is in flight is safe to repeat. */
const STOP_WITHIN_MS = 15_000;

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
  let stopping = false;
  const end = (code: number, why: string): void => {
    if (stopping) return;
    stopping = true;
    log.log(why);
    const giveUp = setTimeout(() => {
      log.warn('what is at hand does not come to an end: left, to be done again');
      process.exit(code);
    }, STOP_WITHIN_MS);
    void worker.stop().finally(() => {
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
  const worker = startWorker(config, onFatal);
  try {
    await worker.ready;
  } catch (error) {
    if (!stopping) onFatal(error);
    return;
  }
  log.log(`ready: ${config.workerId} does ${config.roles.join(', ')}`);
  process.send?.('ready');
}

void main();
