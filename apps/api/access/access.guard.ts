import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ApiScope, Database } from '@holdfast/store';
import { ApiProblem, notFound } from '../conventions/problem.js';
import { DATABASE } from '../database/database.module.js';
import { ALLOWED, MAKES_STORE, PUBLIC } from './allow.js';
import { sessionTokenOf } from './cookies.js';
import { KeyRing } from './key-ring.js';
import type { Principal, SignedRequest } from './principal.js';

/** A page of another site can make a browser send the cookie, but not this header. */
const CSRF_HEADER = 'x-holdfast-request';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** First who asks, then whose store it is, then what the key may do. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: KeyRing,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<SignedRequest>();
    const principal = await this.#identify(request);
    request.principal = principal;
    const allowed = this.reflector.getAllAndOverride<ApiScope[] | undefined>(ALLOWED, targets) ?? [];
    const makesStore = this.reflector.getAllAndOverride<boolean>(MAKES_STORE, targets) ?? false;
    await this.#checkStore(principal, request, makesStore);
    if (principal.scope !== 'operator' && !allowed.includes(principal.scope)) {
      throw new ApiProblem(403, 'not-allowed', `A ${principal.scope} key may not do this; use one that may.`);
    }
    return true;
  }

  async #identify(request: SignedRequest): Promise<Principal> {
    const header = request.headers.authorization;
    if (header !== undefined) {
      const [, key] = /^Bearer +(\S+)$/i.exec(header) ?? [];
      const principal = key === undefined ? undefined : await this.keys.ofKey(key);
      if (!principal)
        throw unsigned('wrong-key', 'This key is not known, or was revoked; ask for a new one.');
      return principal;
    }
    const token = sessionTokenOf(request);
    const principal = token === undefined ? undefined : await this.keys.ofSession(token);
    if (!principal) {
      throw unsigned('not-signed-in', 'Sign in, or send a key: Authorization: Bearer hf_…');
    }
    if (!SAFE_METHODS.has(request.method) && request.headers[CSRF_HEADER] !== '1') {
      const detail = `Requests that change something, signed by a cookie, need the header ${CSRF_HEADER}: 1.`;
      throw new ApiProblem(403, 'request-header-missing', detail);
    }
    return principal;
  }

  /** Whether it exists or not, another's store is not there. Keys of a store are made when it is known. */
  async #checkStore(principal: Principal, request: SignedRequest, makesStore: boolean): Promise<void> {
    const storeId = request.params['storeId'];
    if (typeof storeId !== 'string' || principal.storeId === storeId) return;
    if (principal.scope !== 'operator') throw notFound(`store ${storeId}`);
    if (makesStore) return;
    const known = await this.database.stores.findOne({ _id: storeId }, { projection: { _id: 1 } });
    if (!known) throw notFound(`store ${storeId}`);
  }
}

function unsigned(code: string, detail: string): ApiProblem {
  return new ApiProblem(401, code, detail, {}, { 'WWW-Authenticate': 'Bearer realm="holdfast"' });
}
