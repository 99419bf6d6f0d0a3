import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHash, fetchOnce, runTool } from './fetch-once.js';
import { StackError } from './stack-error.js';

describe('the cache of fetched programs', () => {
  let cache: string;

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'holdfast-cache-spec-'));
  });

  afterEach(() => rm(cache, { recursive: true, force: true }));

  it('keeps one whole copy when two fetch at once, and does not fetch again', async () => {
    let fills = 0;
    let bothAreIn = (): void => undefined;
    const meeting = new Promise<void>((resolve) => (bothAreIn = resolve));
    const fill = async (folder: string): Promise<void> => {
      fills += 1;
      if (fills === 2) bothAreIn();
      await meeting;
      await writeFile(join(folder, 'program'), 'whole');
    };
    const places = await Promise.all([fetchOnce(cache, 'it', fill), fetchOnce(cache, 'it', fill)]);
    expect(places).toEqual([join(cache, 'it'), join(cache, 'it')]);
    await fetchOnce(cache, 'it', fill);
    expect(fills).toBe(2);
    expect(await readdir(cache)).toEqual(['it']);
    expect(await readFile(join(cache, 'it', 'program'), 'utf8')).toBe('whole');
  });

  it('keeps nothing of what is not the pinned file', async () => {
    const fetched = fetchOnce(cache, 'it', async (folder) => {
      await writeFile(join(folder, 'program'), 'something else');
      await checkHash(join(folder, 'program'), '0'.repeat(64));
    });
    await expect(fetched).rejects.toThrow('is not the file that was pinned');
    expect(await readdir(cache)).toEqual([]);
  });

  it('tells a missing tool from one that fails', async () => {
    const missing = new StackError('there is no such tool', 'install it');
    await expect(runTool(['holdfast-no-such-tool'], cache, missing)).rejects.toBe(missing);
    await expect(runTool(['sh', '-c', 'echo why; exit 3'], cache, missing)).rejects.toThrow(
      /exit code 3.*it said\nwhy/s,
    );
  });
});
