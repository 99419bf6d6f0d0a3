/** Changes of stock as they are asked for. */

import { isDate, isId } from '@holdfast/contracts';
import { MAX_QUANTITY } from '@holdfast/core';
import { MAX_ACTOR, MAX_CHANGE_ROWS, MAX_REASON, MAX_VARIANTS } from '@holdfast/store';
import { DateField, Field, FlagField, IdField, shown, TextField, WholeField } from '../conventions/fields.js';
import { ItemsField, ListField, ObjectField } from '../conventions/list-field.js';

/** Why and under which id. */
export class WhyDto {
  @IdField({
    description: 'names this change: made again under it, it is not made twice; made up unless given',
    optional: true,
    example: 'advent-1',
  })
  changeId?: string;

  @TextField({ description: 'why, kept with the change', optional: true, max: MAX_REASON })
  reason?: string;
}

export class WhoAndWhyDto extends WhyDto {
  @TextField({
    description: "who does it, kept with the change; the key's name unless given",
    optional: true,
    max: MAX_ACTOR,
  })
  actor?: string;
}

/** One of the two says what happens to a number. */
export class NumberDto {
  @WholeField({
    description: 'what can be ordered from now on: null = unlimited, 0 = unavailable',
    optional: true,
    nullable: true,
    min: 0,
    max: MAX_QUANTITY,
    example: 40,
  })
  quantity?: number | null;

  @Field(
    { description: 'adds to what can be ordered, or takes away from it', optional: true, example: -2 },
    {
      type: 'integer',
      minimum: -MAX_QUANTITY,
      maximum: MAX_QUANTITY,
    },
    {
      name: 'adjustment',
      test: (value) => Number.isInteger(value) && value !== 0 && Math.abs(value as number) <= MAX_QUANTITY,
      problem: (value) => `${shown(value)} is not a number to add`,
      remedy: 'use a whole number such as 5 or -5',
    },
  )
  adjust?: number;
}

/** A number of a product that is known from elsewhere. */
export class ProductNumberDto extends NumberDto {
  @IdField({
    description: 'the variant; of products that are counted by variant',
    optional: true,
    nullable: true,
    example: 'blue',
  })
  variantId?: string | null;

  @DateField({
    description: "the date in the store's zone; of stores that keep stock by date",
    optional: true,
    nullable: true,
  })
  date?: string | null;

  @WholeField({
    description: "the cell's version when it was shown: refused as `stale` when it was changed since",
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    example: 3,
  })
  expected?: number;
}

export class CellDto extends ProductNumberDto {
  @IdField({ description: 'the product' })
  productId!: string;
}

export class OwnCellDto extends ProductNumberDto {
  @IdField({ description: 'may be left out: the product of the path', optional: true })
  productId?: string;
}

export class SelectedProductDto {
  @IdField({ description: 'the product' })
  productId!: string;

  @ItemsField({
    description: 'these variants; all that are listed unless given, where the product is counted by variant',
    optional: true,
    test: (item) => typeof item === 'string' && isId(item),
    api: { type: String },
    kind: 'an id',
    remedy: 'use ids of 1 to 128 bytes without "/"',
    max: MAX_VARIANTS,
  })
  variantIds?: string[];
}

export class SelectedDatesDto {
  @ItemsField({
    description: 'single days',
    optional: true,
    test: (item) => typeof item === 'string' && isDate(item),
    api: { type: String, format: 'date' },
    kind: 'a date',
    remedy: 'use days that exist, as YYYY-MM-DD',
    max: MAX_CHANGE_ROWS,
  })
  list?: string[];

  @DateField({ description: 'every day from this one …', optional: true, example: '2026-12-01' })
  from?: string;

  @DateField({ description: '… to this one, both included', optional: true, example: '2026-12-31' })
  to?: string;

  @ItemsField({
    description: 'of all these days, only those of these weekdays: 1 = Monday to 7 = Sunday',
    optional: true,
    test: (item) => Number.isInteger(item) && (item as number) >= 1 && (item as number) <= 7,
    api: { type: 'integer', minimum: 1, maximum: 7 },
    kind: 'a weekday',
    remedy: 'use 1 for Monday to 7 for Sunday',
    max: 7,
  })
  weekdays?: number[];
}

export class SelectionDto extends NumberDto {
  @ListField({ description: 'the products', of: () => SelectedProductDto, max: MAX_CHANGE_ROWS })
  products!: SelectedProductDto[];

  @ObjectField({
    description: 'the days; of stores that keep stock by date',
    of: () => SelectedDatesDto,
    optional: true,
  })
  dates?: SelectedDatesDto;
}

export class StockChangeDto extends WhoAndWhyDto {
  @FlagField({ description: 'true: says what would happen and changes nothing', optional: true })
  dryRun?: boolean;

  @ListField({
    description: 'single cells, each with its own number',
    of: () => CellDto,
    optional: true,
    max: MAX_CHANGE_ROWS,
  })
  cells?: CellDto[];

  @ObjectField({
    description: 'instead of cells: the same for products × variants × days',
    of: () => SelectionDto,
    optional: true,
  })
  selection?: SelectionDto;
}
