/** Time left on a hold. */

export interface TimeLeft {
  minutes: number;
  seconds: number;
  isOver: boolean;
}

export function timeLeft(expiresAt: string, nowMs: number): TimeLeft {
  const all = Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / 1_000));
  return { minutes: Math.floor(all / 60), seconds: all % 60, isOver: all === 0 };
}
