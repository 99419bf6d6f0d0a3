/** Marks a controller's method as the handler of a topic, named without prefix. It is found and checked at start. */

import { EventPattern } from '@nestjs/microservices';

export function FromTopic(topic: string): MethodDecorator {
  return EventPattern(topic) as MethodDecorator;
}
