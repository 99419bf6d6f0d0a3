import { Body, Controller, Get, Inject, Param, Put, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  decodeCursor,
  encodeCursor,
  endOfPrefix,
  InputFault,
  MAX_CELLS,
  pageOf,
  productView,
  setProductWithNumbers,
  stockCells,
  type BatchTools,
  type ProductDoc,
  type StockCell,
} from '@holdfast/store';
import { MayRead, MayWrite, Who } from '../access/allow.js';
import type { Principal } from '../access/principal.js';
import { madeUpId } from '../conventions/idempotency.js';
import { notFound } from '../conventions/problem.js';
import { PageQuery, pageOfQuery } from '../conventions/query-fields.js';
import { warningDto } from '../conventions/warning.dto.js';
import { TOOLS } from '../database/database.module.js';
import { reportDto } from '../stock/change-report.dto.js';
import type { CellDto } from '../stock/changes.dto.js';
import { numbersRefused, whoAndWhy, withCellFields } from '../stock/numbers.js';
import { rowsOfCells } from '../stock/selection.js';
import {
  productChangeOf,
  ProductChangedDto,
  ProductDto,
  ProductPageDto,
  ProductSettingsDto,
} from './product.dto.js';

const LIST = 'products';

@ApiTags('products')
@Controller('stores/:storeId/products')
export class ProductsController {
  constructor(@Inject(TOOLS) private readonly tools: BatchTools) {}

  @Get()
  @MayRead()
  @ApiOperation({ summary: 'The products that Holdfast was told of, by their ids.' })
  @ApiOkResponse({ type: ProductPageDto })
  async list(@Param('storeId') storeId: string, @Query() query: PageQuery): Promise<ProductPageDto> {
    const { limit, cursor } = pageOfQuery(query);
    const prefix = storeId + '/';
    const after = cursor === undefined ? prefix : prefix + String(decodeCursor(LIST, ['string'], cursor)[0]);
    const found = await this.tools.database.products
      .find({ _id: { $gt: after, $lt: endOfPrefix(prefix) } }, { sort: { _id: 1 }, limit: limit + 1 })
      .toArray();
    const cells = await this.#cells(storeId, found.slice(0, limit));
    return pageOf(
      found,
      limit,
      (doc) => ({ ...productView(doc), cells: cells.get(doc.productId) ?? [] }),
      ({ productId }) => encodeCursor(LIST, [productId]),
    );
  }

  @Get(':productId')
  @MayRead()
  @ApiOperation({ summary: 'One product.' })
  @ApiOkResponse({ type: ProductDto })
  async show(@Param('storeId') storeId: string, @Param('productId') productId: string): Promise<ProductDto> {
    const doc = await this.tools.database.products.findOne({ _id: `${storeId}/${productId}` });
    if (!doc) throw notFound(`product ${productId}`);
    return { ...productView(doc), cells: (await this.#cells(storeId, [doc])).get(productId) ?? [] };
  }

  @Put(':productId')
  @MayWrite()
  @ApiOperation({
    summary: 'Makes a product known, or changes how it is counted.',
    description:
      'Counting by something new makes new keys: give their `numbers` along. `warnings` name those that are ' +
      'unlimited now. When one of the numbers is refused, nothing is changed. Numbers survive off and on again.',
  })
  @ApiOkResponse({ type: ProductChangedDto })
  async put(
    @Param('storeId') storeId: string,
    @Param('productId') productId: string,
    @Body() body: ProductSettingsDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<ProductChangedDto> {
    const rows = rowsOfCells(ownCells(productId, body.numbers), 'numbers');
    const numbers = { ...whoAndWhy(storeId, body, who, madeUpId(request, 'api')), rows };
    const { changed, report } = await withCellFields(
      () => setProductWithNumbers(this.tools, productId, productChangeOf(body), numbers),
      'numbers',
    );
    if (!changed) throw numbersRefused(report);
    return {
      product: await this.show(storeId, productId),
      warnings: changed.warnings.map(warningDto),
      stock: report ? reportDto(report) : null,
    };
  }

  /** By product; of a store without dates alone. */
  async #cells(storeId: string, docs: readonly ProductDoc[]): Promise<Map<string, StockCell[]>> {
    const cells = new Map<string, StockCell[]>();
    const store = await this.tools.database.stores.findOne({ _id: storeId });
    if (docs.length === 0 || store?.fulfillmentDates) return cells;
    const productIds = docs.map(({ productId }) => productId);
    const { items } = await stockCells(this.tools.database, storeId, {
      productIds,
      dates: [null],
      limit: MAX_CELLS,
    });
    for (const cell of items) {
      const own = cells.get(cell.productId);
      if (own) own.push(cell);
      else cells.set(cell.productId, [cell]);
    }
    return cells;
  }
}

/** @throws InputFault when a number is of another product */
function ownCells(productId: string, numbers: ProductSettingsDto['numbers'] = []): CellDto[] {
  const problems = numbers.flatMap((number, at) =>
    number.productId === undefined || number.productId === productId
      ? []
      : [
          {
            field: `numbers[${at}].productId`,
            problem: `is not ${productId}`,
            remedy: 'leave it away; numbers of other products have requests of their own',
          },
        ],
  );
  if (problems.length > 0) throw new InputFault(problems);
  return numbers.map((number) => ({ ...number, productId }));
}
