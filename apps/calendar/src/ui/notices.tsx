/** What has happened: short notices that can be seen, and sentences that a screen reader says. */

import { createPortal } from 'react-dom';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type ReactNode,
} from 'react';
import { problemText } from '../api/problem-text.js';
import { strings } from '../strings.js';
import { Icon } from './icon.js';

export interface Notice {
  text: string;
  lines?: string[];
  isProblem?: boolean;
  action?: { label: string; run: () => void };
}

interface Shown extends Notice {
  id: number;
}

interface Said {
  id: number;
  text: string;
  /** said at once, whatever else is being said */
  isUrgent: boolean;
}

interface Notices {
  show(notice: Notice): void;
  /** shows what went wrong and what to do */
  problem(error: unknown): void;
  /** to screen readers alone */
  announce(text: string): void;
  /** While a dialog is open, what is outside of it can be neither used nor heard: notices go inside. */
  addHost(dialog: HTMLElement): () => void;
}

const NoticesContext = createContext<Notices | undefined>(undefined);

/** Long enough to reach Undo by keyboard; it stays while pointed at or focused. */
const SHOWN_MS = 20_000;
/** Long enough to read what has nothing to press. */
const READ_MS = 8_000;
const MOST_SHOWN = 3;
const SAID_AFTER_MS = 150;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([]);
  const [said, setSaid] = useState<Said[]>([]);
  const [hosts, setHosts] = useState<HTMLElement[]>([]);
  const lastId = useRef(0);

  const say = useCallback((text: string, isUrgent: boolean) => {
    const id = ++lastId.current;
    // A dialog that opens or closes in the same moment takes the regions along: they have to be there first.
    setTimeout(
      () => setSaid((before) => [...before, { id, text, isUrgent }].slice(-MOST_SHOWN)),
      SAID_AFTER_MS,
    );
  }, []);
  const show = useCallback(
    (notice: Notice) => {
      const id = ++lastId.current;
      setShown((before) => [{ ...notice, id }, ...before].slice(0, MOST_SHOWN));
      say([notice.text, ...(notice.lines ?? [])].join(' '), notice.isProblem === true);
    },
    [say],
  );
  const notices = useMemo<Notices>(
    () => ({
      show,
      problem(error) {
        const { title, lines } = problemText(error);
        show({ text: title, lines, isProblem: true });
      },
      announce: (text) => say(text, false),
      addHost(dialog) {
        setHosts((before) => [...before, dialog]);
        // What was said outside is not said again in it.
        setSaid([]);
        return () => {
          setHosts((before) => before.filter((one) => one !== dialog));
          setSaid([]);
        };
      },
    }),
    [show, say],
  );
  const close = useCallback((id: number) => setShown((before) => before.filter((one) => one.id !== id)), []);
  return (
    <NoticesContext value={notices}>
      {children}
      {createPortal(
        <>
          <Announcer said={said} />
          <div className="notices" role="region" aria-label={strings.notices.region}>
            {shown.map((notice) => (
              <NoticeCard key={notice.id} notice={notice} close={close} />
            ))}
          </div>
        </>,
        hosts.at(-1) ?? document.body,
      )}
    </NoticesContext>
  );
}

/** Regions that are there before they say something: what comes with its region is not heard everywhere. */
function Announcer({ said }: { said: readonly Said[] }) {
  const lines = (urgent: boolean): ReactNode =>
    said.filter(({ isUrgent }) => isUrgent === urgent).map(({ id, text }) => <p key={id}>{text}</p>);
  return (
    <div className="visually-hidden" data-testid="announcer">
      <div role="log" aria-live="polite">
        {lines(false)}
      </div>
      <div role="log" aria-live="assertive">
        {lines(true)}
      </div>
    </div>
  );
}

function NoticeCard({ notice, close }: { notice: Shown; close: (id: number) => void }) {
  const { id, text, lines = [], isProblem = false, action } = notice;
  const [isHeld, setHeld] = useState(false);
  const cameFrom = useRef<EventTarget>(null);
  const hasAction = action !== undefined || lines.length > 0;
  useEffect(() => {
    if (isHeld || isProblem) return undefined;
    const timer = setTimeout(() => close(id), hasAction ? SHOWN_MS : READ_MS);
    return () => clearTimeout(timer);
  }, [id, hasAction, isHeld, isProblem, close]);
  const hold = {
    onPointerEnter: () => setHeld(true),
    onFocus: (event: FocusEvent) => {
      setHeld(true);
      const { relatedTarget } = event;
      if (relatedTarget && !event.currentTarget.contains(relatedTarget)) cameFrom.current = relatedTarget;
    },
  };
  // The button that was pressed goes with its notice: focus goes back instead of getting lost.
  const closeByHand = (): void => {
    close(id);
    if (cameFrom.current instanceof HTMLElement && cameFrom.current.isConnected) cameFrom.current.focus();
  };
  const letGo = { onPointerLeave: () => setHeld(false), onBlur: () => setHeld(false) };
  return (
    <div className={isProblem ? 'notice notice-problem' : 'notice'} {...hold} {...letGo}>
      <div className="notice-text">
        <p>{text}</p>
        {lines.length > 0 && (
          <ul>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
      {action && (
        <button
          type="button"
          className="button button-quiet"
          onClick={() => {
            closeByHand();
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="icon-button" aria-label={strings.close} onClick={closeByHand}>
        <Icon name="close" />
      </button>
    </div>
  );
}

export function useNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (!notices) throw new Error('useNotices is used outside of NoticesProvider');
  return notices;
}
