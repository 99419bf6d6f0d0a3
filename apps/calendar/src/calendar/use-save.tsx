/** Saving numbers: sent at once, told what changed, undone, and asked about where someone else was faster. */

import { useCallback, useState, type ReactNode } from 'react';
import { Problem } from '../api/client.js';
import { stock } from '../api/holdfast.js';
import { useSendOnce } from '../api/sent-once.js';
import type { ChangedCell } from '../api/types.js';
import { strings } from '../strings.js';
import type { StockFeed } from '../live/stock-feed.js';
import { useNotices } from '../ui/notices.js';
import { useShop } from '../ui/shop.js';
import {
  answered,
  cellOf,
  decidedAnew,
  MAX_CELLS,
  type Answer,
  type Conflict,
  type Edit,
} from './changes.js';
import type { NameOf } from './names.js';
import { StaleDialog } from './stale-dialog.js';

/** Named in a notice; the rest are a number. */
const MOST_REFUSED = 4;
/** After this, waiting without a sign looks as if nothing was pressed. */
const SLOW_MS = 700;

export interface Saving {
  /**
   * Ends when the merchant has decided about what someone else had set meanwhile.
   * @returns with the conflicts that are left for later; undefined when nothing was saved, which has been said
   */
  save: (edits: Edit[]) => Promise<Answer | undefined>;
  undo: (changeId: string) => Promise<void>;
  isSaving: boolean;
  /** what is asked of the merchant; to be rendered */
  dialog: ReactNode;
}

interface Options {
  feed: StockFeed;
  nameOf: NameOf;
}

interface Question {
  conflicts: readonly Conflict[];
  /** @param mine to be saved all the same, the others stay as they are; undefined: not now */
  answer: (mine: Conflict[] | undefined) => void;
}

export function useSave({ feed, nameOf }: Options): Saving {
  const [question, setQuestion] = useState<Question>();
  const undo = useUndo({ feed, nameOf });
  const { send, isSaving } = useSend({ feed, nameOf, undo });

  const ask = useCallback(
    (conflicts: readonly Conflict[]) =>
      new Promise<Conflict[] | undefined>((answer) => setQuestion({ conflicts, answer })).finally(() =>
        setQuestion(undefined),
      ),
    [],
  );

  const save = useCallback(
    async (edits: Edit[]): Promise<Answer | undefined> => {
      let whole = await send(edits);
      while (whole && whole.conflicts.length > 0) {
        const mine = await ask(whole.conflicts);
        if (!mine) return whole;
        const again = mine.length > 0 ? await send(mine.map(decidedAnew)) : NOTHING_SENT;
        if (!again) return { ...whole, conflicts: mine };
        whole = together(whole, again);
      }
      return whole;
    },
    [send, ask],
  );

  const dialog = question && (
    <StaleDialog
      conflicts={question.conflicts}
      nameOf={nameOf}
      decide={question.answer}
      close={() => question.answer(undefined)}
    />
  );
  return { save, undo, isSaving, dialog };
}

/** One request: says what was saved and what was refused, and leaves the conflicts to the caller. */
function useSend({ feed, nameOf, undo }: Options & Pick<Saving, 'undo'>) {
  const { storeId } = useShop().store;
  const notices = useNotices();
  const [isSaving, setSaving] = useState(false);
  const sendOnce = useSendOnce();
  const send = useCallback(
    async (edits: Edit[]): Promise<Answer | undefined> => {
      if (edits.length > MAX_CELLS) {
        notices.show({ text: strings.save.tooMany(edits.length, MAX_CELLS), isProblem: true });
        return undefined;
      }
      setSaving(true);
      try {
        const report = await sendOnce(edits, (changeId) =>
          stock.change(storeId, edits.map(cellOf), changeId),
        );
        const answer = answered(edits, report.cells);
        feed.apply(currentOf(report.cells));
        if (answer.changed.length > 0) {
          notices.show({
            text: strings.save.saved(answer.changed.length, firstOf(answer.changed, nameOf)),
            action: { label: strings.save.undo, run: () => void undo(report.changeId) },
          });
        }
        if (answer.refused.length > 0) {
          const lines = answer.refused
            .slice(0, 8)
            .map((cell) => `${nameOf(cell)}: ${cell.message ?? cell.reason}`);
          notices.show({ text: strings.save.refused(answer.refused.length), lines, isProblem: true });
        }
        return answer;
      } catch (error) {
        notices.problem(error);
        return undefined;
      } finally {
        setSaving(false);
      }
    },
    [storeId, feed, notices, nameOf, undo, sendOnce],
  );

  return { send, isSaving };
}

const NOTHING_SENT: Answer = { changed: [], conflicts: [], refused: [] };

/** @param after the answer to what of the conflicts was sent again */
function together(before: Answer, after: Answer): Answer {
  return {
    changed: [...before.changed, ...after.changed],
    conflicts: after.conflicts,
    refused: [...before.refused, ...after.refused],
  };
}

/** Takes a change back, or says why it cannot be. */
function useUndo({ feed, nameOf }: Pick<Options, 'feed' | 'nameOf'>): Saving['undo'] {
  const { storeId } = useShop().store;
  const notices = useNotices();
  const sendOnce = useSendOnce();
  return useCallback(
    async (changeId: string) => {
      const slow = setTimeout(() => notices.show({ text: strings.save.undoing }), SLOW_MS);
      try {
        const report = await sendOnce(changeId, (id) => stock.undo(storeId, changeId, id));
        feed.apply(report.cells.filter(({ result }) => result === 'changed'));
        notices.show({ text: strings.save.undone(report.changed) });
      } catch (error) {
        const report = error instanceof Problem ? error.body.report : undefined;
        if (!report) return notices.problem(error);
        const refused = report.cells.filter(({ result }) => result === 'refused');
        const lines = refused
          .slice(0, MOST_REFUSED)
          .map((cell) => strings.save.isNow(nameOf(cell), cell.current?.free ?? null));
        const more = refused.length - MOST_REFUSED;
        notices.show({
          text: strings.save.undoRefused(report.changed, refused.length),
          lines: more > 0 ? [...lines, strings.problems.more(more)] : lines,
          isProblem: true,
        });
      } finally {
        clearTimeout(slow);
      }
    },
    [storeId, feed, notices, nameOf, sendOnce],
  );
}

function firstOf(changed: readonly ChangedCell[], nameOf: NameOf): string {
  const [first] = changed;
  if (!first) return '';
  return strings.save.cell(nameOf(first), first.before?.free ?? null, first.after?.free ?? null);
}

/** What the answer says of each key as it is now. */
function currentOf(cells: readonly ChangedCell[]): ChangedCell[] {
  return cells.map((cell) => (cell.current ? { ...cell, after: cell.current } : cell));
}
