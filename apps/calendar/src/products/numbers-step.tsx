/** Asks for the numbers of what is counted from now on, in the same step that makes it so. */

import { useEffect, useId, useRef, useState } from 'react';
import { addDays } from '../calendar/dates.js';
import { strings } from '../strings.js';
import { cellsOf, type NewKey, type Numbers, type NumbersFault } from './new-keys.js';

const ASKED_DAYS = 30;

export interface NumbersState {
  numbers: Numbers;
  set: (numbers: Numbers) => void;
  fault: NumbersFault | undefined;
  /** @returns the cells to be sent; undefined when something is missing, which is shown */
  cells: (keys: readonly NewKey[], isDated: boolean) => ReturnType<typeof cellsOf>;
}

export function useNumbers(today: string): NumbersState {
  const [numbers, setNumbers] = useState<Numbers>({
    texts: new Map(),
    from: today,
    to: addDays(today, ASKED_DAYS),
    isLater: false,
  });
  const [fault, setFault] = useState<NumbersFault>();
  return {
    numbers,
    set(changed) {
      setNumbers(changed);
      setFault(undefined);
    },
    fault,
    cells(keys, isDated) {
      const answer = cellsOf(keys, numbers, isDated);
      if ('fault' in answer) setFault(answer.fault);
      return answer;
    },
  };
}

interface NumbersStepProps {
  keys: readonly NewKey[];
  isDated: boolean;
  /** not of a new product */
  isKnown: boolean;
  state: NumbersState;
}

export function NumbersStep({ keys, isDated, isKnown, state: { numbers, set, fault } }: NumbersStepProps) {
  const id = useId();
  const fields = useRef<HTMLFieldSetElement>(null);
  // Each try to save finds its faults anew, so that a second one leads there again.
  useEffect(() => {
    if (fault) fields.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [fault]);
  if (keys.length === 0) return null;
  const faulty = new Set(fault && 'keys' in fault ? fault.keys.map((key) => key.id) : []);
  return (
    <fieldset className="numbers-step" ref={fields}>
      <legend>{strings.numbers.title}</legend>
      <div className="numbers-when">
        {[false, true].map((isLater) => (
          <label className="check" key={String(isLater)}>
            <input
              type="radio"
              name={`${id}-when`}
              checked={numbers.isLater === isLater}
              onChange={() => set({ ...numbers, isLater })}
            />
            {isLater ? strings.numbers.later(isDated, isKnown) : strings.numbers.now}
          </label>
        ))}
      </div>
      {!numbers.isLater && (
        <>
          {isDated && <DatesAsked id={id} numbers={numbers} set={set} fault={fault} />}
          {keys.map((key) => (
            <NumberAsked
              key={key.id}
              id={id}
              asked={key}
              numbers={numbers}
              set={set}
              isFaulty={faulty.has(key.id)}
            />
          ))}
        </>
      )}
      <p id={`${id}-problem`} className="field-problem" role="alert">
        {fault && strings.numbers.fault(fault)}
      </p>
    </fieldset>
  );
}

interface AskedProps {
  /** of the step */
  id: string;
  numbers: Numbers;
  set: (numbers: Numbers) => void;
}

function DatesAsked({ id, numbers, set, fault }: AskedProps & { fault: NumbersFault | undefined }) {
  const isFaulty = fault?.kind === 'dates' || fault?.kind === 'too-many';
  return (
    <>
      <div className="row">
        {(['from', 'to'] as const).map((end) => (
          <label key={end}>
            {strings.numbers[end]}
            <input
              type="date"
              value={numbers[end]}
              aria-invalid={isFaulty}
              aria-describedby={`${id}-dates ${id}-problem`}
              onChange={(event) => set({ ...numbers, [end]: event.target.value })}
            />
          </label>
        ))}
      </div>
      <p className="hint" id={`${id}-dates`}>
        {strings.numbers.dated}
      </p>
    </>
  );
}

/** A field for how many of it there are, or that it is unlimited. */
function NumberAsked({
  id,
  asked,
  numbers,
  set,
  isFaulty,
}: AskedProps & { asked: NewKey; isFaulty: boolean }) {
  const text = numbers.texts.get(asked.id);
  const say = (said: string | undefined): void => {
    const texts = new Map(numbers.texts);
    if (said === undefined) texts.delete(asked.id);
    else texts.set(asked.id, said);
    set({ ...numbers, texts });
  };
  return (
    <div className="number-asked">
      <label htmlFor={`${id}-${asked.id}`}>{asked.label}</label>
      <input
        id={`${id}-${asked.id}`}
        inputMode="numeric"
        autoComplete="off"
        value={text ?? ''}
        disabled={text === ''}
        aria-invalid={isFaulty}
        aria-describedby={`${id}-problem`}
        placeholder={text === '' ? strings.unlimited : strings.numbers.howMany}
        onChange={(event) => say(event.target.value === '' ? undefined : event.target.value)}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={text === ''}
          aria-label={strings.panel.makeUnlimited(asked.label)}
          onChange={(event) => say(event.target.checked ? '' : undefined)}
        />
        {strings.unlimited}
      </label>
    </div>
  );
}
