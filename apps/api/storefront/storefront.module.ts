import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { AvailabilityReader, FreeReader, type Database } from '@holdfast/store';
import { DATABASE } from '../database/database.module.js';
import { LiveFeed } from '../live/live-feed.js';
import { LiveModule } from '../live/live.module.js';
import { AvailabilityController } from './availability.controller.js';
import { FollowedStock } from './followed-stock.js';

@Module({
  imports: [LiveModule],
  controllers: [AvailabilityController],
  providers: [
    {
      provide: FollowedStock,
      useFactory: (feed: LiveFeed, database: Database) => new FollowedStock(feed, new FreeReader(database)),
      inject: [LiveFeed, DATABASE],
    },
    {
      provide: AvailabilityReader,
      useFactory: (database: Database, stock: FollowedStock) => new AvailabilityReader(database, stock),
      inject: [DATABASE, FollowedStock],
    },
  ],
})
export class StorefrontModule implements OnModuleDestroy {
  constructor(@Inject(FollowedStock) private readonly stock: FollowedStock) {}

  onModuleDestroy(): void {
    this.stock.stop();
  }
}
