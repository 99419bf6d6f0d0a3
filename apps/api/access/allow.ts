/**
 * Says who may call a route. A route without one of these is for operators alone. Operators may call everything.
 * A path with `:storeId` is of that store's keys: others are answered as if it were not there.
 */

import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { ApiScope } from '@holdfast/store';
import type { Principal, SignedRequest } from './principal.js';

export const ALLOWED = Symbol('scopes that may call the route');

function allow(scopes: readonly ApiScope[]) {
  return applyDecorators(SetMetadata(ALLOWED, scopes), ApiSecurity('key', [...scopes]));
}

/** What the merchant changes. */
export const MayWrite = () => allow(['merchant']);
/** What the merchant, and whoever may look over their shoulder, sees. */
export const MayRead = () => allow(['merchant', 'read-only']);
/** What a checkout asks. */
export const MayAskAtCheckout = () => allow(['merchant', 'read-only', 'storefront']);
/** Every key, whatever its scope and store. */
export const AnyKey = () => allow(['merchant', 'read-only', 'storefront']);
export const OperatorOnly = () => allow([]);

export const MAKES_STORE = Symbol('the store need not be there yet');
export const MakesStore = () => SetMetadata(MAKES_STORE, true);

export const PUBLIC = Symbol('needs no key');
export const Public = () => SetMetadata(PUBLIC, true);

/** The principal of the request. */
export const Who = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<SignedRequest>();
  if (!principal) throw new Error('a public route asks who calls it');
  return principal;
});
