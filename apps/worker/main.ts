/** `npm run worker`: one worker process on the servers that the environment names. */

import 'reflect-metadata';
import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import { ConfigError, workerConfig, type WorkerConfig } from '@holdfast/config';
import { startWorker } from './worker.js';

const LEVELS: LogLevel[] = ['error', 'warn', 'log', 'debug'];
/** A stop that takes longer than this is given up: everything in flight is safe to repeat. */
const STOP_WITHIN_MS = 25_000;

function configOrExit(): WorkerConfig {
  try {
    return workerConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const config = configOrExit();
  const logLevels = LEVELS.slice(0, LEVELS.indexOf(config.logLevel) + 1);
  Logger.overrideLogger(
    new ConsoleLogger({ prefix: 'holdfast', logLevels, colors: process.stdout.isTTY === true }),
  );
  const log = new Logger('worker');
  let stopping = false;
  let stop: () => Promise<void> = () => Promise.resolve();
  const end = (code: number, why: string): void => {
    if (stopping) return;
    stopping = true;
    log.log(why);
    const giveUp = setTimeout(() => process.exit(code || 1), STOP_WITHIN_MS);
    stop()
      .catch((error: unknown) => log.error(error))
      .finally(() => {
        clearTimeout(giveUp);
        process.exit(code);
      });
  };
  const onFatal = (error: unknown): void => {
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    end(1, 'stopping: this cannot be waited out');
  };
  process.on('SIGINT', () => end(0, 'stopping on SIGINT'));
  process.on('SIGTERM', () => end(0, 'stopping on SIGTERM'));
  // Started by a program that looks after it (npm start, the demo): not without that one.
  if (process.send) process.on('disconnect', () => end(0, 'stopping: the program that started this is gone'));
  process.on('unhandledRejection', onFatal);
  process.on('uncaughtException', onFatal);
  const worker = await startWorker(config, onFatal);
  stop = () => worker.stop();
  log.log(`ready: ${config.workerId} does ${config.roles.join(', ')}`);
  process.send?.('ready');
}

void main();
