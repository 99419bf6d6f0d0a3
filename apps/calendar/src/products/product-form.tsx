/** Title, inventory toggle and variants of one product, with the numbers that a change makes necessary. */

import { useEffect, useId, useRef } from 'react';
import type { Inventory } from '../api/types.js';
import { strings } from '../strings.js';
import { Sheet } from '../ui/sheet.js';
import { NumbersStep } from './numbers-step.js';
import { ProblemLines } from './problem-lines.js';
import { useProductForm, type ProductFormOptions } from './use-product-form.js';
import { VariantsEditor } from './variants-editor.js';

interface ProductFormProps extends ProductFormOptions {
  close: () => void;
}

const INVENTORIES: readonly Inventory[] = ['off', 'product', 'variant'];

export function ProductForm({ product, taken, close, saved }: ProductFormProps) {
  const form = useProductForm({ product, taken, saved });
  const { productId, title } = form.fields;
  const element = useRef<HTMLFormElement>(null);
  // Each try to save finds its faults anew, so that a second one leads there again.
  useEffect(() => {
    if (form.faults) element.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [form.faults]);
  return (
    <Sheet title={product ? strings.products.edit(title || productId) : strings.products.add} onClose={close}>
      <form
        ref={element}
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void form.save();
        }}
      >
        <label>
          {strings.products.title}
          <input value={title} onChange={(event) => form.set.title(event.target.value)} maxLength={200} />
        </label>
        {!product && <IdField form={form} />}
        <InventoryChoice form={form} />
        {form.fields.inventory === 'variant' && (
          <VariantsEditor
            variants={form.fields.variants}
            setVariants={form.set.variants}
            faults={form.faults?.variants}
          />
        )}
        <NumbersStep
          keys={form.keys}
          isDated={form.isDated}
          isKnown={product !== undefined}
          state={form.numbers}
        />
        <ProblemLines problem={form.problem} />
        <footer className="sheet-foot">
          <button type="button" className="button button-quiet" onClick={close}>
            {strings.cancel}
          </button>
          <button type="submit" className="button button-main" aria-disabled={form.isBusy}>
            {form.isBusy ? strings.save.saving : strings.save.save}
          </button>
        </footer>
      </form>
    </Sheet>
  );
}

type Form = ReturnType<typeof useProductForm>;

function IdField({ form }: { form: Form }) {
  const id = useId();
  const fault = form.faults?.product;
  return (
    <div className="field">
      <label htmlFor={id}>{strings.products.id}</label>
      <input
        id={id}
        value={form.fields.productId}
        onChange={(event) => form.set.productId(event.target.value)}
        // Left empty, it is suggested again.
        onBlur={(event) => event.target.value === '' && form.set.productId(undefined)}
        maxLength={128}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint ${id}-problem`}
      />
      <p className="hint" id={`${id}-hint`}>
        {strings.products.idHint}
      </p>
      <p className="field-problem" id={`${id}-problem`} role="alert">
        {fault && strings.products.idWrong[fault]}
      </p>
    </div>
  );
}

function InventoryChoice({ form: { fields, set } }: { form: Form }) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend>{strings.products.inventory}</legend>
      {INVENTORIES.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name={name}
            checked={fields.inventory === one}
            onChange={() => set.inventory(one)}
          />
          <span>
            {strings.products.inventories[one]}
            <span className="hint">{strings.products.explained[one]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
