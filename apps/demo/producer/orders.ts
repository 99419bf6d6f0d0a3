/** What the demo and its producers, processes of their own, tell each other. */

import type { Service } from '../traffic/record.js';
import type { Scene } from '../traffic/plan.js';

/** From the demo. */
export type ProducerOrder =
  | { type: 'prepare'; service: Service; brokers: string[] }
  | { type: 'start'; scene: Scene }
  /** sends what it has begun, and begins nothing new */
  | { type: 'finish' };

/** From a producer. */
export type ProducerNews =
  | { type: 'prepared' }
  /** nothing planned is left; what follows from outcomes may be */
  | { type: 'planned-sent' }
  | { type: 'finished' };
