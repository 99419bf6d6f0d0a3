import { useId } from 'react';
import type { Product } from '../api/types.js';
import type { Behind } from '../calendar/scene.js';
import { changing, leftOpen, previewOf } from '../calendar/changes.js';
import { usePanelDrafts } from '../calendar/panel-drafts.js';
import { Preview } from '../calendar/preview.js';
import type { Scene } from '../calendar/scene.js';
import { SaveRow } from '../calendar/set-panel.js';
import { SlotField } from '../calendar/slot-field.js';
import { BLANK, keyOf, titleOf } from '../calendar/slots.js';
import type { Saving } from '../calendar/use-save.js';
import { strings } from '../strings.js';
import { useShop } from '../ui/shop.js';

interface UndatedNumbersProps {
  product: Product;
  scene: Scene;
  saving: Saving;
  openBehind: (behind: Behind) => void;
}

const NO_DATE = [null];

/** The numbers of a product in a shop without fulfillment dates. */
export function UndatedNumbers({ product, scene, saving, openBehind }: UndatedNumbersProps) {
  const { canWrite } = useShop();
  const id = useId();
  const slots = scene.slots.filter(({ productId }) => productId === product.productId);
  const { stock } = scene.inView;
  const drafts = usePanelDrafts(slots, NO_DATE, stock);
  const lines = previewOf(drafts.edits, (place) => stock.get(keyOf(place)) ?? BLANK);
  if (slots.length === 0) return null;
  const save = async (): Promise<void> => {
    if (drafts.wrong.size > 0) return;
    const edits = changing(drafts.edits, lines);
    if (edits.length === 0) return drafts.clear();
    const answer = await saving.save(edits);
    if (answer) drafts.keep(leftOpen(answer));
  };
  return (
    <form
      className="undated"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {canWrite && (
        <p className="hint" id={`${id}-hint`}>
          {strings.panel.blankIsUnlimited}
        </p>
      )}
      <div
        role="group"
        className="undated-slots"
        aria-label={titleOf(product)}
        aria-describedby={canWrite ? `${id}-hint` : undefined}
      >
        {slots.some(({ variant }) => variant !== null) && <p className="slot-head">{strings.panel.left}</p>}
        {slots.map((slot) => (
          <SlotField
            key={slot.id}
            slot={slot}
            dates={NO_DATE}
            stock={stock}
            drafts={drafts}
            openBehind={openBehind}
          />
        ))}
      </div>
      {canWrite && <Preview lines={lines} nameOf={scene.nameOf} isEdited={!drafts.isEmpty} />}
      {canWrite && !drafts.isEmpty && <SaveRow isEdited isSaving={saving.isSaving} discard={drafts.clear} />}
    </form>
  );
}
