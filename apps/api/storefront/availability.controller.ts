import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AvailabilityReader } from '@holdfast/store';
import { MayAskAtCheckout } from '../access/allow.js';
import { AvailabilityDto, AvailabilityQuery } from './availability.dto.js';
import { daysOf } from './days.js';
import { hasTag, weakTag } from './etag.js';

@ApiTags('storefront')
@Controller('stores/:storeId/availability')
export class AvailabilityController {
  constructor(@Inject(AvailabilityReader) private readonly availability: AvailabilityReader) {}

  @Get()
  @MayAskAtCheckout()
  @ApiOperation({
    summary: 'What can be ordered now: products × variants × dates, at most 2,000.',
    description:
      'A product without inventory is always available. Answers carry an ETag: send it as If-None-Match.',
  })
  @ApiOkResponse({ type: AvailabilityDto })
  @ApiResponse({ status: 304, description: 'as before' })
  async answer(
    @Param('storeId') storeId: string,
    @Query() query: AvailabilityQuery,
    @Headers('if-none-match') known: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { productId, variantId, quantity } = query;
    const dates = daysOf(query);
    const items = await this.availability.answer({
      storeId,
      productIds: [...new Set(productId)],
      quantity,
      ...(variantId && { variantIds: [...new Set(variantId)] }),
      ...(dates && { dates }),
    });
    const body = JSON.stringify({ items } satisfies AvailabilityDto);
    // By hand: Express would send it all again to whoever says `no-cache`, which only asks not to answer from a cache.
    const tag = weakTag(body);
    response.setHeader('ETag', tag);
    response.setHeader('Cache-Control', 'private, max-age=0, must-revalidate');
    if (hasTag(known, tag)) response.status(304).end();
    else response.setHeader('Content-Type', 'application/json; charset=utf-8').end(body);
  }
}
