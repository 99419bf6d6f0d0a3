import { ApiProperty } from '@nestjs/swagger';
import {
  dayIn,
  MAX_CHANGE_ROWS,
  MAX_HOLD_MS,
  MIN_HOLD_MS,
  type StoreChange,
  type StoreDoc,
} from '@holdfast/store';
import { AmountField, FlagField, TextField } from '../conventions/fields.js';
import { ListField } from '../conventions/list-field.js';
import { WarningDto } from '../conventions/warning.dto.js';
import { ChangeReportDto } from '../stock/change-report.dto.js';
import { CellDto, WhoAndWhyDto } from '../stock/changes.dto.js';

const MINUTE_MS = 60_000;

export class StoreSettingsDto extends WhoAndWhyDto {
  @TextField({
    description: 'IANA name of the zone whose dates the store keeps',
    optional: true,
    max: 100,
    example: 'Europe/Berlin',
  })
  timeZone?: string;

  @FlagField({ description: 'stock is kept per calendar date', optional: true })
  fulfillmentDates?: boolean;

  @AmountField({
    description: 'how long checkout holds the items',
    optional: true,
    min: MIN_HOLD_MS / MINUTE_MS,
    max: MAX_HOLD_MS / MINUTE_MS,
    of: 'minutes',
    example: 30,
  })
  holdMinutes?: number;

  @FlagField({ description: 'the storefront may tell how many are left', optional: true })
  showCounts?: boolean;

  @ListField({
    description:
      'numbers of what is counted from now on; the first 200 are set in the same moment as the settings',
    of: () => CellDto,
    optional: true,
    min: 0,
    max: MAX_CHANGE_ROWS,
  })
  numbers?: CellDto[];
}

export class StoreDto {
  @ApiProperty()
  storeId!: string;
  @ApiProperty({ example: 'Europe/Berlin' })
  timeZone!: string;
  @ApiProperty({ description: 'stock is kept per calendar date' })
  fulfillmentDates!: boolean;
  @ApiProperty({ description: 'how long checkout holds the items' })
  holdMinutes!: number;
  @ApiProperty({ description: 'the storefront may tell how many are left' })
  showCounts!: boolean;
  @ApiProperty({ format: 'date', description: "the date that it is now in the store's zone" })
  today!: string;
}

export class StorePageDto {
  @ApiProperty({ type: [StoreDto] })
  items!: StoreDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class StoreChangedDto {
  @ApiProperty({ type: StoreDto })
  store!: StoreDto;
  @ApiProperty({ type: [WarningDto] })
  warnings!: WarningDto[];
  @ApiProperty({ type: ChangeReportDto, nullable: true, description: 'null: no numbers were given' })
  stock!: ChangeReportDto | null;
}

/** @param now epoch ms */
export function storeDto(doc: StoreDoc, now: number): StoreDto {
  const { _id: storeId, timeZone, fulfillmentDates, holdMs, showCounts = false } = doc;
  const holdMinutes = holdMs / MINUTE_MS;
  return { storeId, timeZone, fulfillmentDates, holdMinutes, showCounts, today: dayIn(timeZone, now) };
}

export function storeChangeOf({
  timeZone,
  fulfillmentDates,
  holdMinutes,
  showCounts,
}: StoreSettingsDto): StoreChange {
  return {
    ...(timeZone !== undefined && { timeZone }),
    ...(fulfillmentDates !== undefined && { fulfillmentDates }),
    ...(holdMinutes !== undefined && { holdMs: Math.round(holdMinutes * MINUTE_MS) }),
    ...(showCounts !== undefined && { showCounts }),
  };
}
