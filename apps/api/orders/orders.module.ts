import { Module } from '@nestjs/common';
import { LiveModule } from '../live/live.module.js';
import { OrdersController } from './orders.controller.js';

@Module({ imports: [LiveModule], controllers: [OrdersController] })
export class OrdersModule {}
