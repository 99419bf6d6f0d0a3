import { changedVariant, idFaults, oneMore, suggestedId, type VariantDraft } from './ids.js';

const none = new Set<string>();
const variant = (
  row: number,
  variantId: string,
  title = '',
  idIs: VariantDraft['idIs'] = 'suggested',
): VariantDraft => ({ row, variantId, title, idIs });

describe('an id suggested from a title', () => {
  it.each([
    ['Chocolate cake', 'chocolate-cake'],
    ['  Crème brûlée (6) ', 'creme-brulee-6'],
    ['Weißbrot 1,5 kg', 'weissbrot-1-5-kg'],
    ['Æbleskiver', 'aebleskiver'],
    ['ケーキ', 'ケーキ'],
    ['a/b', 'a-b'],
    ['!!!', ''],
    ['x'.repeat(200), 'x'.repeat(60)],
  ])('of %s is %s', (title, id) => {
    expect(suggestedId(title, none)).toBe(id);
  });

  it('is not one that is taken', () => {
    expect(suggestedId('Stollen', new Set(['stollen', 'stollen-2']))).toBe('stollen-3');
  });

  it('follows the variant’s title until it is typed by hand', () => {
    const before = oneMore([variant(4, 'small', 'Small', 'known')]);
    expect(changedVariant(before, 5, { title: 'Large' })[1]?.variantId).toBe('large');
    expect(changedVariant(before, 5, { title: 'Small' })[1]?.variantId).toBe('small-2');
    expect(changedVariant(before, 4, { title: 'Tiny' })[0]?.variantId).toBe('small');
  });
});

describe('ids that cannot be used', () => {
  it('are missing, or others’', () => {
    expect(idFaults('stollen', [variant(0, 's', 'Small'), variant(1, '', '')], none)).toBeUndefined();
    expect(idFaults('', [], none)?.product).toBe('missing');
    expect(idFaults('stollen', [], new Set(['stollen']))?.product).toBe('taken');
    const variants = [variant(0, 's', 'Small'), variant(1, '', 'Large'), variant(2, 's', 'Also')];
    expect([...(idFaults('stollen', variants, none)?.variants ?? [])]).toEqual([
      [1, 'missing'],
      [2, 'taken'],
    ]);
  });
});
