import { Module } from '@nestjs/common';
import { OrderEventsController } from './consume/order-events.controller.js';

/** What Nest looks after: the handlers of the consumed topics. The rest of a worker is in worker.ts. */
@Module({ controllers: [OrderEventsController] })
export class WorkerModule {}
