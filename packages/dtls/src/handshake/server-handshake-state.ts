import type { Secret } from '@dunlin/base';

import type { PeerIdentity } from '../credentials/peer-identity.ts';
import type { Session } from '../session.ts';
import type { ClientKeyExchange } from '../wire/client-key-exchange.ts';
import type { EpochKeys } from './epoch-keys.ts';
import type { PeerKey } from './peer-key.ts';

/** Who the peer is, and by which credential. */
export interface AuthenticatedPeer {
  readonly peer: PeerIdentity;
  readonly credentialId: string;
}

/** What a full handshake has once the key exchange is through. */
export interface AgreedKeys {
  readonly masterSecret: Secret;
  readonly keys: EpochKeys;
}

/** A key exchange that waits for the key of its identity. */
export type PskExchange = Extract<ClientKeyExchange, { readonly identity: Uint8Array }>;

/** The end of a full handshake: all but the Finished messages is through. */
export interface ServerFullEnd<Kind extends string> {
  readonly kind: Kind;
  readonly agreed: AgreedKeys;
  readonly authenticated: AuthenticatedPeer;
}

/** A resuming handshake after its first flight. */
export interface ServerResumedEnd<Kind extends string> {
  readonly kind: Kind;
  readonly session: Session;
  readonly keys: EpochKeys;
}

/** The states of `ServerHandshake`, with what each has to remember. */
export type ServerState =
  | { readonly kind: 'wait-resumption-verdict'; readonly session: Session }
  | { readonly kind: 'wait-certificate' }
  | { readonly kind: 'wait-client-key-exchange'; readonly peerKey: PeerKey | undefined }
  | { readonly kind: 'wait-pre-shared-key'; readonly exchange: PskExchange; readonly identity: string }
  | {
      readonly kind: 'wait-certificate-verify';
      readonly peerKey: PeerKey;
      readonly agreed: AgreedKeys;
    }
  | { readonly kind: 'wait-verification'; readonly peerKey: PeerKey; readonly agreed: AgreedKeys }
  | ServerFullEnd<'wait-change-cipher-spec'>
  | ServerFullEnd<'wait-finished'>
  | ServerResumedEnd<'resumed-wait-change-cipher-spec'>
  | ServerResumedEnd<'resumed-wait-finished'>
  | { readonly kind: 'ended' };
