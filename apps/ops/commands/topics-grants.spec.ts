import mongoose from 'mongoose';
import { modelsOf } from '@holdfast/store';
import {
  GRANT_ROLES,
  grantsOf,
  kafkaCommands,
  mongoCommands,
  type GrantOptions,
  type GrantRole,
} from './topics-grants.js';

const options: GrantOptions = {
  topicPrefix: 'shop-',
  groupId: 'workers',
  consumerGroup: 'mailer',
  database: 'shop',
  userPrefix: 'holdfast-',
};

describe('what each process is granted', () => {
  it('is said alike as commands and as data', () => {
    for (const role of GRANT_ROLES) {
      const grants = grantsOf(role, options);
      const commands = kafkaCommands(grants);
      expect(commands).toHaveLength(grants.kafka.length);
      grants.kafka.forEach(({ names, operations, resourceType }, at) => {
        const words = commands[at]?.split(' ') ?? [];
        expect(words.filter((_, i) => words[i - 1] === `--${resourceType}`)).toEqual(names);
        expect(words.filter((_, i) => words[i - 1] === '--operation')).toEqual(operations);
        expect(words).toContain(`User:holdfast-${role}`);
      });
      if (grants.mongo === undefined) expect(mongoCommands(grants)).toEqual([]);
      else expect(mongoCommands(grants)[0]).toContain(JSON.stringify(grants.mongo.privileges));
    }
  });

  it('holds for the configured names alone', () => {
    const names = GRANT_ROLES.flatMap((role) => grantsOf(role, options).kafka).flatMap(
      (grant) => grant.names,
    );
    expect(names.filter((name) => !/^(shop-|workers$|mailer$)/.test(name))).toEqual([]);
    const resources = GRANT_ROLES.flatMap((role) => grantsOf(role, options).mongo?.privileges ?? []);
    expect(resources.filter(({ resource }) => !('cluster' in resource) && resource.db !== 'shop')).toEqual(
      [],
    );
  });

  it('lets nobody but operators change topics, and no outsider into the database', () => {
    const changers = GRANT_ROLES.filter((role) =>
      grantsOf(role, options).kafka.some(({ operations }) =>
        operations.some((one) => /Alter|Create/.test(one)),
      ),
    );
    expect(changers).toEqual(['ops']);
    expect(GRANT_ROLES.filter((role) => grantsOf(role, options).mongo !== undefined)).toEqual([
      'worker',
      'api',
      'ops',
    ]);
  });

  it('leaves no collection out that operators need, and names none that does not exist', () => {
    const models = Object.values(modelsOf(mongoose.createConnection()));
    const known = models.map(({ collection }) => collection.collectionName);
    const named = (role: GrantRole): string[] =>
      (grantsOf(role, options).mongo?.privileges ?? []).flatMap(({ resource }) =>
        'collection' in resource && resource.collection !== '' ? [resource.collection] : [],
      );
    // What requests were answered with is the API's alone.
    const missing = known.filter((name) => name !== 'apiRequests' && !named('ops').includes(name));
    expect(missing).toEqual([]);
    const letters = ['deadLetters.files', 'deadLetters.chunks'];
    const strangers = GRANT_ROLES.flatMap(named).filter((name) => ![...known, ...letters].includes(name));
    expect(strangers).toEqual([]);
  });

  it('quotes what a shell would take apart', () => {
    const [command] = kafkaCommands(grantsOf('worker', { ...options, userPrefix: "it's " }));
    expect(command).toContain(`--allow-principal 'User:it'\\''s worker'`);
  });
});
