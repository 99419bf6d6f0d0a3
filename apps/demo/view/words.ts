/** How numbers and pictures of numbers are written. */

/** `12,345` */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

/** `not limited` for blank stock */
export function unitsLeft(free: number | null): string {
  return free === null ? 'no limit' : count(free);
}

const BARS = '▁▂▃▄▅▆▇█';

/** The last numbers as bars, the highest of all of them full. */
export function sparkline(numbers: readonly number[], width: number): string {
  const shown = numbers.slice(-width);
  const highest = Math.max(1, ...numbers);
  return shown
    .map((number) => BARS[Math.min(BARS.length - 1, Math.floor((number / highest) * BARS.length))])
    .join('');
}

/** A bar of so many columns, filled by the share. @param share from 0 to 1 */
export function progressBar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Where the units of a key are: sold, held, refunded, left; as many columns as `width`. */
export function stockBar(
  { free, held, sold, refunded }: { free: number | null; held: number; sold: number; refunded: number },
  width: number,
): string {
  if (free === null) return '';
  const all = free + held + sold + refunded;
  if (all <= 0) return '';
  const upTo = (units: number): number => Math.round((units / all) * width);
  const marks: [string, number][] = [
    ['█', upTo(sold)],
    ['▒', upTo(sold + held)],
    ['x', upTo(sold + held + refunded)],
    ['·', width],
  ];
  let bar = '';
  for (const [mark, end] of marks) bar += mark.repeat(Math.max(0, end - bar.length));
  return bar;
}

/** `name 3  other 1,204`, the most frequent first. */
export function tallyText(counts: Readonly<Record<string, number>>, between = '   '): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, number]) => `${name} ${count(number)}`)
    .join(between);
}

/** `1 order`, `2 orders` */
export function some(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** The text in lines of at most so many columns, cut between words. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?! )/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = word.trimStart();
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
