/** The store's settings; turning fulfillment dates on or off asks for the numbers that this makes necessary. */

import { useCallback, useState } from 'react';
import { everything, products, stores } from '../api/holdfast.js';
import { problemText, type ProblemText } from '../api/problem-text.js';
import { useSendOnce } from '../api/sent-once.js';
import { titleOf } from '../calendar/slots.js';
import { slotName } from '../calendar/names.js';
import { countedKeys } from '../products/new-keys.js';
import { NumbersStep, useNumbers } from '../products/numbers-step.js';
import { ProblemLines } from '../products/problem-lines.js';
import { warningTexts } from '../products/warning-texts.js';
import '../products/products.css';
import { strings } from '../strings.js';
import { useNotices } from '../ui/notices.js';
import { useShop } from '../ui/shop.js';
import { useLoaded } from '../ui/use-loaded.js';
import { SettingsFields, type Fields } from './settings-fields.js';

export function SettingsPage() {
  const { canWrite } = useShop();
  const form = useSettingsForm();
  return (
    <div className="settings-page">
      <h1>{strings.views.settings}</h1>
      <form
        className="form card"
        onSubmit={(event) => {
          event.preventDefault();
          void form.save();
        }}
      >
        <fieldset disabled={!canWrite} className="plain">
          <SettingsFields fields={form.fields} setFields={form.setFields} />
          {form.turnsDates && (
            <p className="warn">{strings.settings.datesTurn(form.fields.fulfillmentDates)}</p>
          )}
          <NumbersStep keys={form.keys} isDated={form.fields.fulfillmentDates} isKnown state={form.numbers} />
          <ProblemLines problem={form.problem} />
          <button type="submit" className="button button-main" aria-disabled={form.isBusy}>
            {form.isBusy ? strings.save.saving : strings.settings.save}
          </button>
        </fieldset>
      </form>
    </div>
  );
}

/** What the form holds, the keys that it makes anew, and what saves it. */
function useSettingsForm() {
  const { store, update } = useShop();
  const { storeId } = store;
  const notices = useNotices();
  const [fields, setFields] = useState<Fields>(() => fieldsOf(store));
  const [problem, setProblem] = useState<ProblemText>();
  const [isBusy, setBusy] = useState(false);
  const numbers = useNumbers(store.today);
  const sendOnce = useSendOnce();
  const { value: all } = useLoaded(
    useCallback(() => everything((cursor) => products.list(storeId, cursor)), [storeId]),
  );
  const turnsDates = fields.fulfillmentDates !== store.fulfillmentDates;
  const keys = turnsDates
    ? countedKeys(all ?? [], (product, variant) =>
        slotName({
          product: titleOf(product),
          variant: variant === null ? null : (variant.title ?? variant.variantId),
        }),
      )
    : [];

  async function save(): Promise<void> {
    if (isBusy) return;
    const holdMinutes = Number(fields.holdMinutes.replace(',', '.'));
    if (!(holdMinutes > 0)) {
      setProblem({ title: strings.settings.holdWrong, lines: [] });
      return;
    }
    const asked = numbers.cells(keys, fields.fulfillmentDates);
    if ('fault' in asked) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const change = {
        timeZone: fields.timeZone.trim(),
        fulfillmentDates: fields.fulfillmentDates,
        holdMinutes,
        showCounts: fields.showCounts,
        ...(asked.cells.length > 0 && { numbers: asked.cells }),
      };
      const answer = await sendOnce(change, (id) => stores.change(storeId, change, id));
      update(answer.store);
      setFields(fieldsOf(answer.store));
      notices.show({
        text: strings.settings.saved,
        lines: warningTexts(answer.warnings, all ?? [], answer.store.fulfillmentDates),
      });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  return { fields, setFields, turnsDates, keys, numbers, problem, isBusy, save };
}

function fieldsOf(store: {
  timeZone: string;
  fulfillmentDates: boolean;
  holdMinutes: number;
  showCounts: boolean;
}): Fields {
  const { timeZone, fulfillmentDates, holdMinutes, showCounts } = store;
  return { timeZone, fulfillmentDates, holdMinutes: String(holdMinutes), showCounts };
}
