import { useCallback, useState } from 'react';
import { everything, stores } from '../api/holdfast.js';
import { problemText } from '../api/problem-text.js';
import { strings } from '../strings.js';
import { hrefOf } from '../ui/route.js';
import { useLoaded } from '../ui/use-loaded.js';

const FILTER_FROM = 8;

/** With an operator's key, which is for all stores. */
export function ChooseStore({ signOut }: { signOut: () => void }) {
  const { value, error, reload } = useLoaded(useCallback(() => everything(stores.list), []));
  const [filter, setFilter] = useState('');
  const shown = (value ?? []).filter(({ storeId }) => storeId.toLowerCase().includes(filter.toLowerCase()));
  return (
    <main className="sign-in">
      <div className="card">
        <h1>{strings.chooseStore.title}</h1>
        {error !== undefined && <p role="alert">{problemText(error).title}</p>}
        {value === undefined && error === undefined && <p className="muted">{strings.loading}</p>}
        {value?.length === 0 && (
          <>
            <p>{strings.chooseStore.none}</p>
            <p>
              <code>
                {strings.chooseStore.command.split(/(?= --)/).map((part) => (
                  <span key={part}>{part}</span>
                ))}
              </code>
            </p>
            <p>{strings.chooseStore.thenLook}</p>
          </>
        )}
        {(value?.length === 0 || error !== undefined) && (
          <button type="button" className="button button-main" onClick={reload}>
            {strings.chooseStore.lookAgain}
          </button>
        )}
        {(value?.length ?? 0) > FILTER_FROM && (
          <input
            type="search"
            aria-label={strings.chooseStore.filter}
            placeholder={strings.chooseStore.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
        <ul className="store-list">
          {shown.map(({ storeId, timeZone, fulfillmentDates }) => (
            <li key={storeId}>
              <a href={hrefOf({ storeId, view: null, month: null })}>
                <strong>{storeId}</strong>
                <span className="muted">
                  {timeZone} · {fulfillmentDates ? strings.chooseStore.dated : strings.chooseStore.undated}
                </span>
              </a>
            </li>
          ))}
        </ul>
        <button type="button" className="button button-quiet" onClick={signOut}>
          {strings.signOut}
        </button>
      </div>
    </main>
  );
}
