/** Who may log in at a secured stack, with passwords that are made once and kept in files beside its data. */

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `admin` may do everything; the others nothing, until somebody grants it. */
export const SECURE_USERS = [
  'admin',
  'holdfast-worker',
  'holdfast-api',
  'holdfast-ops',
  'holdfast-publisher',
  'holdfast-consumer',
] as const;
export type SecureUser = (typeof SECURE_USERS)[number];

export type Passwords = Readonly<Record<SecureUser, string>>;

export function passwordFile(folder: string, user: SecureUser): string {
  return join(folder, `${user}.password`);
}

/** @param folder only for this user; made where need be */
export async function passwordsIn(folder: string): Promise<Passwords> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const entries = SECURE_USERS.map(async (user) => {
    const file = passwordFile(folder, user);
    const kept = await readFile(file, 'utf8').catch(() => '');
    if (kept !== '') return [user, kept.trim()] as const;
    const password = randomBytes(18).toString('base64url');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return [user, password] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Passwords;
}
