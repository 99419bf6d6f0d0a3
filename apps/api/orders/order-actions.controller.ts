import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DEFAULT_STORE, parseStockKey, type Line, type StockDelta } from '@holdfast/core';
import { dayIn, rejectOrder, restockOrder, type BatchTools } from '@holdfast/store';
import { MayWrite, Who } from '../access/allow.js';
import type { Principal } from '../access/principal.js';
import { madeUpId } from '../conventions/idempotency.js';
import { ApiProblem, notFound } from '../conventions/problem.js';
import { TOOLS } from '../database/database.module.js';
import { whoAndWhy } from '../stock/numbers.js';
import { RejectDto, RejectedDto, RestockDto, RestockedDto, type PastDateDto } from './order-actions.dto.js';

@ApiTags('orders')
@Controller('stores/:storeId/orders/:orderId')
export class OrderActionsController {
  constructor(@Inject(TOOLS) private readonly tools: BatchTools) {}

  @Post('reject')
  @MayWrite()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Declines an order: what it holds or has sold goes back, and the customer is told.',
    description:
      'Publishes an OrderRejected, as any other service would; what comes of it is seen in the order.',
  })
  @ApiAcceptedResponse({ type: RejectedDto })
  async reject(
    @Param('storeId') storeId: string,
    @Param('orderId') orderId: string,
    @Body() { reason }: RejectDto,
    @Req() request: object,
  ): Promise<RejectedDto> {
    const result = await rejectOrder(this.tools, {
      storeId,
      orderId,
      eventId: madeUpId(request, 'api'),
      ...(reason !== undefined && { reason }),
      at: Date.now(),
    });
    if (result.kind === 'asked') return { eventId: result.eventId };
    if (result.reason === 'unknown-order') throw notFound(`order ${orderId}`);
    throw new ApiProblem(409, result.reason, result.message);
  }

  @Post('restock')
  @MayWrite()
  @HttpCode(200)
  @ApiOperation({ summary: 'Puts refunded units back, so that they can be ordered again.' })
  @ApiOkResponse({ type: RestockedDto })
  async restock(
    @Param('storeId') storeId: string,
    @Param('orderId') orderId: string,
    @Body() body: RestockDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<RestockedDto> {
    const result = await restockOrder(this.tools, {
      ...whoAndWhy(storeId, body, who, madeUpId(request, 'restock')),
      orderId,
      ...(body.lines && { lines: body.lines.map(lineOf) }),
    });
    switch (result.kind) {
      case 'refused':
        if (result.reason === 'unknown-order') throw notFound(`order ${orderId}`);
        throw new ApiProblem(409, result.reason, `Nothing was put back: ${result.message}.`);
      case 'repeated': {
        const order = await this.tools.database.orders.findOne({ _id: `${storeId}/${orderId}` });
        return { repeated: true, deltas: [], version: order?.version ?? 0, warnings: [] };
      }
      case 'restocked': {
        const { deltas, version } = result;
        return { repeated: false, deltas, version, warnings: await this.#pastDates(storeId, deltas) };
      }
    }
  }

  /** What was put back on days that are over: nobody can order it any more. */
  async #pastDates(storeId: string, deltas: readonly StockDelta[]): Promise<PastDateDto[]> {
    const store = await this.tools.database.stores.findOne({ _id: storeId });
    const today = dayIn(store?.timeZone ?? DEFAULT_STORE.timeZone, Date.now());
    return deltas.flatMap(({ stockKey }) => {
      const { productId, variantId = null, fulfillmentDate: date } = parseStockKey(stockKey);
      if (date === undefined || date >= today) return [];
      const message = `${date} is over: what was put back of ${productId} cannot be ordered for it any more`;
      return [{ code: 'past-date' as const, productId, variantId, date, message }];
    });
  }
}

function lineOf({
  productId,
  variantId,
  fulfillmentDate,
  quantity,
}: NonNullable<RestockDto['lines']>[number]): Line {
  return {
    productId,
    quantity,
    ...(variantId != null && { variantId }),
    ...(fulfillmentDate != null && { fulfillmentDate }),
  };
}
