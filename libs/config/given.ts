/** A setting's text, from the environment or from the file that the environment names. */

import { readFileSync } from 'node:fs';
import type { Setting } from './setting.js';

/** The process's environment, as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret may be given by file: under its name with this added. */
export const FILE_SUFFIX = '_FILE';

/** A setting's name and what is wrong with it, never its value. */
export class Mistake extends Error {
  override name = 'Mistake';
}

type Named = Pick<Setting<unknown>, 'name' | 'isSecret'>;

/** @returns undefined when it is not set. @throws Mistake */
export function givenText({ name, isSecret }: Named, environment: Environment): string | undefined {
  const own = ownText(name, environment);
  const fileName = name + FILE_SUFFIX;
  const file = isSecret ? ownText(fileName, environment) : undefined;
  if (file === undefined) return own;
  if (own !== undefined) throw new Mistake(`${name} and ${fileName} are both set: keep one of the two`);
  // The end of the line is the editor's, not the secret's.
  const content = fileText(fileName, file).replace(/\r?\n$/, '');
  if (content === '') throw new Mistake(`${fileName} names a file that is empty`);
  return content;
}

/** Whether it is set, by itself or by file. */
export function isGiven({ name, isSecret }: Named, environment: Environment): boolean {
  const names = isSecret ? [name, name + FILE_SUFFIX] : [name];
  return names.some((one) => ownText(one, environment) !== undefined);
}

function ownText(name: string, environment: Environment): string | undefined {
  const given = environment[name]?.trim();
  return given === '' ? undefined : given;
}

const WHY: Record<string, string> = {
  ENOENT: 'names a file that is not there',
  EACCES: 'names a file that this user may not read',
  EISDIR: 'names a folder, not a file',
};

/** @param name of the setting that names the file. @throws Mistake */
export function fileText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'for a reason unknown';
    throw new Mistake(`${name} ${WHY[code] ?? `names a file that cannot be read (${code})`}`);
  }
}
