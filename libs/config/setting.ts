/** What a setting is, and how its text is read. */

/** Reads a setting's text; throws a `RangeError` that says what is allowed, never the value itself. */
export type Read<T> = (text: string) => T;

export interface Setting<T> {
  name: string;
  means: string;
  /** as text; undefined = required */
  default?: string;
  read: Read<T>;
  /** may be given by `<name>_FILE` too: the path of a file that holds it */
  isSecret?: boolean;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<T extends Settings> = { -readonly [K in keyof T]: ReturnType<T[K]['read']> };

export function setting<T>(name: string, read: Read<T>, means: string, fallback?: string): Setting<T> {
  return fallback === undefined ? { name, read, means } : { name, read, means, default: fallback };
}

export const text: Read<string> = (value) => value;

export const list: Read<string[]> = (value) => {
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new RangeError('must be a list with commas, without empty items');
  return items;
};

export function integer(least: number, most: number): Read<number> {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new RangeError(`must be a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

export function oneOf<T extends string>(choices: readonly T[]): Read<T> {
  return (value) => {
    if (!choices.includes(value as T)) throw new RangeError(`must be one of ${choices.join(', ')}`);
    return value as T;
  };
}

export const flag: Read<boolean> = (value) => oneOf(['on', 'off'])(value) === 'on';
