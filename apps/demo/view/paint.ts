/** Colours, or none. */

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  notable(text: string): string;
}

const plain = (text: string): string => text;

export const NO_PAINT: Paint = { bold: plain, dim: plain, good: plain, bad: plain, notable: plain };

const sgr = (code: number) => (text: string) => (text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`);

export const COLOURS: Paint = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), notable: sgr(33) };
