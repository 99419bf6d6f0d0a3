import { Module } from '@nestjs/common';
import { OrderActionsController } from './order-actions.controller.js';

@Module({ controllers: [OrderActionsController] })
export class OrderActionsModule {}
