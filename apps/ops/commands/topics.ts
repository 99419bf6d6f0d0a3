/** `topics`: the topics that Holdfast needs, made and set as they should be, and who may do what with them. */

import type { Command } from 'commander';
import { topicsFor } from '@holdfast/contracts';
import { applyTopics, planTopics, withAdmin, type TopicStep } from '@holdfast/messaging';
import { table } from '../answer.js';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { EXIT } from '../failures.js';
import { addAclCommand } from './topics-acl.js';
import { kafkaOf } from '../servers.js';
import { wholeNumber } from '../values.js';

interface ApplyOptions extends CommonOptions {
  yes?: boolean;
  changeConsumed?: boolean;
  partitions?: number;
  replicationFactor?: number;
  topicPrefix?: string;
}

export function addTopicCommands(program: Command, context: OpsContext): void {
  const topics = program.command('topics').description('the topics on the broker, and who may do what');
  addAclCommand(topics, context);
  topics
    .command('apply')
    .description(
      'Shows what differs between the topics that Holdfast needs and those that the broker has; with --yes ' +
        'makes it so. Consumed topics that exist already are others’: they are changed only with --change-consumed.',
    )
    .option('--yes', 'do it')
    .option('--change-consumed', 'change consumed topics that exist, too')
    .option(
      '--partitions <n>',
      'of every topic (default: 6); consumed ones must all have the same',
      wholeNumber(1, 10_000),
    )
    .option(
      '--replication-factor <n>',
      'of topics that are made (default: the broker’s)',
      wholeNumber(1, 100),
    )
    .option('--topic-prefix <text>', 'stands before every name (default: KAFKA_TOPIC_PREFIX)')
    .addHelpText(
      'after',
      examples('topics apply', 'topics apply --yes', 'topics apply --partitions 12 --yes --change-consumed') +
        '\nEnds with 1 when something still differs after --yes.\n' +
        'More partitions move stores to other partitions: add them while nothing is published.\n',
    )
    .action((_options, command: Command) => apply(context, command.optsWithGlobals()));
}

async function apply(context: OpsContext, options: ApplyOptions): Promise<void> {
  const answer = answerOf(context, options);
  const { kafka, topicPrefix } = await kafkaOf(context.environment);
  const { partitions, replicationFactor } = options;
  const wanted = topicsFor({
    prefix: options.topicPrefix ?? topicPrefix,
    ...(partitions !== undefined && { partitions }),
    ...(replicationFactor !== undefined && { replicationFactor }),
  });
  const change = { changeConsumed: options.changeConsumed === true };
  await withAdmin(kafka, async (admin) => {
    const steps = await planTopics(admin, wanted, change);
    const open = steps.filter((step) => step.blocked === undefined);
    const applied = options.yes === true && open.length > 0;
    if (applied) await applyTopics(admin, wanted, open);
    const left = applied ? await planTopics(admin, wanted, change) : steps;
    if (options.yes && left.length > 0) context.exitCode = EXIT.refused;
    answer.result({ topics: wanted.map(({ name }) => name), applied, steps, left }, () => {
      if (steps.length === 0) return `all ${wanted.length} topics are as they should be\n`;
      if (!options.yes)
        return stepTable(steps) + (open.length > 0 ? 'nothing was changed; --yes does it\n' : '');
      const done = stepTable(open) + `${open.length} changes made\n`;
      return left.length === 0 ? done : `${done}\nstill different:\n${stepTable(left)}`;
    });
  });
}

function stepTable(steps: readonly TopicStep[]): string {
  return table(
    ['topic', 'do', 'what', 'is', 'should be', ''],
    steps.map(({ topic, action, what, from, to, blocked }) => [topic, action, what, from, to, blocked ?? '']),
  );
}
