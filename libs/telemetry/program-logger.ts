/**
 * Where a program's lines go: text for people, or one JSON object a line for programs. Whoever logs may give, beside the
 * text, an object of what the line is about (`lane`, `topic`, `partition`, `offset`, `batch`): JSON lines have it as
 * fields of their own, text does not repeat it.
 */

import { ConsoleLogger, type LoggerService, type LogLevel } from '@nestjs/common';

/** What a line is about, for those who look for it. No customer data: ids and figures. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

export interface LoggerOptions {
  format: 'text' | 'json';
  /** the least weighty that is written */
  level: 'error' | 'warn' | 'log' | 'debug';
  colors: boolean;
}

const LEVELS = ['error', 'warn', 'log', 'debug'] as const;

export function programLogger({ format, level, colors }: LoggerOptions): LoggerService {
  const levels = LEVELS.slice(0, LEVELS.indexOf(level) + 1);
  if (format === 'json') return new JsonLogger(new Set(levels), (line) => void process.stdout.write(line));
  return new TextLogger({ prefix: 'holdfast', logLevels: [...levels] as LogLevel[], colors });
}

class TextLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    super.log(message, ...rest.filter(isText));
  }

  override warn(message: unknown, ...rest: unknown[]): void {
    super.warn(message, ...rest.filter(isText));
  }

  override error(message: unknown, ...rest: unknown[]): void {
    super.error(message, ...rest.filter(isText));
  }

  override debug(message: unknown, ...rest: unknown[]): void {
    super.debug(message, ...rest.filter(isText));
  }
}

function isText(part: unknown): boolean {
  return typeof part !== 'object';
}

export class JsonLogger implements LoggerService {
  constructor(
    private readonly levels: ReadonlySet<string>,
    private readonly write: (line: string) => void,
  ) {}

  log(message: unknown, ...rest: unknown[]): void {
    if (this.levels.has('log')) this.#say('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    if (this.levels.has('warn')) this.#say('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (this.levels.has('error')) this.#say('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#say('error', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    if (this.levels.has('debug')) this.#say('debug', message, rest);
  }

  /** @param rest what Nest hands on: perhaps a stack, perhaps fields, and last the context */
  #say(level: string, message: unknown, rest: unknown[]): void {
    const texts = rest.filter((part): part is string => typeof part === 'string');
    const context = texts.pop();
    const stack = message instanceof Error ? message.stack : texts.find((text) => text.includes('\n'));
    const about = rest.find((part): part is LogFields => typeof part === 'object' && part !== null);
    const line = {
      time: new Date().toISOString(),
      level,
      ...(context !== undefined && { context }),
      message: message instanceof Error ? message.message : textOf(message),
      ...about,
      ...(stack !== undefined && { stack }),
    };
    this.write(JSON.stringify(line) + '\n');
  }
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : (JSON.stringify(message) ?? String(message));
}
