import { ApiProperty } from '@nestjs/swagger';
import {
  COMPLETED_STATES,
  type CompletedState,
  type GoodsLine,
  type OrderSummary,
  type RefundLine,
  type WaitingRefund,
} from '@holdfast/store';
import type { OrderState } from '@holdfast/core';
import { PageQuery, QueryList, QueryWhole } from '../conventions/query-fields.js';

const STATES = ['unseen', 'held', ...COMPLETED_STATES];

export class OrdersQuery extends PageQuery {
  @QueryList({
    description: 'in these states; all of them unless given',
    optional: true,
    test: (item) => COMPLETED_STATES.some((state) => state === item),
    kind: 'a state of a complete order',
    remedy: `use ${COMPLETED_STATES.join(', ')}`,
    max: COMPLETED_STATES.length,
  })
  state?: CompletedState[];
}

export const MAX_WAIT_SECONDS = 25;

export class OrderQuery {
  @QueryWhole({
    description: 'seconds to wait until the order is decided',
    optional: true,
    min: 0,
    max: MAX_WAIT_SECONDS,
  })
  wait?: number;
}

export class GoodsLineDto implements GoodsLine {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  fulfillmentDate!: string | null;
  @ApiProperty({ type: 'integer' })
  quantity!: number;
}

export class OrderSummaryDto implements OrderSummary {
  @ApiProperty()
  orderId!: string;
  @ApiProperty({ type: String, nullable: true })
  customerId!: string | null;
  @ApiProperty({ enum: STATES })
  state!: OrderState;
  @ApiProperty({ type: 'integer', description: 'transitions so far' })
  version!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  placedAt!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'while held: when it falls due',
  })
  expiresAt!: string | null;
  @ApiProperty({ type: [GoodsLineDto] })
  lines!: GoodsLineDto[];
}

export class OrderPageDto {
  @ApiProperty({ type: [OrderSummaryDto] })
  items!: OrderSummaryDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class CauseDto {
  @ApiProperty({ description: 'topic of the event, or `timer`, `api`, `ops`' })
  topic!: string;
  @ApiProperty()
  eventId!: string;
}

export class ClaimDto {
  @ApiProperty()
  stockKey!: string;
  @ApiProperty({ type: 'integer' })
  held!: number;
  @ApiProperty({ type: 'integer' })
  sold!: number;
  @ApiProperty({ type: 'integer', description: 'refunded, and waiting to be put back' })
  refunded!: number;
  @ApiProperty({ type: 'integer', description: 'refunded, and settled by the merchant since' })
  settled!: number;
}

export class TransitionDto {
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty({ enum: STATES, description: 'before' })
  from!: OrderState;
  @ApiProperty({ enum: STATES, description: 'after' })
  state!: OrderState;
  @ApiProperty({ type: [String] })
  outcomes!: string[];
  @ApiProperty({ type: CauseDto })
  cause!: CauseDto;
}

export class FactDto {
  @ApiProperty({ description: 'placed, paid, rejected, refunded, restocked, expired or extended' })
  fact!: string;
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty({ type: CauseDto })
  cause!: CauseDto;
  @ApiProperty({ required: false })
  paymentId?: string;
  @ApiProperty({ required: false })
  refundId?: string;
  @ApiProperty({ required: false })
  restockId?: string;
  @ApiProperty({ required: false })
  reason?: string;
  @ApiProperty({ required: false, description: 'of a refund: its units went back at once' })
  restock?: boolean;
  @ApiProperty({ required: false, type: [GoodsLineDto], description: 'absent: the whole order' })
  lines?: GoodsLineDto[];
  @ApiProperty({ required: false, format: 'date-time' })
  expiresAt?: string;
}

export class ShortageDto {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  fulfillmentDate!: string | null;
  @ApiProperty({ type: 'integer' })
  wanted!: number;
  @ApiProperty({ type: 'integer' })
  free!: number;
}

export class OrderDto extends OrderSummaryDto {
  @ApiProperty({ type: String, nullable: true, description: 'why it was refused' })
  reason!: string | null;
  @ApiProperty({ type: [ShortageDto], description: 'what there was too little of when it was refused' })
  shortages!: ShortageDto[];
  @ApiProperty({ type: [ClaimDto], description: 'what it takes of each number now' })
  claims!: ClaimDto[];
  @ApiProperty({ type: [TransitionDto] })
  transitions!: TransitionDto[];
  @ApiProperty({ type: [FactDto], description: 'what is known of it, in the order it came' })
  facts!: FactDto[];
}

export class RefundLineDto implements RefundLine {
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  fulfillmentDate!: string | null;
  @ApiProperty({ type: 'integer', description: 'refunded and not put back' })
  units!: number;
  @ApiProperty({ description: "the day is over in the store's zone" })
  pastDate!: boolean;
  @ApiProperty({ type: 'integer', description: 'of those, what can be put back' })
  restockable!: number;
}

export class WaitingRefundDto implements WaitingRefund {
  @ApiProperty()
  orderId!: string;
  @ApiProperty({ type: String, nullable: true })
  customerId!: string | null;
  @ApiProperty({ format: 'date-time' })
  placedAt!: string;
  @ApiProperty({ type: [RefundLineDto] })
  lines!: RefundLineDto[];
}

export class RefundPageDto {
  @ApiProperty({ type: [WaitingRefundDto] })
  items!: WaitingRefundDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}
