/** `topics acl`: what to grant to whom, for brokers and a database that let nobody do everything. */

import { InvalidArgumentError, type Command } from 'commander';
import { readSettings, SERVERS, WORKER } from '@holdfast/config';
import { answerOf, examples, type CommonOptions, type OpsContext } from '../context.js';
import { GRANT_ROLES, grantsOf, kafkaCommands, mongoCommands, type GrantRole } from './topics-grants.js';

interface AclOptions extends CommonOptions {
  role?: GrantRole[];
  group?: string;
  topicPrefix?: string;
  database?: string;
  consumerGroup: string;
  userPrefix: string;
}

function roleOf(word: string, before: GrantRole[] = []): GrantRole[] {
  const role = GRANT_ROLES.find((known) => known === word);
  if (role === undefined) throw new InvalidArgumentError(`must be one of ${GRANT_ROLES.join(', ')}.`);
  return [...before, role];
}

export function addAclCommand(topics: Command, context: OpsContext): void {
  topics
    .command('acl')
    .description(
      'Prints the least that each kind of process must be granted: as commands of kafka-acls and of mongosh, or ' +
        'with --json as data. Asks no server and changes nothing. Users are made by whoever runs the servers.',
    )
    .option('--role <role>', `only this one, may be repeated: ${GRANT_ROLES.join(', ')}`, roleOf)
    .option('--user-prefix <text>', 'stands before the role in the user’s name', 'holdfast-')
    .option('--group <id>', 'consumer group of the workers (default: KAFKA_GROUP_ID)')
    .option(
      '--consumer-group <id>',
      'consumer group of those who read what is published',
      'holdfast-consumer',
    )
    .option('--topic-prefix <text>', 'stands before every topic name (default: KAFKA_TOPIC_PREFIX)')
    .option('--database <name>', 'the database (default: MONGODB_DATABASE)')
    .addHelpText('after', examples('topics acl', 'topics acl --role worker --role api --json'))
    .action((_options, command: Command) => acl(context, command.optsWithGlobals()));
}

function acl(context: OpsContext, options: AclOptions): void {
  const { topicPrefix, database, groupId } = readSettings(
    { topicPrefix: SERVERS.topicPrefix, database: SERVERS.database, groupId: WORKER.groupId },
    context.environment,
  );
  const roles = options.role ?? GRANT_ROLES;
  const all = roles.map((role) =>
    grantsOf(role, {
      topicPrefix: options.topicPrefix ?? topicPrefix,
      database: options.database ?? database,
      groupId: options.group ?? groupId,
      consumerGroup: options.consumerGroup,
      userPrefix: options.userPrefix,
    }),
  );
  const grants = all.map((one) => ({
    ...one,
    commands: { kafka: kafkaCommands(one), mongosh: mongoCommands(one) },
  }));
  answerOf(context, options).result({ grants }, () =>
    grants
      .map(({ role, user, commands }) => {
        const { kafka, mongosh } = commands;
        const inMongosh = mongosh.length === 0 ? '' : `\n# in mongosh\n${mongosh.join('\n')}\n`;
        return `# ${role}: ${user}\n${kafka.join('\n')}\n${inMongosh}`;
      })
      .join('\n'),
  );
}
