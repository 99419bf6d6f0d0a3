import { strings } from '../strings.js';
import { editsOf, type Drafts } from './drafts.js';

interface SaveBarProps {
  drafts: Drafts;
  month: string;
  isSaving: boolean;
  save: () => void;
  discard: () => void;
}

/** How much is edited and not saved, in other months too. */
export function SaveBar({ drafts, month, isSaving, save, discard }: SaveBarProps) {
  const { edits, wrong } = editsOf(drafts);
  const elsewhere = [...drafts.values()].filter(({ place }) => !place.date?.startsWith(month)).length;
  return (
    <div className="save-bar">
      <p aria-live="polite">
        {drafts.size === 0 ? strings.table.unchanged : strings.table.edited(drafts.size, elsewhere)}
        {wrong.length > 0 && <span className="field-problem"> {strings.table.wrong(wrong.length)}</span>}
      </p>
      {drafts.size > 0 && (
        <button type="button" className="button button-quiet" onClick={discard}>
          {strings.panel.discard}
        </button>
      )}
      <button
        type="button"
        className="button button-main"
        disabled={edits.length === 0 || isSaving}
        onClick={save}
      >
        {isSaving ? strings.save.saving : strings.table.save(edits.length)}
      </button>
    </div>
  );
}
