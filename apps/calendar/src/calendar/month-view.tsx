import { useState } from 'react';
import { strings } from '../strings.js';
import { datesText } from '../ui/format.js';
import { IN_GRID, keepFocus } from '../ui/focus.js';
import { Sheet } from '../ui/sheet.js';
import { useFoot } from '../ui/use-foot.js';
import { useMedia, WIDE } from '../ui/use-media.js';
import type { Behind } from './scene.js';
import { Legend } from './legend.js';
import { MonthGrid } from './month-grid.js';
import { RecentChanges } from './recent-changes.js';
import type { Scene } from './scene.js';
import { inOrder, NOTHING, type Selection } from './selection.js';
import { panelTitle, SetPanel } from './set-panel.js';
import { useSave } from './use-save.js';

interface MonthViewProps {
  scene: Scene;
  selection: Selection;
  setSelection: (selection: Selection) => void;
  isSeveral: boolean;
  goToMonth: (month: string) => void;
  openBehind: (behind: Behind) => void;
}

/** The month, and what is to be done with the chosen days: beside it, or in a sheet where there is no room. */
export function MonthView({
  scene,
  selection,
  setSelection,
  isSeveral,
  goToMonth,
  openBehind,
}: MonthViewProps) {
  const isWide = useMedia(WIDE);
  const [isOpen, setOpen] = useState(false);
  const saving = useSave({ feed: scene.inView.feed, nameOf: scene.nameOf });
  const dates = inOrder(selection);
  const clear = (): void => {
    setSelection(NOTHING);
    setOpen(false);
    keepFocus(IN_GRID);
  };
  const panel = (
    <SetPanel
      scene={scene}
      dates={dates}
      saving={saving}
      openBehind={openBehind}
      clear={clear}
      saved={() => setOpen(false)}
    />
  );
  const edit = (): void => {
    if (!isWide) setOpen(true);
    // The panel of what is chosen just now is there after the next paint.
    else requestAnimationFrame(() => document.querySelector<HTMLElement>('.set-panel input')?.focus());
  };
  return (
    <div className="month-view">
      <MonthGrid
        scene={scene}
        selection={selection}
        setSelection={setSelection}
        isSeveral={isSeveral}
        goToMonth={goToMonth}
        edit={edit}
      />
      {isWide && (
        <aside className="side" aria-label={strings.panel.region}>
          {dates.length > 0 ? (
            <>
              {panel}
              <RecentChanges nameOf={scene.nameOf} undo={saving.undo} />
            </>
          ) : (
            <Resting scene={scene} undo={saving.undo} hint={strings.panel.hint} />
          )}
        </aside>
      )}
      {!isWide && dates.length === 0 && (
        <Resting scene={scene} undo={saving.undo} hint={strings.panel.hintTouch} />
      )}
      {!isWide && dates.length > 0 && (
        <ChoiceBar scene={scene} dates={dates} clear={clear} open={() => setOpen(true)} />
      )}
      {!isWide && isOpen && dates.length > 0 && (
        <Sheet title={panelTitle(dates, scene.today)} onClose={() => setOpen(false)}>
          {panel}
        </Sheet>
      )}
      {saving.dialog}
    </div>
  );
}

interface ChoiceBarProps {
  scene: Scene;
  dates: string[];
  clear: () => void;
  open: () => void;
}

/** What is chosen, at the foot of a screen that has no room for the panel. */
function ChoiceBar({ scene, dates, clear, open }: ChoiceBarProps) {
  const foot = useFoot();
  return (
    <div ref={foot} className="choice-bar" role="region" aria-label={strings.panel.region}>
      <p>
        <strong>{strings.panel.dates(dates.length)}</strong> {datesText(dates, scene.today.slice(0, 4))}
      </p>
      <button type="button" className="button button-quiet" onClick={clear}>
        {strings.panel.clear}
      </button>
      <button type="button" className="button button-main" onClick={open}>
        {strings.panel.open}
      </button>
    </div>
  );
}

interface RestingProps {
  scene: Scene;
  undo: (changeId: string) => Promise<void>;
  /** how days are chosen */
  hint: string;
}

function Resting({ scene, undo, hint }: RestingProps) {
  return (
    <div className="resting">
      <p>{hint}</p>
      <Legend />
      <RecentChanges nameOf={scene.nameOf} undo={undo} />
    </div>
  );
}
