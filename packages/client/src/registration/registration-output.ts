import type { Milliseconds } from '@dunlin/base';
import type { Request } from '@dunlin/coap';

import type { RegistrationEvent } from './registration-event.ts';
import type { ServerUri } from './server-uri.ts';

/** What a registration engine asks of its owner. */
export type RegistrationOutput =
  /** Find the peer behind the Server URI, with security reach it; `resolved` or `unresolved` answers. */
  | { readonly kind: 'resolve'; readonly uri: ServerUri }
  /** Send it to the peer; `answered` or `unanswered` answers. At most one is under way. */
  | { readonly kind: 'request'; readonly request: Request; readonly timeout?: Milliseconds }
  /** Forget the request that is under way, if any. */
  | { readonly kind: 'cancel-request' }
  /** The Server's observations are over. */
  | { readonly kind: 'end-observations' }
  /** End the secure association with the peer, if there is one: it is not needed, or seems to be dead. */
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'event'; readonly event: RegistrationEvent };
