/** One number for all chosen dates, of a product or of its variants. */

import { useId, useMemo, useRef, type RefObject } from 'react';
import { strings } from '../strings.js';
import { datesText, dayLong } from '../ui/format.js';
import { useNotices } from '../ui/notices.js';
import { hrefOf } from '../ui/route.js';
import { useShop } from '../ui/shop.js';
import type { Behind } from './scene.js';
import { changing, leftOpen, previewOf } from './changes.js';
import { usePanelDrafts, type PanelDrafts } from './panel-drafts.js';
import { Preview } from './preview.js';
import type { Scene } from './scene.js';
import { SlotField } from './slot-field.js';
import { BLANK, byProduct, keyOf, uncounted, type ProductSlots } from './slots.js';
import type { Saving } from './use-save.js';

interface SetPanelProps {
  scene: Scene;
  dates: string[];
  saving: Saving;
  openBehind: (behind: Behind) => void;
  clear: () => void;
  saved: () => void;
}

export function panelTitle(dates: readonly string[], today: string): string {
  const [only] = dates;
  if (dates.length !== 1 || only === undefined) return strings.panel.dates(dates.length);
  const year = only.slice(0, 4);
  return today.startsWith(year) ? dayLong(only) : `${dayLong(only)} ${year}`;
}

const HEADING_ID = 'panel-heading';
const HINT_ID = 'panel-hint';

export function SetPanel({ scene, dates, saving, openBehind, clear, saved }: SetPanelProps) {
  const { canWrite } = useShop();
  const { announce } = useNotices();
  const { slots, inView, today, nameOf } = scene;
  const heading = useRef<HTMLHeadingElement>(null);
  const drafts = usePanelDrafts(slots, dates, inView.stock);
  const groups = useMemo(() => byProduct(slots), [slots]);
  const preview = previewOf(drafts.edits, (place) => inView.stock.get(keyOf(place)) ?? BLANK);

  async function save(): Promise<void> {
    if (drafts.wrong.size > 0) {
      announce(strings.panel.mendFirst);
      document.querySelector<HTMLElement>('.set-panel [aria-invalid=true]')?.focus();
      return;
    }
    const edits = changing(drafts.edits, preview);
    if (edits.length === 0) {
      drafts.clear();
      announce(strings.panel.nothingChanges);
      return;
    }
    const answer = await saving.save(edits);
    if (answer) {
      const open = leftOpen(answer);
      drafts.keep(open);
      if (open.size === 0) saved();
    }
    // Save cannot be pressed meanwhile, so it has lost the focus when it was pressed by keyboard.
    if (document.activeElement === document.body) heading.current?.focus();
  }

  return (
    <form
      className="set-panel"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || drafts.isEmpty) return;
        event.stopPropagation();
        event.preventDefault();
        drafts.clear();
      }}
    >
      <PanelHead heading={heading} dates={dates} today={today} clear={clear} />
      {/* What the numbers mean is said on the way in, and not again at each of them. */}
      <div role="group" className="panel-products" aria-labelledby={HEADING_ID} aria-describedby={HINT_ID}>
        {groups.map((group) => (
          <ProductPart
            key={group.productId}
            group={group}
            dates={dates}
            scene={scene}
            drafts={drafts}
            openBehind={openBehind}
          />
        ))}
      </div>
      <Uncounted scene={scene} />
      {groups.length === 0 && <p className="muted">{strings.panel.noProducts}</p>}
      {canWrite && (
        <footer className="panel-foot">
          <Preview lines={preview} nameOf={nameOf} isEdited={!drafts.isEmpty} />
          <SaveRow isEdited={!drafts.isEmpty} isSaving={saving.isSaving} discard={drafts.clear} />
        </footer>
      )}
    </form>
  );
}

interface PanelHeadProps {
  heading: RefObject<HTMLHeadingElement | null>;
  dates: string[];
  today: string;
  clear: () => void;
}

function PanelHead({ heading, dates, today, clear }: PanelHeadProps) {
  const { canWrite } = useShop();
  return (
    <header className="panel-head">
      <h2 id={HEADING_ID} ref={heading} tabIndex={-1}>
        {panelTitle(dates, today)}
      </h2>
      <button type="button" className="link" onClick={clear}>
        {strings.panel.clear}
      </button>
      <p className="muted" aria-live="polite">
        {dates.length > 1 && strings.panel.appliesTo(dates.length, datesText(dates, today.slice(0, 4)))}
        {dates.some((date) => date < today) && <span className="warn"> {strings.panel.past}</span>}
      </p>
      {canWrite && (
        <p className="hint" id={HINT_ID}>
          {strings.panel.blankIsUnlimited}
        </p>
      )}
    </header>
  );
}

/** What no number here closes. */
function Uncounted({ scene: { inView, month } }: { scene: Scene }) {
  const { store, canWrite } = useShop();
  const titles = uncounted(inView.products);
  if (titles.length === 0) return null;
  return (
    <p className="hint">
      {strings.panel.uncounted(titles)}{' '}
      {canWrite && (
        <a href={hrefOf({ storeId: store.storeId, view: 'products', month })}>
          {strings.panel.turnCountingOn}
        </a>
      )}
    </p>
  );
}

interface SaveRowProps {
  isEdited: boolean;
  isSaving: boolean;
  discard: () => void;
}

/** Of a form with numbers: Discard while there is something to discard, and Save. */
export function SaveRow({ isEdited, isSaving, discard }: SaveRowProps) {
  return (
    <div className="row">
      {isEdited && (
        <button type="button" className="button button-quiet" onClick={discard}>
          {strings.panel.discard}
        </button>
      )}
      <button type="submit" className="button button-main" disabled={!isEdited || isSaving}>
        {isSaving ? strings.save.saving : strings.save.save}
      </button>
    </div>
  );
}

interface ProductPartProps {
  group: ProductSlots;
  dates: string[];
  scene: Scene;
  drafts: PanelDrafts;
  openBehind: (behind: Behind) => void;
}

function ProductPart({ group: { title, slots }, dates, scene, drafts, openBehind }: ProductPartProps) {
  const { canWrite } = useShop();
  const id = useId();
  const counted = slots.filter((slot) => slot.counted);
  const isByVariant = slots.some(({ variant }) => variant !== null);
  const texts = new Set(counted.map((slot) => drafts.text(slot)));
  const common = texts.size === 1 ? [...texts][0] : undefined;
  return (
    <fieldset className="panel-product">
      <legend>{title}</legend>
      {isByVariant && <p className="slot-head">{strings.panel.left}</p>}
      {canWrite && isByVariant && counted.length > 1 && (
        <div className="slot slot-all">
          <label htmlFor={`${id}-all`}>{strings.panel.allVariants}</label>
          <input
            id={`${id}-all`}
            aria-label={strings.panel.allVariantsOf(title)}
            inputMode="numeric"
            autoComplete="off"
            placeholder={strings.panel.eachTheSame}
            value={common ?? ''}
            onChange={(event) => drafts.set(counted, event.target.value)}
          />
        </div>
      )}
      {slots.map((slot) => (
        <SlotField
          key={slot.id}
          slot={slot}
          dates={dates}
          stock={scene.inView.stock}
          drafts={drafts}
          openBehind={openBehind}
        />
      ))}
    </fieldset>
  );
}
