/** What to do with a pipeline that runs: where it is, how to send it something, where to see what came of it. */

import { topicName } from '@holdfast/contracts';
import { redactedUri } from '@holdfast/config';
import type { Stack } from '@holdfast/local-stack';

const WHERE = {
  environment: 'the servers that the environment names',
  docker: 'servers in Docker',
  embedded: 'servers of its own, as child processes; data in .stack',
} as const;

const KEY_TO_BE_MADE = `Sign in with a key. To make one, in another terminal with these two settings:

  npm run -s ops -- keys create --scope operator --name "Jo"
`;

function keyMade(key: string): string {
  return `
  sign in with ${key}

Keep this key, it is not shown again: an operator's, for every store, made now because there was none.
`;
}

export function guide(
  { kind, brokers, mongoUri }: Pick<Stack, 'kind' | 'brokers' | 'mongoUri'>,
  prefix: string,
  page: { url: string; key: string | undefined },
): string {
  const broker = brokers.join(',');
  const order =
    '{"eventId":"evt-1","occurredAt":"\'$(date -u +%FT%TZ)\'","storeId":"sole-bakery","orderId":"order-1",' +
    '"lines":[{"productId":"rye-loaf","quantity":2}]}';
  return `
Holdfast runs: it consumes, lets holds expire and publishes, on ${WHERE[kind]}.

  export KAFKA_BROKERS=${broker}
  export MONGODB_URI='${redactedUri(mongoUri)}'

The merchant's page: ${page.url}
${page.key === undefined ? KEY_TO_BE_MADE : keyMade(page.key)}
Try it in another terminal, with these two settings. Say what is counted, and how much there is:

  npm run -s ops -- product set --store sole-bakery --product rye-loaf --inventory product
  npm run -s ops -- stock set --store sole-bakery --product rye-loaf --quantity 40

Place an order (key, |, value; kcat, or any other client), and see what came of it, here and on the page:

  echo 'sole-bakery|${order}' |
    kcat -P -b ${broker} -t ${topicName('OrderPlaced', prefix)} -K '|'
  kcat -C -b ${broker} -t ${topicName('StockOutcome', prefix)} -e
  npm run -s ops -- order show --store sole-bakery --order order-1
  npm run -s ops -- stock show --store sole-bakery

The same order without kcat:

  npm run -s example:publisher -- placed --brokers ${broker}${prefix && ` --prefix ${prefix}`} \\
    --store sole-bakery --order order-1 --product rye-loaf --quantity 2

Messages: docs/schemas and README.md. An order's life: docs/order-life.md. Ctrl-C stops everything.

`;
}
