import { ApiProperty } from '@nestjs/swagger';
import { BALANCE_KINDS, type BalanceKind, type OrderBehind, type StockCell } from '@holdfast/store';
import { ChoiceField, DateField, IdField } from '../conventions/fields.js';
import { PageQuery, QueryDates, QueryIds, QueryIdsOrNone } from '../conventions/query-fields.js';
import { OrderSummaryDto } from '../orders/order.dto.js';

export class StockQuery extends PageQuery {
  @QueryIds({ description: 'of these products', optional: true })
  productId?: string[];

  @QueryIdsOrNone({ description: "of these variants; - is the product's own number", optional: true })
  variantId?: string[];

  @QueryDates({ description: 'of these dates', optional: true })
  date?: string[];
}

export class StockOrdersQuery extends PageQuery {
  @IdField({ description: 'the product' })
  productId!: string;

  @IdField({ description: 'the variant, where the number is of one', optional: true })
  variantId?: string;

  @DateField({ description: 'the date, where the number is of one', optional: true })
  date?: string;

  @ChoiceField({ description: 'which number', of: BALANCE_KINDS })
  kind!: BalanceKind;
}

export class CalendarQuery {
  @DateField({ description: 'the first day' })
  from!: string;

  @DateField({ description: 'the last day; at most 400 days' })
  to!: string;

  @QueryIds({ description: 'of these products; all unless given', optional: true })
  productId?: string[];
}

export class BalancesDto {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'what can still be ordered; null = unlimited',
  })
  free!: number | null;
  @ApiProperty({ type: 'integer', description: 'waits for payment' })
  held!: number;
  @ApiProperty({ type: 'integer' })
  sold!: number;
  @ApiProperty({ type: 'integer', description: 'refunded and not put back' })
  refunded!: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'all of them; null = unlimited' })
  total!: number | null;
  @ApiProperty({ type: 'integer', description: "the merchant's changes so far: `expected` of the next" })
  version!: number;
}

export class StockCellDto extends BalancesDto implements StockCell {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  date!: string | null;
  @ApiProperty({ example: 'bakery/stollen/-/2026-12-24' })
  stockKey!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'when its soonest hold falls due',
  })
  nextReleaseAt!: string | null;
}

export class StockPageDto {
  @ApiProperty({ type: [StockCellDto] })
  items!: StockCellDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class OrderBehindDto extends OrderSummaryDto implements OrderBehind {
  @ApiProperty({ type: 'integer', description: 'what the order has of the number' })
  units!: number;
}

export class OrdersBehindDto {
  @ApiProperty({ type: [OrderBehindDto] })
  items!: OrderBehindDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class CalendarVariantDto {
  @ApiProperty()
  variantId!: string;
  @ApiProperty({ type: String, nullable: true })
  title!: string | null;
}

export class CalendarProductDto {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  title!: string | null;
  @ApiProperty({ enum: ['off', 'product', 'variant'] })
  inventory!: 'off' | 'product' | 'variant';
  @ApiProperty({ type: [CalendarVariantDto], nullable: true, description: 'null: any' })
  variants!: CalendarVariantDto[] | null;
}

export class CalendarDto {
  @ApiProperty({ format: 'date' })
  from!: string;
  @ApiProperty({ format: 'date' })
  to!: string;
  @ApiProperty({ format: 'date', description: "the date that it is now in the store's zone" })
  today!: string;
  @ApiProperty({ type: [CalendarProductDto] })
  products!: CalendarProductDto[];
  @ApiProperty({
    type: [StockCellDto],
    description: 'those that exist; a tracked product without one is blank, so unlimited, and at version 0',
  })
  cells!: StockCellDto[];
}
