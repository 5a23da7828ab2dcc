import type { Instant, Secret } from '@dunlin/base';

import type { PeerIdentity } from './credentials/peer-identity.ts';
import type { CipherSuite } from './crypto/cipher-suite.ts';

/**
 * What both sides remember of a full handshake: what a resumption needs and everything it is bound to
 * (RFC 5246 §7.3, RFC 7627 §5.3, RFC 6066 §3, §4).
 */
export interface Session {
  /** The session id the server gave, 1 to 32 bytes; empty when the session cannot be resumed. */
  readonly id: Uint8Array;
  readonly suite: CipherSuite;
  /** 48 bytes (RFC 5246 §8.1). */
  readonly masterSecret: Secret;
  /** True when the master secret is bound to its handshake (RFC 7627 §4). */
  readonly hasExtendedMasterSecret: boolean;
  /** The host name of the client's server_name extension (RFC 6066 §3). */
  readonly serverName: string | undefined;
  /** The length agreed by max_fragment_length in bytes: 512, 1024, 2048 or 4096 (RFC 6066 §4). */
  readonly maxFragmentLength: number | undefined;
  readonly peer: PeerIdentity;
  /**
   * Names the credential that vouched for the peer, at a client that it used itself, in words of whoever keeps the
   * credentials; when it is revoked, the session goes with it. Up to 4,096 bytes of UTF-8.
   */
  readonly credentialId: string;
  /** When the full handshake was complete; a resumption does not make a session younger. */
  readonly establishedAt: Instant;
}
