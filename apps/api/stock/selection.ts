/** From what is selected to single cells. Pure. Days are days of the calendar: no clock and no zone comes into it. */

import { DateTime } from 'luxon';
import type { MerchantChange } from '@holdfast/core';
import {
  InputFault,
  MAX_CHANGE_ROWS,
  type ChangeRow,
  type InputProblem,
  type ProductDoc,
} from '@holdfast/store';
import type { CellDto, NumberDto, SelectedDatesDto, SelectionDto } from './changes.dto.js';

/** Days of one range. */
const MAX_DAYS = 3_700;

type Counting = Pick<ProductDoc, 'inventory' | 'variants'>;

/** @throws InputFault naming each cell that says nothing, or two things */
export function rowsOfCells(cells: readonly CellDto[], field = 'cells'): ChangeRow[] {
  const problems: InputProblem[] = [];
  const rows = cells.map((cell, at): ChangeRow => {
    const { productId, variantId, date, expected } = cell;
    const change = changeOf(cell, `${field}[${at}]`, problems);
    return {
      productId,
      change,
      ...(variantId != null && { variantId }),
      ...(date != null && { date }),
      ...(expected !== undefined && { expected }),
    };
  });
  if (problems.length > 0) throw new InputFault(problems);
  return rows;
}

/**
 * @param countingOf how a product is counted: one by variant, of which none is named, stands for all that it lists
 * @throws InputFault when the days are none, or the cells too many
 */
export function rowsOfSelection(
  selection: SelectionDto,
  countingOf: (productId: string) => Counting | undefined,
): ChangeRow[] {
  const problems: InputProblem[] = [];
  const change = changeOf(selection, 'selection', problems);
  const days = daysOf(selection.dates, problems);
  const keys = selection.products.flatMap(({ productId, variantIds }) => {
    const product = countingOf(productId);
    const listed = product?.inventory === 'variant' ? product.variants : undefined;
    const variants: (string | undefined)[] = [...new Set(variantIds ?? listed ?? [undefined])];
    return variants.map((variantId) => ({ productId, ...(variantId !== undefined && { variantId }) }));
  });
  const cells = keys.length * (days ? days.length : 1);
  if (cells > MAX_CHANGE_ROWS) {
    const problem = `is of ${cells} cells`;
    const remedy = `select at most ${MAX_CHANGE_ROWS}, in several changes if need be`;
    problems.push({ field: 'selection', problem, remedy });
  }
  if (problems.length > 0) throw new InputFault(problems);
  if (!days) return keys.map((key) => ({ ...key, change }));
  return keys.flatMap((key) => days.map((date) => ({ ...key, date, change })));
}

function changeOf({ quantity, adjust }: NumberDto, field: string, problems: InputProblem[]): MerchantChange {
  if ((quantity === undefined) === (adjust === undefined)) {
    const problem = quantity === undefined ? 'says no number' : 'says two numbers';
    problems.push({ field, problem, remedy: 'give either quantity (null = unlimited) or adjust' });
  }
  return adjust === undefined ? { type: 'set', quantity: quantity ?? null } : { type: 'adjust', by: adjust };
}

/** Every day once, in order; undefined when no days are selected at all. */
function daysOf(dates: SelectedDatesDto | undefined, problems: InputProblem[]): string[] | undefined {
  if (!dates) return undefined;
  const { list = [], from, to, weekdays } = dates;
  const all = new Set(list);
  for (const day of rangeOf(from, to, problems)) all.add(day);
  const days = [...all].filter((day) => !weekdays || weekdays.includes(weekdayOf(day))).sort();
  if (days.length === 0 && problems.length === 0) {
    const empty = all.size === 0;
    problems.push({
      field: empty ? 'selection.dates' : 'selection.dates.weekdays',
      problem: empty ? 'has no day' : 'leaves none of the days',
      remedy: empty ? 'give a list, or from and to' : 'choose weekdays that are among the days',
    });
  }
  return days;
}

function rangeOf(from: string | undefined, to: string | undefined, problems: InputProblem[]): string[] {
  if (from === undefined && to === undefined) return [];
  if (from === undefined || to === undefined) {
    const field = `selection.dates.${from === undefined ? 'from' : 'to'}`;
    problems.push({ field, problem: 'is missing', remedy: 'give both from and to' });
    return [];
  }
  const last = dayOf(to);
  const length = last.diff(dayOf(from), 'days').days + 1;
  if (length < 1) {
    problems.push({
      field: 'selection.dates.to',
      problem: `is before ${from}`,
      remedy: 'use the same day or a later one',
    });
    return [];
  }
  if (length > MAX_DAYS) {
    const problem = `is ${length} days from the first`;
    problems.push({ field: 'selection.dates.to', problem, remedy: `use at most ${MAX_DAYS} days` });
    return [];
  }
  return Array.from({ length }, (_, at) => dayOf(from).plus({ days: at }).toISODate() as string);
}

function weekdayOf(day: string): number {
  return dayOf(day).weekday;
}

/** In UTC, where every day has 24 hours. */
function dayOf(day: string): DateTime {
  return DateTime.fromISO(day, { zone: 'UTC' });
}
