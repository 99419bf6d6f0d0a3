import { childEnvironment } from './child-environment.js';

const ours = { PATH: '/bin', KAFKA_BROKERS: 'one:1', HOLDFAST_ROLES: 'relay' };

describe('the environment of a program that this one starts', () => {
  it('replaces the settings that are given, by their names', () => {
    const child = childEnvironment({ brokers: 'two:2', workerId: 'w' }, 'kept', ours);
    expect(child).toEqual({
      PATH: '/bin',
      KAFKA_BROKERS: 'two:2',
      HOLDFAST_ROLES: 'relay',
      HOLDFAST_WORKER_ID: 'w',
    });
  });

  it('drops the others when asked to, and nothing that is not ours', () => {
    expect(childEnvironment({ brokers: 'two:2' }, 'dropped', ours)).toEqual({
      PATH: '/bin',
      KAFKA_BROKERS: 'two:2',
    });
  });
});
