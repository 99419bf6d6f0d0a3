import type { Balances, Kind } from '../api/types.js';
import { NumberButtons } from '../calendar/number-buttons.js';
import { strings } from '../strings.js';
import { wrongOf, type Draft } from './drafts.js';

interface CellDetailProps {
  name: string;
  balances: Balances;
  draft: Draft | undefined;
  open: (kind: Kind) => void;
}

/** All numbers of the cell that has the focus, and what is the matter with its edit. */
export function CellDetail({ name, balances, draft, open }: CellDetailProps) {
  const wrong = draft && wrongOf(draft);
  const isStale = draft !== undefined && draft.seen.version !== balances.version;
  return (
    <div className="cell-detail">
      <p>
        <strong>{name}</strong> <NumberButtons balances={balances} open={open} name={name} />
      </p>
      <p className="field-problem" role="alert">
        {wrong && strings.wrong[wrong]}
        {draft?.refused}
        {isStale && strings.stale.both(draft.seen.free, balances.free)}
      </p>
    </div>
  );
}
