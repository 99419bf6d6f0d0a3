/** What the demo runs in: servers of its own, topics, and three shops that have said what they count. */

import { stackEnvironment } from '@holdfast/config';
import { topicsFor } from '@holdfast/contracts';
import { startEmbeddedStack, type EmbeddedStack } from '@holdfast/local-stack';
import {
  applyTopics,
  createKafka,
  EndOffsets,
  planTopics,
  withAdmin,
  type KafkaPort,
} from '@holdfast/messaging';
import {
  changeStockOf,
  connect,
  prepare,
  Sessions,
  setProduct,
  setStore,
  SettingsCache,
  StoreGate,
  type BatchTools,
  type ChangeRow,
  type Database,
  type StockChangeRequest,
} from '@holdfast/store';
import { SHOPS, type BakeryDates, type DemoProduct, type DemoShop } from '../traffic/shops.js';

export const DATABASE = 'holdfast';
/** Stands beside the changes on the page. */
const ACTOR = 'The baker';

export interface World {
  brokers: readonly string[];
  mongoUri: string;
  kafka: KafkaPort;
  ends: EndOffsets;
  database: Database;
  tools: BatchTools;
  /** Disconnects; the servers are stopped by whoever started them. */
  close(): Promise<void>;
}

/** Fresh servers, data in a folder of the demo's own. @throws StackError */
export function startServers(dataDir: string, log: (line: string) => void): Promise<EmbeddedStack> {
  return startEmbeddedStack({ environment: stackEnvironment(), dataDir, fresh: true, log });
}

export async function openWorld(stack: EmbeddedStack, dates: BakeryDates): Promise<World> {
  const { brokers, mongoUri } = stack;
  const kafka = createKafka({ brokers, clientId: 'demo', ...stack.kafkaSecurity });
  const ends = new EndOffsets(kafka);
  const database = await connect({ uri: mongoUri, ...stack.mongoSecurity, database: DATABASE });
  const sessions = new Sessions(database, 1);
  const close = async () => {
    await Promise.allSettled([ends.disconnect(), sessions.close()]);
    await database.close();
  };
  try {
    await Promise.all([ends.connect(), makeTopics(kafka), prepare(database)]);
    const tools: BatchTools = {
      database,
      sessions,
      settings: new SettingsCache(database),
      gate: new StoreGate(),
    };
    for (const shop of SHOPS) await openShop(tools, shop, dates);
    return { brokers, mongoUri, kafka, ends, database, tools, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeTopics(kafka: KafkaPort): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const wanted = topicsFor();
    await applyTopics(admin, wanted, await planTopics(admin, wanted, { changeConsumed: true }));
  });
}

async function openShop(tools: BatchTools, shop: DemoShop, dates: BakeryDates): Promise<void> {
  const { storeId, settings, products } = shop;
  await setStore(tools.database, storeId, settings);
  for (const { productId, title, inventory, variants } of products) {
    const variantTitles = Object.entries(variants ?? {}).map(([variantId, of]) => ({ variantId, title: of }));
    await setProduct(tools.database, storeId, productId, {
      title,
      inventory,
      ...(variants && { variants: Object.keys(variants), variantTitles }),
    });
  }
  const rows = products.flatMap((product) =>
    settings.fulfillmentDates
      ? [...rowsOf(product, dates.open), ...rowsOf({ ...product, units: 0 }, dates.closed)]
      : rowsOf(product, [undefined]),
  );
  if (rows.length === 0) return;
  await change(tools, { storeId, changeId: 'opening', actor: ACTOR, reason: 'opening', rows });
}

function rowsOf(product: DemoProduct, dates: readonly (string | undefined)[]): ChangeRow[] {
  const { productId, variants, units } = product;
  if (units === undefined) return [];
  return (variants ? Object.keys(variants) : [undefined]).flatMap((variantId) =>
    dates.map((date): ChangeRow => ({
      productId,
      ...(variantId !== undefined && { variantId }),
      ...(date !== undefined && { date }),
      change: { type: 'set', quantity: units },
    })),
  );
}

/** The merchant puts more of something into the calendar, while orders come in. */
export async function addUnits(
  tools: BatchTools,
  key: { storeId: string; productId: string; date: string },
  by: number,
): Promise<void> {
  const { storeId, productId, date } = key;
  await change(tools, {
    storeId,
    changeId: `more-${productId}-${date}`,
    actor: ACTOR,
    reason: 'another oven',
    rows: [{ productId, date, change: { type: 'adjust', by } }],
  });
}

async function change(tools: BatchTools, request: StockChangeRequest): Promise<void> {
  const { rows } = await changeStockOf(tools, request);
  for (const row of rows) if (row.kind === 'refused') throw new Error(`${row.stockKey}: ${row.message}`);
}
