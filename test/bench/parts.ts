/** What a part of the bench is. */

import type { ProcessorTime } from './measure.js';
import type { World } from './world.js';

export interface RunOptions {
  quick: boolean;
  /** of this repetition: the same for every part */
  seed: number;
  /** the repetition's number, from 0 */
  round: number;
  /** folder for profiles of the measured worker; none unless asked for */
  profileFolder?: string;
}

/** What one repetition found. */
export interface Measured {
  /** by the name of the figure */
  figures: Record<string, number>;
  /** what explains them, for people */
  details: Record<string, number | string>;
  processor: ProcessorTime;
}

export interface Part {
  name: string;
  means: string;
  /** how many repetitions a whole run makes, and a quick one */
  rounds: { full: number; quick: number };
  /** left out of a whole run */
  onlyByName?: boolean;
  run(world: World, options: RunOptions): Promise<Measured>;
}
