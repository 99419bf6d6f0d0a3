/** Short names of products, for where a day has no room for their titles. Each is only one product's. */

const MOST_LETTERS = 3;

/** @returns by title; as short as tells them apart: `St`, or `CS` beside `CC` */
export function codesOf(titles: readonly string[]): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  const isFree = (code: string): boolean => ![...codes.values()].includes(code);
  for (const title of titles) {
    const found = FORMS.map((form) => form(title)).find((code, at) => {
      const isTheirs = titles.some((other) => other !== title && FORMS[at]?.(other) === code);
      return !isTheirs && isFree(code);
    });
    codes.set(title, found ?? numbered(title, isFree));
  }
  return codes;
}

const FORMS: readonly ((title: string) => string)[] = [
  (title) => lettersOf(title).slice(0, 2).join(''),
  (title) => lettersOf(title).slice(0, MOST_LETTERS).join(''),
  (title) =>
    wordsOf(title)
      .map((word) => [...word][0]?.toUpperCase())
      .slice(0, MOST_LETTERS)
      .join(''),
  (title) =>
    `${lettersOf(title)[0]}${lettersOf(wordsOf(title).at(-1) ?? '')
      .slice(0, 2)
      .join('')}`,
];

function wordsOf(title: string): string[] {
  return title.match(/[\p{L}\p{N}]+/gu) ?? [title];
}

/** Of the first word, which begins in upper case. */
function lettersOf(title: string): string[] {
  const [first = '', ...rest] = wordsOf(title)[0] ?? '';
  return [first.toUpperCase(), ...rest];
}

function numbered(title: string, isFree: (code: string) => boolean): string {
  const [letter = ''] = lettersOf(title);
  let number = 1;
  while (!isFree(`${letter}${number}`)) number++;
  return `${letter}${number}`;
}
