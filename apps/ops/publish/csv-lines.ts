/** Lines of a CSV file of invoices, one after the other; gzipped or not. */

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse, type Info } from 'csv-parse';
import { UsageFault } from '../failures.js';

export interface CsvLine {
  /** of the file, from 1; the header is line 1 */
  line: number;
  invoice: string;
  product: string;
  quantity: string;
  date: string;
}

const COLUMNS = {
  invoice: 'InvoiceNo',
  product: 'StockCode',
  quantity: 'Quantity',
  date: 'InvoiceDate',
} as const;

/** @throws UsageFault when the file is not there, is no gzip or CSV, or lacks a column */
export async function* csvLines(file: string): AsyncGenerator<CsvLine> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => columnsOf(file, header),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  });
  // What goes wrong ends the parser too, so it is seen where the lines are read.
  const gzipped = await isGzip(file);
  const source = createReadStream(file);
  const flow = gzipped ? pipeline(source, createGunzip(), parser) : pipeline(source, parser);
  flow.catch(() => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: Info;
    }>) {
      yield {
        line: info.lines,
        invoice: record[COLUMNS.invoice] ?? '',
        product: record[COLUMNS.product] ?? '',
        quantity: record[COLUMNS.quantity] ?? '',
        date: record[COLUMNS.date] ?? '',
      };
    }
  } catch (error) {
    throw readable(file, error);
  }
}

function columnsOf(file: string, header: string[]): string[] {
  const missing = Object.values(COLUMNS).filter((name) => !header.includes(name));
  if (missing.length === 0) return header;
  const wanted = Object.values(COLUMNS).join(', ');
  throw new UsageFault(
    `--csv ${file}: its first line names no column ${missing.join(', ')}; the columns ${wanted} are needed`,
  );
}

async function isGzip(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readable(file, error);
  }
}

function readable(file: string, error: unknown): unknown {
  if (error instanceof UsageFault || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const known =
    error instanceof CsvError ||
    ['ENOENT', 'EACCES', 'EISDIR'].includes(code ?? '') ||
    /^Z_/.test(code ?? '');
  return known ? new UsageFault(`--csv ${file} cannot be read: ${error.message}`) : error;
}
