/** What to do with a pipeline that runs: where it is, how to send it something, where to see what came of it. */

import { topicName } from '@holdfast/contracts';
import type { Stack } from '@holdfast/local-stack';

const WHERE = {
  environment: 'the servers that the environment names',
  docker: 'servers in Docker',
  embedded: 'servers of its own, as child processes; data in .stack',
} as const;

export function guide(
  { kind, brokers, mongoUri }: Pick<Stack, 'kind' | 'brokers' | 'mongoUri'>,
  prefix: string,
): string {
  const broker = brokers.join(',');
  const order =
    '{"eventId":"evt-1","occurredAt":"\'$(date -u +%FT%TZ)\'","storeId":"sole-bakery","orderId":"order-1",' +
    '"lines":[{"productId":"rye-loaf","quantity":2}]}';
  return `
Holdfast runs: it consumes, lets holds expire and publishes, on ${WHERE[kind]}.

  export KAFKA_BROKERS=${broker}
  export MONGODB_URI='${mongoUri}'

Try it in another terminal, with these two settings. Say what is counted, and how much there is:

  npm run -s ops -- product set --store sole-bakery --product rye-loaf --inventory product
  npm run -s ops -- stock set --store sole-bakery --product rye-loaf --quantity 40

Place an order (key, |, value; kcat, or any other client), and see what came of it:

  echo 'sole-bakery|${order}' |
    kcat -P -b ${broker} -t ${topicName('OrderPlaced', prefix)} -K '|'
  kcat -C -b ${broker} -t ${topicName('StockOutcome', prefix)} -e
  npm run -s ops -- order show --store sole-bakery --order order-1
  npm run -s ops -- stock show --store sole-bakery

Messages: docs/schemas and README.md. An order's life: docs/order-life.md. Ctrl-C stops everything.

`;
}
