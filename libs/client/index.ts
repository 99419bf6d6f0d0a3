export type { ConnectionOptions } from './connection.js';
export { HoldfastConsumer, type ConsumerOptions } from './consumer.js';
export type { Delivery, DeliveryFailure, Handler, Handlers, UnreadableRecord } from './delivery.js';
export type { Identity, Messages } from './incoming.js';
export { InvalidEvent, type Draft, type Events } from './outgoing.js';
export { HoldfastPublisher, type PublisherOptions } from './publisher.js';
