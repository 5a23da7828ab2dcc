import type { Peer, ResponseCode } from '@dunlin/coap';

import type { Registration } from './registration.ts';
import type { MaybePromise } from './registration-store.ts';

/** What a device wants to do on the Client Registration interface. */
export interface AuthorizationRequest {
  readonly operation: 'register' | 'update' | 'deregister';
  readonly endpointName: string;
  readonly peer: Peer;
  /** The registration as it is; absent on a first Register. */
  readonly registration?: Registration | undefined;
}

/** The answer of an authorizer. The reason is sent as diagnostic payload and told to `diagnostics`. */
export type Authorization =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: ResponseCode; readonly reason: string };

/** Port: may this peer register as this endpoint? Without one everybody may. */
export interface Authorizer {
  authorize(request: AuthorizationRequest): MaybePromise<Authorization>;
}
