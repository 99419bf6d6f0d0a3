/** Someone else has set another number meanwhile: both are shown, and the merchant chooses. */

import { useState } from 'react';
import { strings } from '../strings.js';
import { Sheet } from '../ui/sheet.js';
import { outcomeOf, type Conflict } from './changes.js';
import type { NameOf } from './names.js';
import { keyOf } from './slots.js';

interface StaleDialogProps {
  conflicts: readonly Conflict[];
  nameOf: NameOf;
  /** @param mine to be saved all the same */
  decide: (mine: Conflict[]) => void;
  close: () => void;
}

export function StaleDialog({ conflicts, nameOf, decide, close }: StaleDialogProps) {
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const keyed = conflicts.map((conflict) => ({ conflict, key: keyOf(conflict.edit.place) }));
  const choose = (keys: readonly string[], isMine: boolean): void => {
    const after = new Set(mine);
    for (const key of keys) {
      if (isMine) after.add(key);
      else after.delete(key);
    }
    setMine(after);
  };
  const allKeys = keyed.map(({ key }) => key);
  return (
    <Sheet title={strings.stale.title(conflicts.length)} kind="middle" onClose={close}>
      <p className="muted">{strings.stale.intro(conflicts.length)}</p>
      {conflicts.length > 1 && (
        <p className="row">
          <button type="button" className="button button-quiet" onClick={() => choose(allKeys, false)}>
            {strings.stale.keepAll}
          </button>
          <button type="button" className="button button-quiet" onClick={() => choose(allKeys, true)}>
            {strings.stale.setAll}
          </button>
        </p>
      )}
      {keyed.map(({ conflict, key }) => (
        <Choice
          key={key}
          conflict={conflict}
          name={nameOf(conflict.edit.place)}
          isMine={mine.has(key)}
          choose={(isMine) => choose([key], isMine)}
        />
      ))}
      <footer className="sheet-foot">
        <button type="button" className="button button-quiet" onClick={close}>
          {strings.stale.later}
        </button>
        <button
          type="button"
          className="button button-main"
          onClick={() => decide(keyed.filter(({ key }) => mine.has(key)).map(({ conflict }) => conflict))}
        >
          {strings.stale.apply}
        </button>
      </footer>
    </Sheet>
  );
}

interface ChoiceProps {
  conflict: Conflict;
  name: string;
  isMine: boolean;
  choose: (isMine: boolean) => void;
}

function Choice({ conflict: { edit, current }, name, isMine, choose }: ChoiceProps) {
  const outcome = outcomeOf(edit.entry, current);
  const wanted = 'free' in outcome ? outcome.free : null;
  const group = `stale-${keyOf(edit.place)}`;
  return (
    <fieldset className="choice">
      <legend>{name}</legend>
      <p>{strings.stale.both(edit.seen.free, current.free)}</p>
      <label>
        <input type="radio" name={group} checked={!isMine} onChange={() => choose(false)} />
        {strings.stale.keep(current.free)}
      </label>
      <label>
        <input type="radio" name={group} checked={isMine} onChange={() => choose(true)} />
        {strings.stale.set(wanted)}
      </label>
    </fieldset>
  );
}
