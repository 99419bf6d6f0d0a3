/** What the form of a product holds, the keys that it makes anew, and what saves it. */

import { useState } from 'react';
import { products } from '../api/holdfast.js';
import { problemText, type ProblemText } from '../api/problem-text.js';
import { useSendOnce } from '../api/sent-once.js';
import type { Inventory, Product, Variant } from '../api/types.js';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import { useShop } from '../ui/shop.js';
import { idFaults, suggestedId, type IdFaults, type VariantDraft } from './ids.js';
import { newVariants, type NewKey } from './new-keys.js';
import { useNumbers } from './numbers-step.js';
import { warningTexts } from './warning-texts.js';

export interface ProductFormOptions {
  /** undefined: a new one */
  product: Product | undefined;
  /** ids that a new one cannot have */
  taken: ReadonlySet<string>;
  saved: () => void;
}

export function useProductForm({ product, taken, saved }: ProductFormOptions) {
  const { store } = useShop();
  const notices = useNotices();
  const [title, setTitle] = useState(product?.title ?? '');
  const [ownId, setOwnId] = useState(product?.productId);
  const [inventory, setInventory] = useState<Inventory>(product?.inventory ?? 'product');
  const [variants, setVariants] = useState<VariantDraft[]>(() => draftsOf(product));
  const [faults, setFaults] = useState<IdFaults>();
  const [problem, setProblem] = useState<ProblemText>();
  const [isBusy, setBusy] = useState(false);
  const numbers = useNumbers(store.today);
  const sendOnce = useSendOnce();
  const productId = (ownId ?? suggestedId(title, taken)).trim();
  const listed = inventory === 'variant' ? variants.filter(({ variantId }) => variantId !== '') : [];
  const wanted = { inventory, variants: listed.length > 0 ? listed.map(variantOf) : null };
  const name = title.trim() || productId || strings.products.unnamed;
  const keys = newVariants(product, wanted).map((variantId) => keyOf({ productId, name }, variantId, listed));

  async function save(): Promise<void> {
    if (isBusy) return;
    const found = idFaults(productId, inventory === 'variant' ? variants : [], product ? new Set() : taken);
    setFaults(found);
    setProblem(undefined);
    if (found) return;
    const asked = numbers.cells(keys, store.fulfillmentDates);
    if ('fault' in asked) return;
    setBusy(true);
    try {
      const change = {
        inventory,
        title: title.trim() === '' ? null : title.trim(),
        ...(inventory === 'variant' && { variants: wanted.variants }),
        ...(asked.cells.length > 0 && { numbers: asked.cells }),
      };
      const answer = await sendOnce([productId, change], (id) =>
        products.put(store.storeId, productId, change, id),
      );
      notices.show({
        text: strings.products.saved(name),
        lines: warningTexts(answer.warnings, [answer.product], store.fulfillmentDates),
      });
      saved();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  /** What is changed is not faulty until the next try. */
  const anew =
    <T>(set: (value: T) => void) =>
    (value: T): void => {
      setFaults(undefined);
      set(value);
    };
  return {
    fields: { productId: ownId ?? productId, title, inventory, variants },
    set: {
      title: anew(setTitle),
      productId: anew(setOwnId),
      inventory: anew(setInventory),
      variants: anew(setVariants),
    },
    faults,
    keys,
    numbers,
    isDated: store.fulfillmentDates,
    problem,
    isBusy,
    save,
  };
}

function keyOf(
  { productId, name }: { productId: string; name: string },
  variantId: string | null,
  listed: readonly VariantDraft[],
): NewKey {
  const draft = listed.find((one) => one.variantId === variantId);
  // By its row, so that a number stays with its variant while the id is typed.
  return {
    id: String(draft?.row ?? '-'),
    productId,
    variantId,
    label: draft?.title || (variantId ?? name),
  };
}

function draftsOf(product: Product | undefined): VariantDraft[] {
  return (product?.variants ?? []).map(({ variantId, title }, row) => ({
    row,
    variantId,
    title: title ?? '',
    idIs: 'known',
  }));
}

function variantOf({ variantId, title }: VariantDraft): Variant {
  return { variantId, title: title.trim() === '' ? null : title.trim() };
}
