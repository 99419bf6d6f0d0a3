import { strings } from '../strings.js';
import { Problem } from './client.js';
import { problemText } from './problem-text.js';

describe('what people read of a problem', () => {
  it('is what the API says, with the remedy of each field', () => {
    const { title, lines } = problemText(
      new Problem(400, {
        detail: 'One field cannot be used.',
        errors: [{ field: 'holdMinutes', problem: 'is 0', remedy: 'use 1 to 10080' }],
      }),
    );
    expect(title).toBe('One field cannot be used.');
    expect(lines).toEqual([strings.problems.line('holdMinutes', 'is 0', 'use 1 to 10080')]);
    expect(lines[0]).toContain('use 1 to 10080');
  });

  it('says to look at the connection when no answer came', () => {
    expect(problemText(new Problem(0, {})).title).toBe(strings.problems.unreachable);
  });

  it('claims neither that it was done nor that it was not when no answer came to a change', () => {
    expect(problemText(new Problem(0, {}, true)).title).toBe(strings.problems.unanswered);
  });

  it('names the request when the fault is ours', () => {
    expect(problemText(new Problem(500, { detail: 'x', requestId: 'r-1' })).title).toContain('r-1');
  });

  it('names the numbers for which a change could not be undone', () => {
    const place = { productId: 'p', variantId: null, date: null, before: null, after: null };
    const cells = Array.from({ length: 20 }, (_, at) => ({
      ...place,
      result: 'refused' as const,
      message: `cell ${at}`,
    }));
    const report = { changeId: 'c', dryRun: false, changed: 0, repeated: 0, refused: 20, cells };
    const { lines } = problemText(new Problem(409, { detail: 'No.', report }));
    expect(lines).toHaveLength(9);
    expect(lines[0]).toBe('cell 0');
    expect(lines.at(-1)).toBe(strings.problems.more(12));
  });
});
