/** What the database says at one moment, for the view and for the end of the run. */

import { CONSUMED_TOPICS } from '@holdfast/contracts';
import type { EndOffsets } from '@holdfast/messaging';
import { appliedPositions, type Database } from '@holdfast/store';

export interface StockNumbers {
  /** `null` = unlimited */
  free: number | null;
  held: number;
  sold: number;
  refunded: number;
}

export interface LaneState {
  lane: number;
  /** name of the worker that has it */
  worker: string;
  /** records applied so far, of all four topics */
  applied: number;
  /** records on Kafka that are not applied yet */
  waiting: number;
}

export interface DatabaseLook {
  /** epoch ms */
  at: number;
  stock: ReadonlyMap<string, StockNumbers>;
  lanes: readonly LaneState[];
  /** records on Kafka that are not applied yet, of all lanes */
  waiting: number;
  /** orders that hold something */
  heldOrders: number;
  /** batches of messages that are committed and not published */
  outbox: number;
  /** name of the worker that is the active one, by lease; none while nobody has it */
  active: Readonly<Partial<Record<'relay' | 'expire', string>>>;
}

export class DatabaseLooker {
  constructor(
    private readonly database: Database,
    private readonly ends: EndOffsets,
    private readonly stockKeys: readonly string[],
  ) {}

  async look(): Promise<DatabaseLook> {
    const { database, stockKeys } = this;
    // Ends before positions, so that what counts as applied really is.
    const ends = await this.ends.of(CONSUMED_TOPICS);
    const [positions, lanes, stock, heldOrders, outbox, leases] = await Promise.all([
      appliedPositions(database),
      database.lanes.find({}, { projection: { owner: 1 } }).toArray(),
      database.stock.find({ _id: { $in: [...stockKeys] } }).toArray(),
      database.orders.countDocuments({ due: { $exists: true } }),
      database.outbox.countDocuments(),
      database.leases.find({ $expr: { $gte: ['$until', '$$NOW'] } }).toArray(),
    ]);
    const owners = new Map(lanes.map(({ _id, owner }) => [Number(_id), owner ?? '']));
    const states = laneStates(ends, positions, owners);
    const active: { relay?: string; expire?: string } = {};
    for (const { _id, owner } of leases) if (_id === 'relay' || _id === 'expire') active[_id] = owner;
    return {
      at: Date.now(),
      stock: new Map(
        stock.map(({ _id, free, held, sold, refunded }) => [_id, { free, held, sold, refunded }]),
      ),
      lanes: states,
      waiting: states.reduce((sum, lane) => sum + lane.waiting, 0),
      heldOrders,
      outbox,
      active,
    };
  }
}

function laneStates(
  ends: ReadonlyMap<string, readonly number[]>,
  positions: ReadonlyMap<string, ReadonlyMap<number, { next: number }>>,
  owners: ReadonlyMap<number, string>,
): LaneState[] {
  const lanes = new Map<number, LaneState>();
  for (const [topic, offsets] of ends) {
    for (const [number, end] of offsets.entries()) {
      let lane = lanes.get(number);
      if (!lane) {
        // `worker/generation`
        const worker = (owners.get(number) ?? '').split('/')[0] ?? '';
        lanes.set(number, (lane = { lane: number, worker, applied: 0, waiting: 0 }));
      }
      const next = positions.get(topic)?.get(number)?.next ?? 0;
      lane.applied += next;
      lane.waiting += Math.max(0, end - next);
    }
  }
  return [...lanes.values()].sort((a, b) => a.lane - b.lane);
}
