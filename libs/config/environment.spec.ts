import { ConfigError, workerConfig } from './environment.js';

const servers = { KAFKA_BROKERS: 'localhost:9092', MONGODB_URI: 'mongodb://localhost:27017/?replicaSet=rs0' };

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    workerConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs only the servers', () => {
    const config = workerConfig(servers);
    expect(config.brokers).toEqual(['localhost:9092']);
    expect(config.roles).toEqual(['consume', 'expire', 'relay', 'reconcile']);
    expect(config.maxBatchRecords).toBe(2000);
    expect(config.workerId).not.toBe('');
  });

  it('names every wrong setting at once', () => {
    const mistakes = mistakesOf({
      KAFKA_BROKERS: 'nonsense',
      HOLDFAST_ROLES: 'consume,sell',
      HOLDFAST_BATCH_RECORDS: '0',
    });
    expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual([
      'KAFKA_BROKERS',
      'MONGODB_URI',
      'HOLDFAST_ROLES',
      'HOLDFAST_BATCH_RECORDS',
    ]);
  });

  it('never repeats a value: it may be a secret', () => {
    const mistakes = mistakesOf({ ...servers, MONGODB_URI: 'postgres://user:hunter2@db' });
    expect(mistakes).toHaveLength(1);
    expect(mistakes.join()).not.toContain('hunter2');
  });

  it('takes an empty setting for one that is not set', () => {
    expect(workerConfig({ ...servers, KAFKA_GROUP_ID: '' }).groupId).toBe('holdfast');
  });
});
