import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';
import { changedVariant, oneMore, type IdFault, type IdFaults, type VariantDraft } from './ids.js';

interface VariantsEditorProps {
  variants: readonly VariantDraft[];
  setVariants: (variants: VariantDraft[]) => void;
  faults: IdFaults['variants'] | undefined;
}

/** The variants that may be ordered. None listed: any may. */
export function VariantsEditor({ variants, setVariants, faults }: VariantsEditorProps) {
  const isEmpty = variants.every(({ variantId }) => variantId === '');
  return (
    <fieldset className="variants">
      <legend>{strings.products.variants}</legend>
      <p className="hint">{isEmpty ? strings.products.anyVariant : strings.products.variantsHint}</p>
      {variants.length > 0 && (
        <div className="variant variant-heads">
          <span>{strings.products.title}</span>
          <span>{strings.products.id}</span>
        </div>
      )}
      {variants.map((variant, at) => (
        <VariantRow
          key={variant.row}
          variant={variant}
          at={at}
          fault={faults?.get(variant.row)}
          change={(changed) => setVariants(changedVariant(variants, variant.row, changed))}
          remove={() => setVariants(variants.filter(({ row }) => row !== variant.row))}
        />
      ))}
      <button type="button" className="button button-quiet" onClick={() => setVariants(oneMore(variants))}>
        <Icon name="plus" /> {strings.products.addVariant}
      </button>
    </fieldset>
  );
}

interface VariantRowProps {
  variant: VariantDraft;
  at: number;
  fault: IdFault | undefined;
  change: (changed: Partial<VariantDraft>) => void;
  remove: () => void;
}

function VariantRow({
  variant: { row, variantId, title, idIs },
  at,
  fault,
  change,
  remove,
}: VariantRowProps) {
  const problemId = `variant-${row}-problem`;
  return (
    <div className="variant">
      <input
        aria-label={strings.products.variantTitle(at + 1)}
        value={title}
        maxLength={200}
        autoFocus={idIs !== 'known'}
        onChange={(event) => change({ title: event.target.value })}
      />
      <input
        aria-label={strings.products.variantId(at + 1)}
        value={variantId}
        maxLength={128}
        aria-invalid={fault !== undefined}
        aria-describedby={problemId}
        readOnly={idIs === 'known'}
        onChange={(event) => change({ variantId: event.target.value.trim(), idIs: 'typed' })}
        // Left empty, it is suggested again.
        onBlur={() => variantId === '' && change({ idIs: 'suggested' })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={strings.products.removeVariant(title || variantId || String(at + 1))}
        onClick={remove}
      >
        <Icon name="close" />
      </button>
      <p className="field-problem" id={problemId} role="alert">
        {fault && strings.products.variantIdWrong[fault]}
      </p>
    </div>
  );
}
