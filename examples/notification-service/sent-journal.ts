/**
 * Which notifications were mailed, in a file that survives restarts: a line for each, on the disk before the next
 * one is taken up. One process at a time; several need one table in a database that they share.
 */

import { open, readFile, rename, type FileHandle } from 'node:fs/promises';

/** Longer than the topic keeps a notification (7 days): what is older cannot come again. */
const KEPT_MS = 8 * 24 * 60 * 60 * 1000;

export class SentJournal {
  private constructor(
    private readonly file: FileHandle,
    private readonly ids: Set<string>,
  ) {}

  /** Makes the file where there is none, and takes out what is too old. */
  static async open(path: string, now = Date.now()): Promise<SentJournal> {
    const kept = (await linesOf(path)).filter(({ at }) => at > now - KEPT_MS);
    const fresh = await open(`${path}.new`, 'w');
    await fresh.writeFile(kept.map(lineOf).join(''));
    await fresh.sync();
    await fresh.close();
    await rename(`${path}.new`, path);
    return new SentJournal(await open(path, 'a'), new Set(kept.map(({ id }) => id)));
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Resolves when it is on the disk. */
  async add(id: string): Promise<void> {
    await this.file.appendFile(lineOf({ at: Date.now(), id }));
    await this.file.datasync();
    this.ids.add(id);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

interface Entry {
  /** epoch ms */
  at: number;
  id: string;
}

function lineOf(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}

async function linesOf(path: string): Promise<Entry[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // What stands behind the last line's end was being written when the process was killed: that add never resolved.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);
}
