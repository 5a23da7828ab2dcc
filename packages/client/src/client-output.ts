import type { Instant } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

import type { BootstrapEvent } from './bootstrap/bootstrap-event.ts';
import type { ClientDiagnostic } from './client-diagnostic.ts';
import type { QueueModeEvent } from './queue-mode/awake-window.ts';
import type { RegistrationEvent } from './registration/registration-event.ts';
import type { ServerUri } from './registration/server-uri.ts';
import type { ReachId } from './transport/server-ways.ts';

/** What comes out of a client core. */
export type ClientOutput =
  | { readonly kind: 'transmit'; readonly peer: Peer; readonly datagram: Uint8Array }
  /** Find the peer at a host, and reach it where it is secure; answer with `resolved` or `unresolved`. */
  | { readonly kind: 'resolve'; readonly reach: ReachId; readonly uri: ServerUri }
  /** Reach a Server by short messages beside the way it registered on: nothing waits for it. */
  | { readonly kind: 'reach-sms'; readonly shortServerId: number; readonly uri: ServerUri }
  /** End the secure association with a peer. */
  | { readonly kind: 'disconnect'; readonly peer: Peer }
  /** Something of the device's own to be done, now that all answers have left. */
  | { readonly kind: 'action'; readonly run: (now: Instant) => void }
  | { readonly kind: 'registration'; readonly event: RegistrationEvent }
  | { readonly kind: 'bootstrap'; readonly event: BootstrapEvent }
  | { readonly kind: 'queue-mode'; readonly event: QueueModeEvent }
  /** What the device has to remember has changed: `ClientCore.state` says it. */
  | { readonly kind: 'state-changed' }
  | { readonly kind: 'diagnostic'; readonly diagnostic: ClientDiagnostic };
