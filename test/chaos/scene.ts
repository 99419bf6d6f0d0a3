/**
 * A pipeline under load with something bad happening to it, and how each of these ends: everything that was sent
 * is known, nothing in time was for nothing, and the audits of database and ledger find no difference.
 */

import { startPipeline, type Pipeline, type PipelineOptions } from '../support/pipeline.js';
import { Chance } from './chance.js';
import { Crew, type Member } from './crew.js';
import { unknownFacts } from './known-facts.js';
import { ShopLoad, type LoadOptions } from './shop-load.js';

export interface Stage {
  shop: Pipeline;
  crew: Crew;
  load: ShopLoad;
  /** of what happens; the load has its own */
  chance: Chance;
  /** started at the beginning */
  members: Member[];
}

export interface SceneOptions extends PipelineOptions {
  load?: LoadOptions;
}

/** @param name seeds its random choices */
export async function playScene<T>(
  name: string,
  { load: loadOptions, workers = 1, ...options }: SceneOptions,
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const shop = await startPipeline({ ...options, workers: 0 });
  let load: ShopLoad | undefined;
  try {
    const crew = new Crew(shop);
    const members = await Promise.all(Array.from({ length: workers }, () => crew.start()));
    load = await ShopLoad.start(shop, Chance.of(`${name}: load`), loadOptions);
    const told = await act({ shop, crew, load, chance: Chance.of(name), members });
    await load.stop();
    await shop.drained();
    expect(await unknownFacts(shop.database, load.sent)).toEqual([]);
    await shop.finish();
    return told;
  } catch (error) {
    shop.showLogs();
    await load?.stop().catch(() => undefined);
    await shop.close();
    throw error;
  }
}

/** All of them side by side; waits for all, so that what one leaves behind does not disturb the next test. */
export async function playScenes<T>(scenes: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(scenes);
  const reasons = settled.flatMap((scene): unknown[] => (scene.status === 'rejected' ? [scene.reason] : []));
  if (reasons.length > 0) throw new AggregateError(reasons, reasons.map(String).join('\n'));
  return settled.flatMap((scene) => (scene.status === 'fulfilled' ? [scene.value] : []));
}
