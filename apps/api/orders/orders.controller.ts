import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  completedOrders,
  holds,
  orderView,
  refundsWaiting,
  type Database,
  type OrderView,
} from '@holdfast/store';
import { MayAskAtCheckout, MayRead } from '../access/allow.js';
import { ApiProblem, notFound } from '../conventions/problem.js';
import { PageQuery, pageOfQuery } from '../conventions/query-fields.js';
import { DATABASE } from '../database/database.module.js';
import { OrderWaits, TooManyWaiting } from '../live/order-waits.js';
import { orderOf } from './order-of.js';
import { OrderDto, OrderPageDto, OrderQuery, OrdersQuery, RefundPageDto } from './order.dto.js';

@ApiTags('orders')
@Controller('stores/:storeId')
export class OrdersController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(OrderWaits) private readonly waits: OrderWaits,
  ) {}

  @Get('orders')
  @MayRead()
  @ApiOperation({ summary: 'Complete orders, newest first. What waits for payment is under holds.' })
  @ApiOkResponse({ type: OrderPageDto })
  orders(@Param('storeId') storeId: string, @Query() query: OrdersQuery): Promise<OrderPageDto> {
    const { state } = query;
    return completedOrders(this.database, storeId, {
      ...pageOfQuery(query),
      ...(state && { states: state }),
    });
  }

  @Get('holds')
  @MayRead()
  @ApiOperation({ summary: 'Orders that wait for payment, soonest due first.' })
  @ApiOkResponse({ type: OrderPageDto })
  holds(@Param('storeId') storeId: string, @Query() query: PageQuery): Promise<OrderPageDto> {
    return holds(this.database, storeId, pageOfQuery(query));
  }

  @Get('refunds')
  @MayRead()
  @ApiOperation({ summary: 'Orders with refunded units that may be put back.' })
  @ApiOkResponse({ type: RefundPageDto })
  refunds(@Param('storeId') storeId: string, @Query() query: PageQuery): Promise<RefundPageDto> {
    return refundsWaiting(this.database, storeId, pageOfQuery(query), Date.now());
  }

  @Get('orders/:orderId')
  @MayAskAtCheckout()
  @ApiOperation({
    summary: 'One order.',
    description:
      'With `wait`, answers as soon as the order is decided: held or refused, or what it has come to since. ' +
      '404 when it is not by then; ask again.',
  })
  @ApiOkResponse({ type: OrderDto })
  async order(
    @Param('storeId') storeId: string,
    @Param('orderId') orderId: string,
    @Query() { wait }: OrderQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderDto> {
    const view =
      wait === undefined
        ? await orderView(this.database, storeId, orderId)
        : await this.#decided(storeId, orderId, wait, response);
    if (!view) throw notFound(`order ${orderId}`);
    return orderOf(view);
  }

  async #decided(
    storeId: string,
    orderId: string,
    seconds: number,
    response: Response,
  ): Promise<OrderView | undefined> {
    const gone = new AbortController();
    const end = (): void => gone.abort();
    response.once('close', end);
    const look = async (): Promise<OrderView | undefined> => {
      const view = await orderView(this.database, storeId, orderId);
      return view?.state === 'unseen' ? undefined : view;
    };
    try {
      return await this.waits.until(storeId, orderId, look, { waitMs: seconds * 1_000, signal: gone.signal });
    } catch (error) {
      if (!(error instanceof TooManyWaiting)) throw error;
      const detail = 'As many requests wait as may; ask again in a second.';
      throw new ApiProblem(503, 'too-many-waiting', detail, {}, { 'Retry-After': '1' });
    } finally {
      response.off('close', end);
    }
  }
}
