/** What every command is given, and how it is run. */

import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Environment } from '@holdfast/config';
import { Answer, type Streams } from './answer.js';
import type { ExitCode } from './failures.js';
import { idOf } from './values.js';

export interface OpsContext {
  streams: Streams;
  /** the process's own unless given */
  environment: Environment | undefined;
  /** what the program will end with; a command sets it before it is done */
  exitCode: ExitCode;
}

export interface CommonOptions {
  json?: boolean;
}

export function answerOf(context: OpsContext, options: CommonOptions): Answer {
  return new Answer(context.streams, options.json === true);
}

/** Options of changes that are kept with who made them. */
export interface ChangeOptions {
  actor?: string;
  reason?: string;
  changeId?: string;
}

export function withChangeOptions(command: Command): Command {
  return withWhoAndWhy(withChangeId(command));
}

export function withWhoAndWhy(command: Command): Command {
  return command
    .option('--reason <text>', 'why, kept with the change')
    .option('--actor <name>', 'who does it, kept with the change (default: the name you are logged in as)');
}

function withChangeId(command: Command): Command {
  return command.option(
    '--change-id <id>',
    'the id of the change, made up unless given; made again under it, what was made is not made twice',
    idOf,
  );
}

export function changeOf(options: ChangeOptions): { actor: string; changeId: string; reason?: string } {
  return {
    actor: options.actor ?? loginName(),
    changeId: options.changeId ?? `ops-${Date.now()}-${randomBytes(3).toString('hex')}`,
    ...(options.reason !== undefined && { reason: options.reason }),
  };
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return 'ops';
  }
}

/** Text that stands below a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  npm run ops -- ${line}\n`).join('')}`;
}
