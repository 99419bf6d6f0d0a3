import { ApiProperty } from '@nestjs/swagger';
import type { Inventory } from '@holdfast/core';
import { MAX_CHANGE_ROWS, MAX_TITLE, MAX_VARIANTS, type ProductChange } from '@holdfast/store';
import { CalendarProductDto, StockCellDto } from '../calendar/stock.dto.js';
import { ChoiceField, IdField, TextField } from '../conventions/fields.js';
import { ListField } from '../conventions/list-field.js';
import { WarningDto } from '../conventions/warning.dto.js';
import { ChangeReportDto } from '../stock/change-report.dto.js';
import { OwnCellDto, WhoAndWhyDto } from '../stock/changes.dto.js';

export class VariantDto {
  @IdField({ description: 'the variant', example: 'blue' })
  variantId!: string;

  @TextField({
    description: 'for people; null takes it away, absent leaves it',
    optional: true,
    nullable: true,
    max: MAX_TITLE,
  })
  title?: string | null;
}

export class ProductSettingsDto extends WhoAndWhyDto {
  @TextField({
    description: 'for people; null takes it away, absent leaves it',
    optional: true,
    nullable: true,
    max: MAX_TITLE,
    example: 'Stollen, 1 kg',
  })
  title?: string | null;

  @ChoiceField<Inventory>({
    description: 'whether the product is counted, and as a whole or by variant',
    of: ['off', 'product', 'variant'],
  })
  inventory!: Inventory;

  @ListField({
    description: 'the only variants that may be ordered; null takes the list away, absent leaves it',
    of: () => VariantDto,
    optional: true,
    nullable: true,
    max: MAX_VARIANTS,
  })
  variants?: VariantDto[] | null;

  @ListField({
    description:
      'numbers of what is counted from now on; the first 200 are set in the same moment as the settings',
    of: () => OwnCellDto,
    optional: true,
    min: 0,
    max: MAX_CHANGE_ROWS,
  })
  numbers?: OwnCellDto[];
}

export class ProductDto extends CalendarProductDto {
  @ApiProperty({
    type: [StockCellDto],
    description:
      'of a store without dates: the numbers that were set or ordered; of one with dates, see the calendar',
  })
  cells!: StockCellDto[];
}

export class ProductPageDto {
  @ApiProperty({ type: [ProductDto] })
  items!: ProductDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class ProductChangedDto {
  @ApiProperty({ type: ProductDto })
  product!: ProductDto;
  @ApiProperty({ type: [WarningDto] })
  warnings!: WarningDto[];
  @ApiProperty({ type: ChangeReportDto, nullable: true, description: 'null: no numbers were given' })
  stock!: ChangeReportDto | null;
}

export function productChangeOf({ inventory, title, variants }: ProductSettingsDto): ProductChange {
  const change: ProductChange = { inventory };
  if (title !== undefined) change.title = title;
  if (variants !== undefined) change.variants = variants && variants.map(({ variantId }) => variantId);
  const titled = (variants ?? []).flatMap(({ variantId, title: text }) =>
    text === undefined ? [] : [{ variantId, title: text }],
  );
  if (titled.length > 0) change.variantTitles = titled;
  return change;
}
