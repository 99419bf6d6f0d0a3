import { strings } from '../strings.js';
import { datesText } from '../ui/format.js';
import { useShop } from '../ui/shop.js';
import { groupsOf, type PreviewLine } from './changes.js';
import { keyOf } from './slots.js';
import type { NameOf } from './names.js';

const MOST_LINES = 5;

interface PreviewProps {
  lines: readonly PreviewLine[];
  nameOf: NameOf;
  isEdited: boolean;
}

/** What Save will change, before it does. It is there before it says something, so that the first is heard too. */
export function Preview({ isEdited, ...said }: PreviewProps) {
  return (
    <div className="preview" aria-live="polite">
      {isEdited && <PreviewLines {...said} />}
    </div>
  );
}

function PreviewLines({ lines, nameOf }: Omit<PreviewProps, 'isEdited'>) {
  const { today } = useShop().store;
  const settles = lines.reduce((sum, line) => sum + line.settles, 0);
  const held = lines.reduce((sum, line) => sum + line.held, 0);
  const sold = lines.reduce((sum, line) => sum + line.sold, 0);
  const groups = groupsOf(lines);
  const rest = groups.slice(MOST_LINES).reduce((sum, { dates }) => sum + Math.max(dates.length, 1), 0);
  return (
    <>
      <p>{lines.length === 0 ? strings.panel.nothingChanges : strings.preview.title(lines.length)}</p>
      <ul>
        {groups.slice(0, MOST_LINES).map(({ place, before, after, totals, dates }) => (
          <li key={`${keyOf(place)} ${before} ${after}`}>
            {strings.save.cell(nameOf(place), before, after)}
            {strings.preview.inAll(after, totals)}
            {dates.length > 0 && <span className="muted"> ({datesText(dates, today.slice(0, 4))})</span>}
          </li>
        ))}
        {rest > 0 && <li className="muted">{strings.preview.more(rest)}</li>}
      </ul>
      {held + sold > 0 && <p className="muted">{strings.preview.stays(held, sold)}</p>}
      {settles > 0 && <p className="warn">{strings.preview.settles(settles)}</p>}
    </>
  );
}
