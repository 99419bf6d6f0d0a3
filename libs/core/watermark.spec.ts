import { watermarkOf, type Backlog } from './index.js';

const NOW = 10_000;

describe('watermarkOf', () => {
  it.each<[what: string, backlogs: Backlog[], watermark: number]>([
    ['the time of looking, where everything is applied', [{ end: 3, next: 3, appliedAt: 1_000 }], NOW],
    ['the same where nothing was ever sent', [{ end: 0 }], NOW],
    ['the last record applied, where some wait', [{ end: 5, next: 3, appliedAt: 1_000 }], 1_000],
    ['nothing at all, where none was ever applied', [{ end: 5 }], 0],
    [
      'the last record applied, where the topic was made anew',
      [{ end: 3, next: 500, appliedAt: 1_000 }],
      1_000,
    ],
    [
      'the least of all',
      [
        { end: 1, next: 1 },
        { end: 5, next: 3, appliedAt: 2_000 },
      ],
      2_000,
    ],
  ])('is %s', (_, backlogs, watermark) => {
    expect(watermarkOf(backlogs, NOW)).toBe(watermark);
  });
});
