import { brokerSettings } from './broker.js';
import { clusterBrokerSettings } from './cluster-kafka.js';

const brokers = [1, 2, 3].map((id) => ({ id, controllerPort: 20_000 + id }));

describe('the settings of a broker of three', () => {
  it('name all three controllers, and the node itself', () => {
    const settings = clusterBrokerSettings(2, brokers);
    expect(settings['node.id']).toBe(2);
    expect(settings['controller.quorum.voters']).toBe(
      '1@127.0.0.1:20001,2@127.0.0.1:20002,3@127.0.0.1:20003',
    );
  });

  it('keep every topic on all three, the broker’s own among them, and acknowledge what two of them have', () => {
    const place = { host: 'h', bind: 'b', port: 1, controllerPort: 2, logFolder: 'f' };
    const settings = { ...brokerSettings(place), ...clusterBrokerSettings(1, brokers) };
    const named = (end: string): string[] => Object.keys(settings).filter((name) => name.endsWith(end));
    for (const name of named('replication.factor')) expect([name, settings[name]]).toEqual([name, 3]);
    for (const name of [...named('min.isr'), 'min.insync.replicas'])
      expect([name, settings[name]]).toEqual([name, 2]);
  });
});
