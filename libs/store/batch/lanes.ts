/** Ownership and progress of lanes. */

import type { Backlog } from '@holdfast/core';
import type { Database } from '../database/database.js';
import type { PositionDoc } from '../documents/documents.js';
import { faultOf } from '../database/faults.js';

/** From now on only `owner` may apply this lane; a batch of whoever had it before no longer commits. */
export async function takeLane(database: Database, lane: number, owner: string): Promise<void> {
  try {
    await database.lanes.updateOne({ _id: String(lane) }, { $set: { owner } }, { upsert: true });
  } catch (error) {
    throw faultOf(error);
  }
}

/** What is applied, per topic and partition, as a majority has it: what only a primary has may be lost with it. */
export async function appliedPositions(database: Database): Promise<Map<string, Map<number, PositionDoc>>> {
  const positions = new Map<string, Map<number, PositionDoc>>();
  for await (const lane of database.lanes.find({}, { readConcern: 'majority' })) {
    for (const [topic, position] of Object.entries(lane.positions ?? {})) {
      let partitions = positions.get(topic);
      if (!partitions) positions.set(topic, (partitions = new Map()));
      partitions.set(Number(lane._id), position);
    }
  }
  return positions;
}

/** @param end the partition's, asked for before the position was read */
export function backlogOf(end: number, position: PositionDoc | undefined): Backlog {
  return position ? { end, next: position.next, appliedAt: position.at.getTime() } : { end };
}
