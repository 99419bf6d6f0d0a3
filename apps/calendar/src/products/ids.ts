/** Ids suggested from titles. */

/** `Chocolate cake` becomes `chocolate-cake`. @param taken ids that others have; then `chocolate-cake-2` */
export function suggestedId(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/æ/gi, 'ae')
    .replace(/ø/gi, 'o')
    .replace(/ł/gi, 'l')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
    .replace(/-$/, '');
  if (plain === '' || !taken.has(plain)) return plain;
  let number = 2;
  while (taken.has(`${plain}-${number}`)) number++;
  return `${plain}-${number}`;
}

/** A variant as it is typed. */
export interface VariantDraft {
  /** stays the same while ids and places change */
  row: number;
  variantId: string;
  title: string;
  /** `suggested` follows the title; `known` was there before, and cannot be changed */
  idIs: 'suggested' | 'typed' | 'known';
}

export function oneMore(variants: readonly VariantDraft[]): VariantDraft[] {
  const row = Math.max(-1, ...variants.map((one) => one.row)) + 1;
  return [...variants, { row, variantId: '', title: '', idIs: 'suggested' }];
}

/** The list with one of its variants changed, whose id follows its title unless it was typed. */
export function changedVariant(
  variants: readonly VariantDraft[],
  row: number,
  changed: Partial<VariantDraft>,
): VariantDraft[] {
  const taken = new Set(variants.filter((one) => one.row !== row).map(({ variantId }) => variantId));
  return variants.map((variant) => {
    if (variant.row !== row) return variant;
    const after = { ...variant, ...changed };
    return after.idIs === 'suggested' ? { ...after, variantId: suggestedId(after.title, taken) } : after;
  });
}

export type IdFault = 'missing' | 'taken';

/** What is wrong with the ids of a product and of its variants; each by what it is of. */
export interface IdFaults {
  product?: IdFault;
  /** by row */
  variants: ReadonlyMap<number, IdFault>;
}

/** @param taken ids of other products @returns undefined when nothing is wrong */
export function idFaults(
  productId: string,
  variants: readonly VariantDraft[],
  taken: ReadonlySet<string>,
): IdFaults | undefined {
  const product = productId === '' ? 'missing' : taken.has(productId) ? 'taken' : undefined;
  const faulty = new Map<number, IdFault>();
  for (const { row, variantId, title } of variants) {
    if (variantId === '' && title.trim() !== '') faulty.set(row, 'missing');
    const first = variants.find((other) => other.variantId === variantId);
    if (variantId !== '' && first?.row !== row) faulty.set(row, 'taken');
  }
  if (product === undefined && faulty.size === 0) return undefined;
  return { ...(product !== undefined && { product }), variants: faulty };
}
