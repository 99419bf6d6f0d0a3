/** Marks the method that translates the records of a topic. It does nothing else; LaneServer checks at start. */

import { EventPattern } from '@nestjs/microservices';

/** @param topic without prefix */
export function FromTopic(topic: string): MethodDecorator {
  return EventPattern(topic) as MethodDecorator;
}
