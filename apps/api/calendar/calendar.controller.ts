import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { stockKey } from '@holdfast/core';
import { ordersBehind, stockCells, type Database } from '@holdfast/store';
import { MayRead } from '../access/allow.js';
import { pageOfQuery } from '../conventions/query-fields.js';
import { DATABASE } from '../database/database.module.js';
import { calendarOf } from './calendar.js';
import {
  CalendarDto,
  CalendarQuery,
  OrdersBehindDto,
  StockOrdersQuery,
  StockPageDto,
  StockQuery,
} from './stock.dto.js';

@ApiTags('stock')
@Controller('stores/:storeId')
export class CalendarController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get('calendar')
  @MayRead()
  @ApiOperation({ summary: 'The dated numbers between two days, as of one moment.' })
  @ApiOkResponse({ type: CalendarDto })
  calendar(@Param('storeId') storeId: string, @Query() query: CalendarQuery): Promise<CalendarDto> {
    const { from, to, productId } = query;
    const range = { from, to, ...(productId && { productIds: productId }) };
    return calendarOf(this.database, storeId, range, Date.now());
  }

  @Get('stock')
  @MayRead()
  @ApiOperation({ summary: 'Every number that was set or ordered.' })
  @ApiOkResponse({ type: StockPageDto })
  stock(@Param('storeId') storeId: string, @Query() query: StockQuery): Promise<StockPageDto> {
    const { productId, variantId, date } = query;
    return stockCells(this.database, storeId, {
      ...pageOfQuery(query),
      ...(productId && { productIds: productId }),
      ...(variantId && { variantIds: variantId.map((id) => (id === '-' ? null : id)) }),
      ...(date && { dates: date }),
    });
  }

  @Get('stock/orders')
  @MayRead()
  @ApiOperation({ summary: 'The orders behind a number: holds soonest due first, others newest first.' })
  @ApiOkResponse({ type: OrdersBehindDto })
  orders(@Param('storeId') storeId: string, @Query() query: StockOrdersQuery): Promise<OrdersBehindDto> {
    const { productId, variantId, date, kind } = query;
    const key = stockKey(storeId, productId, variantId, date);
    return ordersBehind(this.database, key, kind, pageOfQuery(query));
  }
}
