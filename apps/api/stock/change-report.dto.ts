/** What came of a change, cell by cell; and changes as their history shows them. */

import { ApiProperty } from '@nestjs/swagger';
import { parseStockKey, type Stock } from '@holdfast/core';
import type { MerchantChangeView, RowRefusal, RowResult, StockChangeReport } from '@holdfast/store';
import { BalancesDto } from '../calendar/stock.dto.js';

class CellKeyDto {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  date!: string | null;
  @ApiProperty({ example: 'bakery/stollen/-/2026-12-24' })
  stockKey!: string;
}

export class CellResultDto extends CellKeyDto {
  @ApiProperty({ enum: ['changed', 'refused'] })
  result!: 'changed' | 'refused';
  @ApiProperty({ description: 'made before under the same change id: nothing was done now' })
  repeated!: boolean;
  @ApiProperty({ type: BalancesDto, nullable: true })
  before!: BalancesDto | null;
  @ApiProperty({ type: BalancesDto, nullable: true })
  after!: BalancesDto | null;
  @ApiProperty({ required: false, description: 'of a refused cell: why, for programs', example: 'stale' })
  reason?: RowRefusal;
  @ApiProperty({ required: false, description: 'of a refused cell: why, for people, and what to do' })
  message?: string;
  @ApiProperty({
    type: BalancesDto,
    required: false,
    description: 'of a refused cell that is there: as it is',
  })
  current?: BalancesDto;
}

export class ChangeReportDto {
  @ApiProperty()
  changeId!: string;
  @ApiProperty()
  dryRun!: boolean;
  @ApiProperty({ type: 'integer' })
  changed!: number;
  @ApiProperty({ type: 'integer', description: 'of `changed`: made before under the same change id' })
  repeated!: number;
  @ApiProperty({ type: 'integer' })
  refused!: number;
  @ApiProperty({ type: [CellResultDto], description: 'in the order of the request' })
  cells!: CellResultDto[];
}

export class ChangedCellDto extends CellKeyDto {
  @ApiProperty({ type: BalancesDto })
  before!: BalancesDto;
  @ApiProperty({ type: BalancesDto })
  after!: BalancesDto;
}

export class ChangeDto {
  @ApiProperty()
  changeId!: string;
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty()
  actor!: string;
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;
  @ApiProperty({ enum: ['api', 'ops'] })
  source!: 'api' | 'ops';
  @ApiProperty({ type: 'integer', description: 'cells that it changed' })
  keys!: number;
  @ApiProperty({ type: String, nullable: true, description: 'the change that took this one back' })
  undone!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'the change that this one took back' })
  undoes!: string | null;
  @ApiProperty({ type: [ChangedCellDto], description: 'in a list, the first 20' })
  cells!: ChangedCellDto[];
}

export class ChangePageDto {
  @ApiProperty({ type: [ChangeDto] })
  items!: ChangeDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function reportDto({
  changeId,
  dryRun,
  changed,
  repeated,
  refused,
  rows,
}: StockChangeReport): ChangeReportDto {
  return { changeId, dryRun, changed, repeated, refused, cells: rows.map(resultOf) };
}

export function changeDto(view: MerchantChangeView): ChangeDto {
  const cells = view.cells.map(({ before, after, ...key }) => ({
    ...key,
    before: balancesOf(before),
    after: balancesOf(after),
  }));
  return { ...view, cells };
}

function resultOf(row: RowResult): CellResultDto {
  const { productId, variantId = null, fulfillmentDate: date = null } = parseStockKey(row.stockKey);
  const key = { productId, variantId, date, stockKey: row.stockKey };
  if (row.kind === 'changed') {
    const { before, after, repeated } = row;
    return { ...key, result: 'changed', repeated, before: balancesOf(before), after: balancesOf(after) };
  }
  const { reason, message, current } = row;
  const result: CellResultDto = {
    ...key,
    result: 'refused',
    repeated: false,
    before: null,
    after: null,
    reason,
    message,
  };
  if (current) result.current = balancesOf(current);
  return result;
}

function balancesOf({ free, held, sold, refunded, version }: Stock): BalancesDto {
  return { free, held, sold, refunded, total: free === null ? null : free + held + sold + refunded, version };
}
