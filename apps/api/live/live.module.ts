import { Inject, Logger, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ApiConfig } from '@holdfast/config';
import { topicName } from '@holdfast/contracts';
import { createKafka } from '@holdfast/messaging';
import { CONFIG } from '../database/database.module.js';
import { EventStreams } from './event-streams.js';
import { LiveFeed } from './live-feed.js';
import { LiveController } from './live.controller.js';
import { OrderWaits } from './order-waits.js';

function feedOf({ brokers, topicPrefix, kafkaSecurity }: ApiConfig): LiveFeed {
  const kafka = createKafka({ brokers, clientId: 'holdfast-api', ...kafkaSecurity });
  return new LiveFeed({ kafka, topic: topicName('StockOutcome', topicPrefix), log: new Logger('live') });
}

@Module({
  controllers: [LiveController],
  providers: [
    { provide: LiveFeed, useFactory: feedOf, inject: [CONFIG] },
    {
      provide: EventStreams,
      useFactory: (feed: LiveFeed, { apiMaxStreams }: ApiConfig) =>
        new EventStreams(feed, { maxStreams: apiMaxStreams }, new Logger('live')),
      inject: [LiveFeed, CONFIG],
    },
    {
      provide: OrderWaits,
      useFactory: (feed: LiveFeed, { apiMaxWaiting }: ApiConfig) => new OrderWaits(feed, apiMaxWaiting),
      inject: [LiveFeed, CONFIG],
    },
  ],
  exports: [LiveFeed, OrderWaits],
})
export class LiveModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(LiveFeed) private readonly feed: LiveFeed,
    @Inject(EventStreams) private readonly streams: EventStreams,
    @Inject(OrderWaits) private readonly waits: OrderWaits,
  ) {}

  /** The API answers while the broker is away: the feed waits for it by itself. */
  onApplicationBootstrap(): void {
    this.feed.start();
    this.streams.start();
  }

  /** Before the server closes, which would wait for every request that is open. */
  async onModuleDestroy(): Promise<void> {
    this.streams.stop();
    this.waits.stop();
    await this.feed.stop();
  }
}
