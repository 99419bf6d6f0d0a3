/** The command line: every command, its options and its help. */

import { Command, type Option } from 'commander';
import { addAuditCommand } from './commands/audit.js';
import { addDeadLetterCommands } from './commands/dlq.js';
import { addHoldCommands } from './commands/holds.js';
import { addKeyCommands } from './commands/keys.js';
import { addOrderCommands } from './commands/orders.js';
import { addPruneCommand } from './commands/orders-prune.js';
import { addPublishCommand } from './commands/publish.js';
import { addRebuildCommand } from './commands/rebuild.js';
import { addReplayCommand } from './commands/replay.js';
import { addSettingsCommands } from './commands/settings.js';
import { addSettingsTransferCommands } from './commands/settings-transfer.js';
import { addStatusCommand } from './commands/status.js';
import { addStockCommands } from './commands/stock.js';
import { addTopicCommands } from './commands/topics.js';
import type { Environment } from '@holdfast/config';
import type { Streams } from './answer.js';
import type { OpsContext } from './context.js';
import { EXIT, EXIT_CODES, failureOf, type ExitCode, type Failure } from './failures.js';

const ENVIRONMENT = `
Environment:
  MONGODB_URI         the replica set; MONGODB_DATABASE the database in it (holdfast)
  KAFKA_BROKERS       the brokers; KAFKA_TOPIC_PREFIX stands before every topic name
  KAFKA_TLS, KAFKA_SASL_…, MONGODB_TLS, MONGODB_USERNAME and …_FILE: see docs/security.md
  \`npm run stack\` starts servers of its own and prints these.
`;

/** @param context what the commands answer to; whoever only parses needs no servers */
export function buildProgram(context: OpsContext): Command {
  const program = new Command('ops')
    .description('Commands for the people who run Holdfast.')
    .option('--json', 'answer with JSON on stdout, for programs')
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', ENVIRONMENT + EXIT_CODES);
  addStatusCommand(program, context);
  addTopicCommands(program, context);
  addSettingsCommands(program, context);
  addStockCommands(program, context);
  addOrderCommands(program, context);
  addPruneCommand(program, context);
  addHoldCommands(program, context);
  addKeyCommands(program, context);
  addAuditCommand(program, context);
  addDeadLetterCommands(program, context);
  addReplayCommand(program, context);
  addSettingsTransferCommands(program, context);
  addRebuildCommand(program, context);
  addPublishCommand(program, context);
  for (const command of everyCommand(program)) {
    // Of the commands above it, a command has the program's options alone: `replay list` does not do what `replay` may.
    const visibleGlobalOptions = (): Option[] => (command === program ? [] : [...program.options]);
    command.exitOverride().configureHelp({ showGlobalOptions: true, visibleGlobalOptions });
    command.configureOutput({
      writeOut: (text) => context.streams.out(text),
      writeErr: (text) => context.streams.err(text),
    });
  }
  return program;
}

export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

export interface OpsRun {
  streams: Streams;
  /** the process's own unless given */
  environment?: Environment;
}

/** Runs one command. Never throws: what goes wrong is said, and becomes the exit code. */
export async function runOps(words: readonly string[], { streams, environment }: OpsRun): Promise<ExitCode> {
  const context: OpsContext = { streams, environment, exitCode: EXIT.ok };
  const json = words.includes('--json');
  try {
    await buildProgram(context).parseAsync([...words], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Help and version come as errors too; the parser has said what is wrong by itself.
    const code = (error as { code?: unknown }).code;
    if (code === 'commander.helpDisplayed' || code === 'commander.version') return EXIT.ok;
    const failure = failureOf(error);
    const said = typeof code === 'string' && code.startsWith('commander.');
    if (!said) streams.err(`${failure.kind === 'unexpected' ? '' : 'error: '}${failure.message}\n`);
    if (json) streams.out(JSON.stringify({ error: forPrograms(failure) }, null, 2) + '\n');
    return failure.code;
  }
}

function forPrograms({ code, kind, message, problems }: Failure): Record<string, unknown> {
  // A stack trace is for the people who read stderr.
  const text = kind === 'unexpected' ? (message.split('\n')[0] ?? '') : message;
  return { kind, exitCode: code, message: text, ...(problems && { problems }) };
}
