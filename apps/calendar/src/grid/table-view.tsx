/** The month as a table: days down, what is counted across, edited like a spreadsheet and saved at once. */

import { useEffect, useMemo, useState } from 'react';
import type { Behind } from '../calendar/scene.js';
import { monthDates } from '../calendar/dates.js';
import type { Scene } from '../calendar/scene.js';
import { leftOpen } from '../calendar/changes.js';
import { balancesAt, keyOf, placeOf } from '../calendar/slots.js';
import { useSave } from '../calendar/use-save.js';
import { strings } from '../strings.js';
import { IN_GRID, keepFocus } from '../ui/focus.js';
import { useShop } from '../ui/shop.js';
import { useFoot } from '../ui/use-foot.js';
import './grid.css';
import { CellDetail } from './cell-detail.js';
import { editsOf, refused, without, type Drafts, type SetDrafts } from './drafts.js';
import { SaveBar } from './save-bar.js';
import { Table } from './table.js';
import type { Spot } from './paste.js';

interface TableViewProps {
  scene: Scene;
  drafts: Drafts;
  setDrafts: SetDrafts;
  openBehind: (behind: Behind) => void;
}

export function TableView({ scene, drafts, setDrafts, openBehind }: TableViewProps) {
  const { month, slots, inView, nameOf } = scene;
  const { canWrite } = useShop();
  const foot = useFoot();
  const dates = useMemo(() => monthDates(month), [month]);
  const [spot, setSpot] = useState<Spot>({ row: Math.max(0, dates.indexOf(scene.today)), column: 0 });
  const saving = useSave({ feed: inView.feed, nameOf });
  useUnsavedWarning(drafts.size > 0);

  async function save(): Promise<void> {
    const { edits } = editsOf(drafts);
    if (edits.length === 0) return;
    const answer = await saving.save(edits);
    if (answer) {
      const open = leftOpen(answer);
      const done = edits.map(({ place }) => place).filter((place) => !open.has(keyOf(place)));
      setDrafts((before) => refused(without(before, done), answer.refused));
    }
    // Save cannot be pressed meanwhile, so it has lost the focus when it was pressed by keyboard.
    keepFocus(IN_GRID);
  }

  const date = dates[spot.row];
  const slot = slots[spot.column];
  const place = slot && date !== undefined ? placeOf(slot, date) : undefined;
  if (slots.length === 0) return null;
  return (
    <div className="table-view">
      <p className="hint table-hint" id="table-keys">
        <span className="hint-keys">{strings.table.hint}</span>
        <span className="hint-touch">{strings.table.hintTouch}</span>
      </p>
      <Table
        scene={scene}
        dates={dates}
        drafts={drafts}
        setDrafts={setDrafts}
        cursor={{
          row: Math.min(spot.row, dates.length - 1),
          column: Math.min(spot.column, slots.length - 1),
        }}
        setCursor={setSpot}
        canEdit={canWrite}
      />
      <div ref={foot} className="table-foot">
        {place && slot && (
          <CellDetail
            name={nameOf(place)}
            balances={balancesAt(inView.stock, slot, place.date)}
            draft={drafts.get(keyOf(place))}
            open={(kind) => openBehind({ place, kind })}
          />
        )}
        <SaveBar
          drafts={drafts}
          month={month}
          isSaving={saving.isSaving}
          save={() => void save()}
          discard={() => setDrafts(() => new Map())}
        />
      </div>
      {saving.dialog}
    </div>
  );
}

function useUnsavedWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isUnsaved]);
}
