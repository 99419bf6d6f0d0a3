/** What is said after the summary: that the page is gone, or how to look around. Pure. */

import type { Page } from './run/page.js';
import { BAKERY } from './traffic/shops.js';

export function pageEnded({ url }: Page): string {
  return (
    `The bakery's page, ${new URL(url).origin}, ended with the demo.\n` +
    'With `npm run demo -- --stay` it stays, to look around in.\n'
  );
}

export interface Servers {
  brokers: readonly string[];
  mongoUri: string;
}

export function staying({ url, key }: Page, { brokers, mongoUri }: Servers): string {
  return `Servers, workers and the bakery's page stay until Ctrl-C:

  ${url}
  sign in with  ${key}

To look around from another terminal:

  export KAFKA_BROKERS=${brokers.join(',')}
  export MONGODB_URI='${mongoUri}'
  npm run -s ops -- stock show --store ${BAKERY}
  npm run -s ops -- audit
`;
}
