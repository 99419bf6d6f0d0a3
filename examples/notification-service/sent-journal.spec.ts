import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SentJournal } from './sent-journal.js';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a journal knows of these ids when it is opened. */
async function known(path: string, ids: string[], now?: number): Promise<string[]> {
  const journal = await SentJournal.open(path, now);
  await journal.close();
  return ids.filter((id) => journal.has(id));
}

describe('SentJournal', () => {
  it('knows after a restart what was mailed before it', async () => {
    const path = join(folder, 'restart');
    const journal = await SentJournal.open(path);
    await journal.add('s/o/1/order-refused');
    expect([journal.has('s/o/1/order-refused'), journal.has('s/o/2/order-refused')]).toEqual([true, false]);
    await journal.close();
    expect(await known(path, ['s/o/1/order-refused', 's/o/2/order-refused'])).toEqual([
      's/o/1/order-refused',
    ]);
  });

  it('does not know what was only half written when it was killed, and goes on behind it', async () => {
    const path = join(folder, 'killed');
    const journal = await SentJournal.open(path);
    await journal.add('whole');
    await journal.close();
    appendFileSync(path, '{"at":17');
    const next = await SentJournal.open(path);
    await next.add('after');
    await next.close();
    expect(await known(path, ['whole', 'half', 'after'])).toEqual(['whole', 'after']);
  });

  it('keeps an id for longer than the topic keeps the notification, and not for good', async () => {
    const path = join(folder, 'old');
    const journal = await SentJournal.open(path);
    await journal.add('id');
    await journal.close();
    expect(await known(path, ['id'], Date.now() + 7 * DAY_MS)).toEqual(['id']);
    expect(await known(path, ['id'], Date.now() + 9 * DAY_MS)).toEqual([]);
  });
});
