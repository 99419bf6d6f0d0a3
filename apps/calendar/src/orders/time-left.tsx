import { useEffect, useState } from 'react';
import { strings } from '../strings.js';
import { moment } from '../ui/format.js';
import { timeLeft } from './countdown.js';

/** Counts down; a screen reader is told when it ends, not every second. */
export function TimeLeft({ expiresAt }: { expiresAt: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = timeLeft(expiresAt, now);
  return (
    <time
      className={left.isOver ? 'time-left time-over' : 'time-left'}
      dateTime={expiresAt}
      title={strings.orders.until(moment(expiresAt))}
      role="timer"
      aria-live="off"
    >
      {left.isOver ? strings.orders.due : strings.orders.timeLeft(left.minutes, left.seconds)}
    </time>
  );
}
