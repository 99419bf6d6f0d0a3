/** Holdfast's worker as a measured process: started, watched until it has nothing left to do, and audited. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nextDue } from '@holdfast/store';
import { auditScene } from './audit-scene.js';
import { published, until } from './measure.js';
import type { Ends } from './preload.js';
import { Program } from './processes.js';
import { profileOf, type ProfileShares } from './profile.js';
import type { Scene, World } from './world.js';

const WORKER = join(import.meta.dirname, '..', '..', 'apps', 'worker', 'main.js');
/** As `npm run worker` has it. */
const NODE_OPTIONS = ['--max-semi-space-size=128'];
const LIMIT_MS = 180_000;

/** Several may work one scene. */
let started = 0;

export class HoldfastWorker {
  #stopped = false;

  private constructor(
    private readonly world: World,
    private readonly scene: Scene,
    private readonly program: Program,
    private readonly profileFolder: string | undefined,
  ) {}

  /** @param niceness 0 to 19, as `nice -n` has it */
  static async start(
    world: World,
    scene: Scene,
    profileFolder?: string,
    niceness = 0,
  ): Promise<HoldfastWorker> {
    const nodeOptions = [...NODE_OPTIONS];
    let folder: string | undefined;
    if (profileFolder !== undefined) {
      folder = join(profileFolder, scene.name);
      await mkdir(folder, { recursive: true });
      nodeOptions.push('--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500');
    }
    const program = await Program.start({
      program: WORKER,
      nodeOptions,
      niceness,
      environment: {
        KAFKA_BROKERS: world.stack.brokers.join(','),
        KAFKA_TOPIC_PREFIX: scene.prefix,
        KAFKA_GROUP_ID: scene.name,
        MONGODB_URI: world.stack.mongoUri,
        MONGODB_DATABASE: scene.name,
      },
      logFile: join(world.folder, `${scene.name}-${++started}.log`),
    });
    return new HoldfastWorker(world, scene, program, folder);
  }

  get pid(): number {
    return this.program.pid;
  }

  pids(): Record<string, number | undefined> {
    return { worker: this.program.pid, ...this.world.stack.pids(), bench: process.pid };
  }

  check(): void {
    this.program.check();
  }

  /**
   * Waits until every record of the load is applied, nothing is due, and nothing waits in the outbox; so all that
   * there was to say is on Kafka.
   * @returns when that was seen, by `performance.now()`
   */
  async untilIdle(ends: Ends): Promise<number> {
    const { database } = this.scene;
    const isDone = async (): Promise<boolean> => {
      if (!(await this.hasApplied(ends))) return false;
      const next = await nextDue(database);
      if (next && next.dueAt <= next.now) return false;
      return (await database.outbox.findOne({}, { projection: { _id: 1 } })) === null;
    };
    return until("Holdfast's worker", isDone, LIMIT_MS, () => this.check());
  }

  /** Whether every lane stands behind the last record of the load. */
  async hasApplied(ends: Ends): Promise<boolean> {
    const lanes = await this.scene.database.lanes.find({}).toArray();
    const positions = new Map(lanes.map((lane) => [Number(lane._id), lane.positions]));
    for (const [topic, partitions] of ends) {
      for (const [partition, end] of partitions) {
        if ((positions.get(partition)?.[topic]?.next ?? 0) < end) return false;
      }
    }
    return true;
  }

  /** A fast wrong answer does not count. @throws when stock and orders do not agree, or an outcome is missing */
  async audit(leastOutcomes: number): Promise<void> {
    const outcomes = await published(this.scene, 'StockOutcome');
    if (outcomes < leastOutcomes)
      throw new AuditDiffers(`${outcomes} of ${leastOutcomes} outcomes are on Kafka`);
    const differences = await auditScene(this.scene.database);
    if (differences.length > 0) throw new AuditDiffers(differences.slice(0, 10).join('\n'));
  }

  /** Where its time went between two moments of `performance.now()`; empty unless a profile was asked for. */
  async profile(started: number, ended: number): Promise<ProfileShares> {
    return this.profileFolder === undefined ? {} : profileOf(this.profileFolder, started, ended);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.program.stop();
  }
}

/** What was measured is not what was meant. */
export class AuditDiffers extends Error {
  override name = 'AuditDiffers';
}
