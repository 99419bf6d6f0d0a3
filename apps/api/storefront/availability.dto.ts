import { ApiProperty } from '@nestjs/swagger';
import type { AvailabilityItem } from '@holdfast/store';
import { MAX_QUANTITY } from '@holdfast/core';
import { DateField } from '../conventions/fields.js';
import { QueryDates, QueryIds, QueryWhole } from '../conventions/query-fields.js';

export class AvailabilityQuery {
  @QueryIds({ description: 'the products' })
  productId!: string[];

  @QueryIds({ description: 'the variants; those that a product lists unless given', optional: true })
  variantId?: string[];

  @QueryDates({ description: 'the dates, where the store keeps stock by date', optional: true })
  date?: string[];

  @DateField({ description: 'instead of dates: the first day', optional: true })
  from?: string;

  @DateField({ description: 'instead of dates: the last day', optional: true })
  to?: string;

  @QueryWhole({
    description: 'units of one order; 1 unless given',
    optional: true,
    min: 1,
    max: MAX_QUANTITY,
  })
  quantity: number = 1;
}

export class AvailabilityItemDto implements AvailabilityItem {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  date!: string | null;
  @ApiProperty({ description: 'whether an order of that many units would be taken now' })
  available!: boolean;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    required: false,
    description: 'only where the store shows its numbers; null = unlimited',
  })
  left?: number | null;
}

export class AvailabilityDto {
  @ApiProperty({ type: [AvailabilityItemDto] })
  items!: AvailabilityItemDto[];
}
