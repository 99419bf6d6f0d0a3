/** Who asks, and what they may do. */

import type { Request } from 'express';
import type { ApiKeyDoc, ApiScope } from '@holdfast/store';

export interface Principal {
  keyId: string;
  /** the key's name: who did it, where nobody else is named */
  name: string;
  scope: ApiScope;
  /** null: every store */
  storeId: string | null;
}

/** A request that has passed the guard. */
export type SignedRequest = Request & { principal?: Principal };

export function principalOf({ _id, name, scope, storeId }: ApiKeyDoc): Principal {
  return { keyId: _id, name, scope, storeId };
}
