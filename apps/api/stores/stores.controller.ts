import { Body, Controller, Get, Inject, Param, Patch, Put, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DEFAULT_STORE } from '@holdfast/core';
import {
  decodeCursor,
  encodeCursor,
  pageOf,
  setStoreWithNumbers,
  type BatchTools,
  type StoreChange,
  type StoreDoc,
} from '@holdfast/store';
import { MakesStore, MayRead, MayWrite, OperatorOnly, Who } from '../access/allow.js';
import type { Principal } from '../access/principal.js';
import { madeUpId } from '../conventions/idempotency.js';
import { notFound } from '../conventions/problem.js';
import { PageQuery, pageOfQuery } from '../conventions/query-fields.js';
import { warningDto } from '../conventions/warning.dto.js';
import { TOOLS } from '../database/database.module.js';
import { reportDto } from '../stock/change-report.dto.js';
import { numbersRefused, whoAndWhy, withCellFields } from '../stock/numbers.js';
import { rowsOfCells } from '../stock/selection.js';
import {
  storeChangeOf,
  StoreChangedDto,
  storeDto,
  StoreDto,
  StorePageDto,
  StoreSettingsDto,
} from './store.dto.js';

const LIST = 'stores';

@ApiTags('stores')
@Controller('stores')
export class StoresController {
  constructor(@Inject(TOOLS) private readonly tools: BatchTools) {}

  @Get()
  @MayRead()
  @ApiOperation({ summary: "The stores that the key may see: its own, or all for an operator's." })
  @ApiOkResponse({ type: StorePageDto })
  async list(@Who() { storeId }: Principal, @Query() query: PageQuery): Promise<StorePageDto> {
    const { limit, cursor } = pageOfQuery(query);
    const after = cursor === undefined ? undefined : (decodeCursor(LIST, ['string'], cursor)[0] as string);
    const filter = {
      $and: [storeId === null ? {} : { _id: storeId }, after === undefined ? {} : { _id: { $gt: after } }],
    };
    const docs = await this.tools.database.stores
      .find(filter, { sort: { _id: 1 }, limit: limit + 1 })
      .toArray();
    const now = Date.now();
    return pageOf(
      docs,
      limit,
      (doc) => storeDto(doc, now),
      ({ _id }) => encodeCursor(LIST, [_id]),
    );
  }

  @Get(':storeId')
  @MayRead()
  @ApiOperation({ summary: 'One store.' })
  @ApiOkResponse({ type: StoreDto })
  async show(@Param('storeId') storeId: string): Promise<StoreDto> {
    return storeDto(await this.#doc(storeId), Date.now());
  }

  @Patch(':storeId')
  @MayWrite()
  @ApiOperation({
    summary: 'Changes settings; what is not named stays.',
    description:
      'Turning dates on makes new keys: give their `numbers` along. `warnings` name those that are unlimited now. ' +
      'When one of the numbers is refused, nothing is changed.',
  })
  @ApiOkResponse({ type: StoreChangedDto })
  change(
    @Param('storeId') storeId: string,
    @Body() body: StoreSettingsDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<StoreChangedDto> {
    return this.#set(storeId, { body, who, request, change: storeChangeOf(body) });
  }

  @Put(':storeId')
  @OperatorOnly()
  @MakesStore()
  @ApiOperation({ summary: 'Makes a store, or replaces its settings: what is not named gets its default.' })
  @ApiOkResponse({ type: StoreChangedDto })
  put(
    @Param('storeId') storeId: string,
    @Body() body: StoreSettingsDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<StoreChangedDto> {
    const change = { ...DEFAULT_STORE, showCounts: false, ...storeChangeOf(body) };
    return this.#set(storeId, { body, who, request, change });
  }

  async #set(
    storeId: string,
    asked: { body: StoreSettingsDto; who: Principal; request: object; change: StoreChange },
  ): Promise<StoreChangedDto> {
    const { body, who, request, change } = asked;
    const rows = rowsOfCells(body.numbers ?? [], 'numbers');
    const numbers = { ...whoAndWhy(storeId, body, who, madeUpId(request, 'api')), rows };
    const { changed, report } = await withCellFields(
      () => setStoreWithNumbers(this.tools, change, numbers),
      'numbers',
    );
    if (!changed) throw numbersRefused(report);
    return {
      store: storeDto(await this.#doc(storeId), Date.now()),
      warnings: changed.warnings.map(warningDto),
      stock: report ? reportDto(report) : null,
    };
  }

  async #doc(storeId: string): Promise<StoreDoc> {
    const doc = await this.tools.database.stores.findOne({ _id: storeId });
    if (!doc) throw notFound(`store ${storeId}`);
    return doc;
  }
}
