import type { Secret } from '@dunlin/base';

import type { AcceptedOffer } from '../negotiation/client-offer.ts';
import type { CertificateRequest } from '../wire/certificate-request.ts';
import type { ServerEcdhParameters } from '../wire/server-ecdh-parameters.ts';
import type { EpochKeys } from './epoch-keys.ts';
import type { PeerKey } from './peer-key.ts';
import type { AuthenticatedPeer } from './server-handshake-state.ts';

/** What the ServerHello settled. */
export interface ClientTerms extends AcceptedOffer {
  readonly serverRandom: Uint8Array;
  /** The session the server gave; empty when it cannot be resumed. */
  readonly sessionId: Uint8Array;
}

/** What the server's messages gave so far, by key exchange. */
export interface ServerFlight {
  readonly terms: ClientTerms;
  /** Absent in PSK suites. */
  readonly peerKey: PeerKey | undefined;
  /** Absent in plain PSK suites; signed by `peerKey` where there is one. */
  readonly parameters: ServerEcdhParameters | undefined;
  readonly request: CertificateRequest | undefined;
}

/** A resuming handshake after the ServerHello. */
export interface ClientResumedEnd<Kind extends string> {
  readonly kind: Kind;
  readonly terms: ClientTerms;
  readonly masterSecret: Secret;
  readonly keys: EpochKeys;
}

/** The end of a full handshake: all but the server's last flight is through. */
export interface ClientFullEnd<Kind extends string> extends ClientResumedEnd<Kind> {
  readonly authenticated: AuthenticatedPeer;
}

/** The states of `ClientHandshake`, with what each has to remember. */
export type ClientState =
  | { readonly kind: 'wait-server-hello'; readonly cookie: Uint8Array; readonly cookieRounds: number }
  | {
      readonly kind:
        | 'wait-certificate'
        | 'wait-server-key-exchange'
        | 'wait-identity-hint-or-done'
        | 'wait-certificate-request'
        | 'wait-server-hello-done'
        | 'wait-verification';
      readonly flight: ServerFlight;
    }
  | ClientFullEnd<'wait-change-cipher-spec'>
  | ClientFullEnd<'wait-finished'>
  | ClientResumedEnd<'resumed-wait-change-cipher-spec'>
  | ClientResumedEnd<'resumed-wait-finished'>
  | { readonly kind: 'ended' };
