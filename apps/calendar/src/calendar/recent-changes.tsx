import { useCallback, useState } from 'react';
import { stock } from '../api/holdfast.js';
import type { PastChange } from '../api/types.js';
import { useLive } from '../live/live.js';
import { strings } from '../strings.js';
import { keepFocus } from '../ui/focus.js';
import { moment } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { useShop } from '../ui/shop.js';
import { useLoaded } from '../ui/use-loaded.js';
import type { NameOf } from './names.js';

const SHOWN = 6;

/** What was set lately, and by whom; each can be undone while nobody has set another number since. */
export function RecentChanges({
  nameOf,
  undo,
}: {
  nameOf: NameOf;
  undo: (changeId: string) => Promise<void>;
}) {
  const { store, canWrite } = useShop();
  const { storeId } = store;
  const { value, reload } = useLoaded(useCallback(() => stock.changes(storeId, SHOWN), [storeId]));
  const [busy, setBusy] = useState('');
  useLive((touched) => {
    if (touched === 'all' || touched.some(({ outcome }) => outcome === 'StockChanged')) reload();
  });
  if (!value || value.items.length === 0) return null;
  return (
    <section className="recent" aria-label={strings.recent.title}>
      <h2 tabIndex={-1}>{strings.recent.title}</h2>
      <ul>
        {value.items.map((change) => (
          <li key={change.changeId}>
            <p>
              {textOf(change, nameOf)}
              <span className="muted">
                {moment(change.at)} · {change.actor}
                {change.undone !== null && ` · ${strings.recent.undone}`}
              </span>
            </p>
            {canWrite && change.undone === null && change.undoes === null && (
              <button
                type="button"
                className="icon-button"
                disabled={busy === change.changeId}
                aria-label={strings.recent.undo(textOf(change, nameOf))}
                title={strings.save.undo}
                onClick={() => {
                  setBusy(change.changeId);
                  void undo(change.changeId).then(() => {
                    setBusy('');
                    reload();
                    keepFocus('.recent h2');
                  });
                }}
              >
                <Icon name="undo" />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function textOf({ cells, keys, undoes }: PastChange, nameOf: NameOf): string {
  const [first] = cells;
  if (!first) return strings.recent.numbers(keys);
  const text = strings.save.cell(nameOf(first), first.before?.free ?? null, first.after?.free ?? null);
  const all = keys > 1 ? strings.andMore(text, keys - 1) : text;
  return undoes === null ? all : strings.recent.undoing(all);
}
