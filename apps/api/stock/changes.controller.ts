import { Body, Controller, Get, HttpCode, Inject, Logger, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  changeHistory,
  changeOfId,
  changeStockOf,
  InputFault,
  undoChange,
  type BatchTools,
  type ChangeRow,
} from '@holdfast/store';
import { MayRead, MayWrite, Who } from '../access/allow.js';
import type { Principal } from '../access/principal.js';
import { madeUpId } from '../conventions/idempotency.js';
import { ApiProblem, notFound } from '../conventions/problem.js';
import { PageQuery, pageOfQuery } from '../conventions/query-fields.js';
import { TOOLS } from '../database/database.module.js';
import { changeDto, ChangeDto, ChangePageDto, ChangeReportDto, reportDto } from './change-report.dto.js';
import { StockChangeDto, WhyDto } from './changes.dto.js';
import { whoAndWhy, withCellFields } from './numbers.js';
import { rowsOfCells, rowsOfSelection } from './selection.js';

@ApiTags('stock')
@Controller('stores/:storeId/stock/changes')
export class ChangesController {
  readonly #log = new Logger('api');

  constructor(@Inject(TOOLS) private readonly tools: BatchTools) {}

  @Post()
  @MayWrite()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Changes numbers, each cell by itself: a refused one does not stop the others.',
    description:
      'Name single `cells`, or a `selection` of products × variants × days; at most 10,000 cells. Cells are changed ' +
      'in the order of their keys, 200 at a time.',
  })
  @ApiOkResponse({ type: ChangeReportDto })
  async change(
    @Param('storeId') storeId: string,
    @Body() body: StockChangeDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<ChangeReportDto> {
    const rows = await this.#rowsOf(storeId, body);
    const report = await withCellFields(
      () =>
        changeStockOf(this.tools, {
          ...whoAndWhy(storeId, body, who, madeUpId(request, 'api')),
          rows,
          dryRun: body.dryRun === true,
        }),
      body.cells ? 'cells' : 'selection',
    );
    for (const row of report.rows) {
      if (row.kind === 'refused' && row.reason === 'damaged') this.#log.error(row.message);
    }
    return reportDto(report);
  }

  @Get()
  @MayRead()
  @ApiOperation({ summary: 'The changes of this store, newest first.' })
  @ApiOkResponse({ type: ChangePageDto })
  async list(@Param('storeId') storeId: string, @Query() query: PageQuery): Promise<ChangePageDto> {
    const { items, nextCursor } = await changeHistory(this.tools.database, storeId, pageOfQuery(query));
    return { items: items.map(changeDto), nextCursor };
  }

  @Get(':changeId')
  @MayRead()
  @ApiOperation({ summary: 'One change with all its cells.' })
  @ApiOkResponse({ type: ChangeDto })
  async show(@Param('storeId') storeId: string, @Param('changeId') changeId: string): Promise<ChangeDto> {
    const view = await changeOfId(this.tools.database, storeId, changeId);
    if (!view) throw notFound(`change ${changeId}`);
    return changeDto(view);
  }

  @Post(':changeId/undo')
  @MayWrite()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Takes a change back, all of it or nothing.',
    description:
      'Allowed while no later change touched one of its cells, not even one that was taken back since, and no number ' +
      'would fall below 0. It is a change of its own, and may be taken back in its turn. Of more than 200 cells, all ' +
      'are looked at first and then changed 200 at a time: should somebody get in between, the report of the 409 says ' +
      'which were.',
  })
  @ApiOkResponse({ type: ChangeReportDto })
  async undo(
    @Param('storeId') storeId: string,
    @Param('changeId') undoes: string,
    @Body() body: WhyDto,
    @Who() who: Principal,
    @Req() request: object,
  ): Promise<ChangeReportDto> {
    const result = await undoChange(this.tools, {
      ...whoAndWhy(storeId, body, who, madeUpId(request, 'undo')),
      undoes,
    });
    switch (result.kind) {
      case 'unknown':
        throw notFound(`change ${undoes}`);
      case 'undone-before': {
        const detail = `${undoes} was taken back before, by ${result.by}; take that one back to have it again.`;
        throw new ApiProblem(409, 'already-undone', detail, { undoneBy: result.by });
      }
      case 'refused': {
        const { changed, refused } = result.report;
        const what = changed > 0 ? `${changed} of its cells were changed back` : 'Nothing was changed';
        const detail = `${what}: ${refused} cannot be, because they were changed or ordered since; set the numbers that you want instead (see report).`;
        throw new ApiProblem(409, 'undo-refused', detail, { report: reportDto(result.report) });
      }
      case 'undone':
        return reportDto(result.report);
    }
  }

  async #rowsOf(storeId: string, { cells, selection }: StockChangeDto): Promise<ChangeRow[]> {
    if (cells && !selection) return rowsOfCells(cells);
    if (!selection || cells) {
      const problem = cells ? 'comes beside cells' : 'is missing, and so are cells';
      const remedy = 'give either cells or a selection';
      throw new InputFault([{ field: 'selection', problem, remedy }]);
    }
    const ids = selection.products.map(({ productId }) => `${storeId}/${productId}`);
    const docs = await this.tools.database.products.find({ _id: { $in: ids } }).toArray();
    const products = new Map(docs.map((doc) => [doc.productId, doc]));
    return rowsOfSelection(selection, (productId) => products.get(productId));
  }
}
