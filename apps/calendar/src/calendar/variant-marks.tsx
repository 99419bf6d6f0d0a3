import type { Balances } from '../api/types.js';
import { strings } from '../strings.js';
import { levelOf, type Glance } from './balance.js';
import type { Slot } from './slots.js';

interface VariantMarksProps {
  slots: readonly Slot[];
  each: readonly Balances[];
  glance: Glance;
}

/** Variants that are out, or unlimited, while others have a number left: `Small out`, `2 of 3 ∞`. */
export function VariantMarks({ slots, each, glance: { out, unlimited } }: VariantMarksProps) {
  const places = { slots, each };
  return (
    <>
      <Mark {...places} at={out} word={strings.variants.out} />
      <Mark {...places} at={unlimited} word={strings.variants.unlimited} />
    </>
  );
}

interface MarkProps extends Omit<VariantMarksProps, 'glance'> {
  at: readonly number[];
  word: string;
}

function Mark({ at, slots, each, word }: MarkProps) {
  const [first] = at;
  const balances = first === undefined ? undefined : each[first];
  if (first === undefined || !balances) return null;
  const name =
    at.length === 1
      ? (slots[first]?.variant ?? strings.noVariant)
      : strings.variants.some(at.length, slots.length);
  return (
    <span className={`line-variant level-${levelOf(balances)}`}>
      <span className="mark" />
      <span className="word-long line-variant-name">{name}</span>
      <span className="word-short">{at.length}</span> {word}
    </span>
  );
}
