/** What went wrong, as an exit code and a text without a stack trace. */

import { CommanderError } from 'commander';
import { ConfigError, redacted } from '@holdfast/config';
import { GuardFault, RefusedFault, TransientFault } from '@holdfast/core';
import { refusalOf } from '@holdfast/messaging';
import { InputFault, faultOf, type InputProblem } from '@holdfast/store';

export const EXIT = {
  ok: 0,
  /** something differs, or was refused; what was done is in the answer */
  refused: 1,
  /** the command or the environment is wrong; nothing was done */
  usage: 2,
  /** a server does not answer */
  away: 3,
  /** a fault of ours */
  unexpected: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES = `
Exit codes:
  0  done, and nothing to object
  1  something differs, or was refused
  2  the command, a file or the environment is wrong; nothing was done
  3  Kafka or MongoDB does not answer
  4  a fault of this program
`;

/** A command that cannot be understood, beyond what the parser of options sees. */
export class UsageFault extends Error {
  override name = 'UsageFault';
}

/** Nobody listens where a server should be. */
export class ServerAway extends Error {
  override name = 'ServerAway';
  constructor(
    readonly server: 'Kafka' | 'MongoDB',
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export interface Failure {
  code: ExitCode;
  /** for programs */
  kind: 'usage' | 'refused' | 'environment' | 'input' | 'server-away' | 'unexpected';
  message: string;
  problems?: readonly InputProblem[];
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    return { code: EXIT.usage, kind: 'usage', message: error.message.replace(/^error: /, '') };
  }
  if (error instanceof UsageFault) return { code: EXIT.usage, kind: 'usage', message: error.message };
  if (error instanceof InputFault) {
    return { code: EXIT.usage, kind: 'input', message: error.message, problems: error.problems };
  }
  if (error instanceof ConfigError) {
    const hint = '(`npm start` and `npm run stack` start servers and print these settings)';
    return { code: EXIT.usage, kind: 'environment', message: `${error.message}\n${hint}` };
  }
  if (error instanceof ServerAway) return away(error.server, error);
  const fault = refusalOf(error) ?? faultOf(error);
  if (fault instanceof RefusedFault || fault instanceof GuardFault) {
    return { code: EXIT.refused, kind: 'refused', message: fault.message };
  }
  // Kafka's first: a connection that broke is called the same by both.
  if (isKafkaAway(error)) return away('Kafka', error as Error);
  if (fault instanceof TransientFault) return away('MongoDB', fault);
  const message = redacted(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { code: EXIT.unexpected, kind: 'unexpected', message };
}

function away(server: string, error: Error): Failure {
  const setting = server === 'Kafka' ? 'KAFKA_BROKERS' : 'MONGODB_URI';
  const message = `${server} does not answer (${firstLine(error.message)}); is it running, and does ${setting} name it?`;
  return { code: EXIT.away, kind: 'server-away', message };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}

const KAFKA_AWAY = new Set([
  'KafkaJSConnectionError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSConnectionClosedError',
]);

function isKafkaAway(error: unknown): boolean {
  return error instanceof Error && KAFKA_AWAY.has(error.name);
}
