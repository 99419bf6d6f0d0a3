import { useId, useMemo } from 'react';
import { strings } from '../strings.js';

export interface Fields {
  timeZone: string;
  fulfillmentDates: boolean;
  holdMinutes: string;
  showCounts: boolean;
}

interface SettingsFieldsProps {
  fields: Fields;
  setFields: (fields: Fields) => void;
}

export function SettingsFields({ fields, setFields }: SettingsFieldsProps) {
  const id = useId();
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  return (
    <>
      <label>
        {strings.settings.timeZone}
        <input
          list={`${id}-zones`}
          value={fields.timeZone}
          aria-describedby={`${id}-zone`}
          onChange={(event) => setFields({ ...fields, timeZone: event.target.value })}
        />
        <span className="hint" id={`${id}-zone`}>
          {strings.settings.timeZoneHint}
        </span>
      </label>
      <datalist id={`${id}-zones`}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <label>
        {strings.settings.hold}
        <input
          inputMode="decimal"
          value={fields.holdMinutes}
          aria-describedby={`${id}-hold`}
          onChange={(event) => setFields({ ...fields, holdMinutes: event.target.value })}
        />
        <span className="hint" id={`${id}-hold`}>
          {strings.settings.holdHint}
        </span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={fields.fulfillmentDates}
          onChange={(event) => setFields({ ...fields, fulfillmentDates: event.target.checked })}
        />
        <span>
          {strings.settings.dates}
          <span className="hint">{strings.settings.datesHint}</span>
        </span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={fields.showCounts}
          onChange={(event) => setFields({ ...fields, showCounts: event.target.checked })}
        />
        <span>
          {strings.settings.counts}
          <span className="hint">{strings.settings.countsHint}</span>
        </span>
      </label>
    </>
  );
}
