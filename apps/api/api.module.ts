import { Module, type DynamicModule } from '@nestjs/common';
import type { ApiConfig } from '@holdfast/config';
import type { BatchTools } from '@holdfast/store';
import { AccessModule } from './access/access.module.js';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { CalendarModule } from './calendar/calendar.module.js';
import { Idempotency } from './conventions/idempotency.js';
import { DatabaseModule } from './database/database.module.js';
import { LiveModule } from './live/live.module.js';
import { OrderActionsModule } from './orders/order-actions.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { ProductsModule } from './products/products.module.js';
import { StockModule } from './stock/stock.module.js';
import { StoresModule } from './stores/stores.module.js';
import { StorefrontModule } from './storefront/storefront.module.js';

/** Every subject of the API, on the database and settings that it was started with. */
@Module({})
export class ApiModule {
  static on(tools: BatchTools, config: ApiConfig): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        DatabaseModule.on(tools, config),
        AccessModule,
        LiveModule,
        StoresModule,
        ProductsModule,
        StockModule,
        CalendarModule,
        OrderActionsModule,
        OrdersModule,
        StorefrontModule,
      ],
      providers: [{ provide: APP_INTERCEPTOR, useClass: Idempotency }],
    };
  }
}
