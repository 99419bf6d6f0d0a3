/**
 * From what a request shows to who it is. Answers are remembered for a second, so that a checkout that asks
 * hundreds of times a second costs one look at the database; a revoked key is refused a second later at most.
 */

import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  hashOf,
  keyOfApiSession,
  noteKeyUse,
  verifyApiKey,
  type ApiKeyDoc,
  type Database,
} from '@holdfast/store';
import { DATABASE } from '../database/database.module.js';
import { principalOf, type Principal } from './principal.js';

const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 10_000;

interface Remembered {
  principal: Promise<Principal | undefined>;
  until: number;
  /** it is being looked at again */
  isRenewed?: boolean;
}

@Injectable()
export class KeyRing {
  readonly #log = new Logger('access');
  /** by hash: a dump of this process's memory holds no more secrets than it must */
  readonly #known = new Map<string, Remembered>();

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  ofKey(key: string): Promise<Principal | undefined> {
    return this.#remember('key:' + hashOf(key), () => verifyApiKey(this.database, key));
  }

  ofSession(token: string): Promise<Principal | undefined> {
    return this.#remember('session:' + hashOf(token), () => keyOfApiSession(this.database, token));
  }

  /** Signing out holds at once. */
  forgetSession(token: string): void {
    this.#known.delete('session:' + hashOf(token));
  }

  #remember(id: string, find: () => Promise<ApiKeyDoc | undefined>): Promise<Principal | undefined> {
    const now = performance.now();
    const known = this.#known.get(id);
    if (known && now < known.until) {
      if (now > known.until - REMEMBERED_MS / 4) this.#renew(id, known, find);
      return known.principal;
    }
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    const principal = find().then((doc) => this.#found(id, doc));
    principal.catch(() => this.#known.delete(id));
    this.#known.set(id, { principal, until: now + REMEMBERED_MS });
    return principal;
  }

  /** A key in steady use is looked at again before its time is over, and nobody waits for it. */
  #renew(id: string, known: Remembered, find: () => Promise<ApiKeyDoc | undefined>): void {
    if (known.isRenewed) return;
    known.isRenewed = true;
    const until = performance.now() + REMEMBERED_MS;
    find().then(
      (doc) => {
        if (this.#known.get(id) !== known) return;
        if (doc) this.#noteUse(doc);
        if (doc) this.#known.set(id, { principal: Promise.resolve(principalOf(doc)), until });
        else this.#known.delete(id);
      },
      // Waited for by whoever comes when the time is over.
      () => undefined,
    );
  }

  #found(id: string, doc: ApiKeyDoc | undefined): Principal | undefined {
    if (!doc) {
      this.#known.delete(id);
      return undefined;
    }
    this.#noteUse(doc);
    return principalOf(doc);
  }

  #noteUse(doc: ApiKeyDoc): void {
    noteKeyUse(this.database, doc).catch((error: unknown) => this.#log.warn(`last use not noted: ${error}`));
  }
}
