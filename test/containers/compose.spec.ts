/** docker-compose.yml as people use it: the image is built, every service becomes healthy, and one order goes through. */

import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';

jest.setTimeout(900_000);

const execute = promisify(execFile);
const PROJECT = 'holdfast-spec';
const HEALTHY_WITHIN_MS = 300_000;
/** Others than those of the file, whose health checks ask where they are told to. */
const PORTS = { HOLDFAST_HEALTH_PORT: '9464', HOLDFAST_API_HEALTH_PORT: '9465' };
/** `docker-compose` unless the plug-in of the docker command is there */
const composed = async (...words: string[]): Promise<string> => {
  const plugin = await execute('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  const [program, ...first] = plugin ? ['docker', 'compose'] : ['docker-compose'];
  const { stdout } = await execute(program as string, [...first, '-p', PROJECT, ...words], {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...PORTS },
  });
  return stdout;
};

const ops = async (...words: string[]): Promise<string> =>
  composed('run', '--rm', '-T', '--no-deps', 'topics', 'node', 'dist/apps/ops/main.js', ...words);

afterAll(async () => {
  await composed('down', '--volumes', '--timeout', '20');
});

/** Health by the service's name, of those that have a check. */
async function health(): Promise<Map<string, string>> {
  const lines = (await composed('ps', '--all', '--format', 'json')).trim().split('\n').filter(Boolean);
  const services = lines.flatMap(
    (text) => JSON.parse(text) as { Service: string; Health: string; State: string }[],
  );
  return new Map(services.map(({ Service, Health, State }) => [Service, Health || State]));
}

describe('docker compose up', () => {
  it('has servers, worker and API healthy, and takes an order through', async () => {
    await composed('build', 'worker');
    await composed('up', '--detach', '--no-build');
    const give = performance.now() + HEALTHY_WITHIN_MS;
    const wanted = ['kafka', 'mongodb', 'worker', 'api'];
    for (;;) {
      const found = await health();
      if (wanted.every((service) => found.get(service) === 'healthy')) break;
      if (performance.now() > give) {
        throw new Error(
          `not healthy: ${JSON.stringify([...found])}\n${await composed('logs', '--tail', '20')}`,
        );
      }
      await delay(1_000);
    }

    await ops('product', 'set', '--store', 'bakery', '--product', 'stollen', '--inventory', 'product');
    await ops('stock', 'set', '--store', 'bakery', '--product', 'stollen', '--quantity', '40');
    const kafka = new Kafka({ brokers: ['localhost:9094'], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const order = {
      eventId: 'e-1',
      occurredAt: new Date().toISOString(),
      storeId: 'bakery',
      orderId: 'o-1',
      lines: [{ productId: 'stollen', quantity: 2 }],
    };
    await producer.send({
      topic: 'OrderPlaced',
      messages: [{ key: 'bakery', value: JSON.stringify(order) }],
    });
    await producer.disconnect();

    const key = /hf_\S+/.exec(
      await ops('keys', 'create', '--store', 'bakery', '--scope', 'merchant', '--name', 'Jo'),
    )?.[0];
    const url = 'http://127.0.0.1:8080/v1/stores/bakery/orders/o-1?wait=10';
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    expect(await answer.json()).toMatchObject({ state: 'held' });
    const report = JSON.parse(await ops('audit', '--json')) as { clean: boolean };
    expect(report.clean).toBe(true);
  });
});
