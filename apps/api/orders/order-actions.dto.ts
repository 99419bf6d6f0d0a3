import { ApiProperty } from '@nestjs/swagger';
import { MAX_LINE_QUANTITY, MAX_LINES } from '@holdfast/contracts';
import type { StockDelta } from '@holdfast/core';
import { DateField, IdField, TextField, WholeField } from '../conventions/fields.js';
import { ListField } from '../conventions/list-field.js';
import { WhoAndWhyDto } from '../stock/changes.dto.js';

export class RejectDto {
  @TextField({
    description: 'why, for the customer to read',
    optional: true,
    max: 1_000,
    example: 'We are closed on that day.',
  })
  reason?: string;
}

export class RejectedDto {
  @ApiProperty({ description: 'of the OrderRejected that is published' })
  eventId!: string;
}

export class RestockLineDto {
  @IdField({ description: 'the product' })
  productId!: string;

  @IdField({ description: 'the variant, as in the order', optional: true, nullable: true, example: 'blue' })
  variantId?: string | null;

  @DateField({ description: 'the date, as in the order', optional: true, nullable: true })
  fulfillmentDate?: string | null;

  @WholeField({ description: 'units to put back', min: 1, max: MAX_LINE_QUANTITY, example: 1 })
  quantity!: number;
}

export class RestockDto extends WhoAndWhyDto {
  @ListField({
    description: 'what to put back; all that waits unless given',
    of: () => RestockLineDto,
    optional: true,
    max: MAX_LINES,
  })
  lines?: RestockLineDto[];
}

export class DeltaDto implements StockDelta {
  @ApiProperty()
  stockKey!: string;
  @ApiProperty({ type: 'integer', description: '0 where the number is unlimited' })
  free!: number;
  @ApiProperty({ type: 'integer' })
  held!: number;
  @ApiProperty({ type: 'integer' })
  sold!: number;
  @ApiProperty({ type: 'integer' })
  refunded!: number;
}

export class PastDateDto {
  @ApiProperty({ enum: ['past-date'] })
  code!: 'past-date';
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({ format: 'date' })
  date!: string;
  @ApiProperty()
  message!: string;
}

export class RestockedDto {
  @ApiProperty({ description: 'made before under the same change id: nothing was done now' })
  repeated!: boolean;
  @ApiProperty({ type: [DeltaDto] })
  deltas!: DeltaDto[];
  @ApiProperty({ type: 'integer', description: "the order's version after it" })
  version!: number;
  @ApiProperty({ type: [PastDateDto] })
  warnings!: PastDateDto[];
}
