import { useLiveStatus } from './live/live.js';
import { strings } from './strings.js';
import { Icon } from './ui/icon.js';
import { hrefOf, type View } from './ui/route.js';
import { useShop } from './ui/shop.js';
import { THEMES, useTheme } from './ui/theme.js';

const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

interface TopBarProps {
  view: View;
  /** the one that was looked at last, kept in the address of the other views too; null: this month */
  month: string | null;
  isOperator: boolean;
  signOut: () => void;
}

export function TopBar({ view, month, isOperator, signOut }: TopBarProps) {
  const { store } = useShop();
  const { storeId } = store;
  const views: View[] = [
    ...(store.fulfillmentDates ? ['calendar' as const] : []),
    'products',
    'orders',
    'settings',
  ];
  const [theme, setTheme] = useTheme();
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  const shown = view === 'table' ? 'calendar' : view;
  return (
    <header className="top-bar">
      <span className="brand">
        <img src="/icon.svg" width="26" height="26" alt="" />
        <span className="brand-name">{strings.name}</span>
        <span className="brand-store" title={storeId}>
          {storeId}
        </span>
      </span>
      <nav aria-label={strings.mainNavigation}>
        {views.map((one) => (
          <a
            key={one}
            href={hrefOf({ storeId, view: one, month })}
            aria-current={one === shown ? 'page' : undefined}
          >
            {strings.views[one]}
          </a>
        ))}
      </nav>
      <span className="top-bar-end">
        <LiveDot />
        {isOperator && (
          <a className="button button-quiet" href={hrefOf({ storeId: null, view: null, month: null })}>
            {strings.otherStore}
          </a>
        )}
        <button
          type="button"
          className="icon-button"
          onClick={() => setTheme(nextTheme)}
          aria-label={strings.theme.label(strings.theme[theme], strings.theme[nextTheme])}
          title={strings.theme.label(strings.theme[theme], strings.theme[nextTheme])}
        >
          <Icon name={ICONS[theme]} />
        </button>
        <button
          type="button"
          className="icon-button"
          onClick={signOut}
          aria-label={strings.signOut}
          title={strings.signOut}
        >
          <Icon name="out" />
        </button>
      </span>
    </header>
  );
}

function LiveDot() {
  const status = useLiveStatus();
  return (
    <span className={`live live-${status}`} role="status" title={strings.live.explained[status]}>
      <span className="live-dot" aria-hidden="true" />
      <span className="live-word">{strings.live[status]}</span>
    </span>
  );
}
