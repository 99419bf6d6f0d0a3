/** The programs of the demo, and what each is told: its servers and its name. */

import { join } from 'node:path';
import { childEnvironment } from '@holdfast/config';
import { SERVICES } from '../traffic/record.js';
import { ProducerProcess } from './producer-process.js';
import { ProgramProcess, type ProgramOptions } from './program-process.js';
import { DATABASE, type World } from './world.js';

/** Paths of the programs that run as processes of their own. */
export interface Programs {
  worker: string;
  producer: string;
  api: string;
}

export interface Stage {
  world: World;
  programs: Programs;
  /** folder for what they write */
  logs: string;
  /** when one ends and nobody had asked it to */
  onFailure: (error: Error) => void;
}

export const WORKERS = ['worker-1', 'worker-2'];

export function workersOf({ world, programs, logs, onFailure }: Stage): ProgramProcess[] {
  return WORKERS.map((name) => {
    const environment = childEnvironment({ ...serversOf(world), workerId: name }, 'dropped');
    return new ProgramProcess({
      name,
      program: programs.worker,
      environment,
      logFile: join(logs, `${name}.log`),
      onFailure,
    });
  });
}

/** @param port 0 = one that is free */
export function apiOf({ world, programs, logs, onFailure }: Stage, port = 0): ProgramProcess {
  const options: ProgramOptions = {
    name: 'the API',
    program: programs.api,
    environment: childEnvironment({ ...serversOf(world), apiPort: String(port) }, 'dropped'),
    logFile: join(logs, 'api.log'),
    onFailure,
  };
  return new ProgramProcess(options);
}

export function producersOf({ programs, logs }: Stage): ProducerProcess[] {
  return SERVICES.map(
    (service) =>
      new ProducerProcess({ service, program: programs.producer, logFile: join(logs, `${service}.log`) }),
  );
}

function serversOf({ brokers, mongoUri }: World): { brokers: string; mongoUri: string; database: string } {
  return { brokers: brokers.join(','), mongoUri, database: DATABASE };
}
