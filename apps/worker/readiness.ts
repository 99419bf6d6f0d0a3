/** Whether a worker can do its work, check by check. What is away is waited for; nothing here calls for a restart. */

/** Brokers are asked every 5 s. */
const BROKERS_SILENT_MS = 15_000;
/** The pulse beats every second, and a beat gives up after 5 s. */
const DATABASE_SILENT_MS = 6_000;

export interface ReadinessInput {
  isStarted: boolean;
  /** whether it consumes, and so has to be a member of the group */
  consumes: boolean;
  /** since the coordinator last took it for a member, ms; undefined when it never joined */
  groupSilentMs: number | undefined;
  /** silence after which the coordinator has given its lanes away */
  sessionTimeoutMs: number;
  /** since the primary last took a write of ours, ms; undefined when it never did */
  databaseSilentMs: number | undefined;
  /** since a broker last answered, ms; undefined when none ever did */
  brokersSilentMs: number | undefined;
}

export interface ReadinessCheck {
  name: 'started' | 'group' | 'mongodb' | 'kafka';
  ok: boolean;
  /** what is wrong, for people */
  why?: string;
}

export function readinessChecks(input: ReadinessInput): ReadinessCheck[] {
  const { isStarted, consumes, groupSilentMs, sessionTimeoutMs, databaseSilentMs, brokersSilentMs } = input;
  const started: ReadinessCheck = { name: 'started', ok: isStarted };
  if (!isStarted) started.why = 'not every role is at work yet';
  const checks = [started];
  if (consumes) checks.push(heard('group', 'no heartbeat answered', groupSilentMs, sessionTimeoutMs));
  checks.push(heard('mongodb', 'no write taken by a primary', databaseSilentMs, DATABASE_SILENT_MS));
  checks.push(heard('kafka', 'no answer from a broker', brokersSilentMs, BROKERS_SILENT_MS));
  return checks;
}

function heard(
  name: ReadinessCheck['name'],
  what: string,
  silentMs: number | undefined,
  mostMs: number,
): ReadinessCheck {
  if (silentMs === undefined) return { name, ok: false, why: `${what} yet` };
  if (silentMs <= mostMs) return { name, ok: true };
  return { name, ok: false, why: `${what} for ${Math.round(silentMs / 1_000)} s` };
}

export function isReady(checks: readonly ReadinessCheck[]): boolean {
  return checks.every(({ ok }) => ok);
}
