import type { Secret, Signal } from '@dunlin/base';
import type {
  CertificateCredential,
  Credential,
  PeerEvidence,
  PeerTrust,
  RawPublicKeyCredential,
  Refusal,
} from '@dunlin/dtls';

/** Which credential vouches for a peer, in words of whoever keeps the credentials. */
export interface VouchedFor {
  /** What is revoked later: 1 to 4,096 bytes of UTF-8. */
  readonly credentialId: string;
}

/** The key that an identity has. */
export interface FoundKey extends VouchedFor {
  /** 1 to 128 bytes, as a copy for the binding, which destroys it. */
  readonly key: Secret;
}

/** What a server shows. */
export interface OwnCredentials {
  readonly rawPublicKey?: RawPublicKeyCredential;
  readonly certificate?: CertificateCredential | undefined;
  /** Sent to clients with pre-shared keys (RFC 4279 §2); LwM2M clients ignore it. */
  readonly identityHint?: string;
}

/**
 * What a server authenticates itself and its clients with. Look-ups may take their time, up to the answer time of the
 * handshake (10 s unless said otherwise); one that rejects counts as not found and is told as a diagnostic.
 */
export interface DtlsCredentials {
  /** What the server shows; without either only suites with pre-shared keys are offered. */
  readonly own?: OwnCredentials;
  /** Tells what the server shows in handshakes from then on. */
  readonly renewed?: Signal<OwnCredentials>;
  /** The key of an identity; `undefined` when nobody has it: the client cannot tell that from a wrong key. */
  pskFor(identity: string): Promise<FoundKey | undefined>;
  /**
   * Whether a client may come; it has proved that it has the private key. `evidence.kind` is `certificate` for a
   * raw public key or chain, of which nothing else was verified (`judgePeer` does that), and `session` when a client
   * comes back that was trusted before, or an association is about to go on after a restart: the answer is the
   * credential that is good for that peer now, and counts if it is the same. Sessions of pre-shared keys are asked for
   * with `pskFor`.
   */
  trusts(evidence: PeerEvidence): Promise<VouchedFor | Refusal | undefined>;
  /**
   * Tells credential ids that are no longer good, after look-ups have ceased to give them: their sessions are
   * forgotten, and their associations and handshakes end.
   */
  readonly revoked?: Signal<string>;
}

/** What a client authenticates itself with at one server, and the server by. */
export interface ClientCredential {
  readonly credential: Credential;
  /** What the server's raw public key or certificate is judged by; needed unless `credential` is a pre-shared key. */
  readonly trust?: PeerTrust;
}
