import { ApiProperty } from '@nestjs/swagger';
import type { UnlimitedWarning } from '@holdfast/store';

/** Something that is counted from now on and has no number yet, so is unlimited. */
export class WarningDto {
  @ApiProperty({ enum: ['unlimited'] })
  code!: 'unlimited';
  @ApiProperty()
  productId!: string;
  @ApiProperty({ type: String, nullable: true })
  variantId!: string | null;
  @ApiProperty({
    description: 'the key, or its pattern with YYYY-MM-DD for every date, VARIANT for every variant',
  })
  stockKey!: string;
  @ApiProperty({ description: 'for people: what it means and what to do' })
  message!: string;
}

export function warningDto(warning: UnlimitedWarning): WarningDto {
  const { code, productId, variantId, stockKey, message } = warning;
  return { code, productId, variantId: variantId ?? null, stockKey, message };
}
