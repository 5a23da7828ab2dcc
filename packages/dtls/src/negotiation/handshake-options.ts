import type { CertificateCredential, RawPublicKeyCredential } from '../credentials/credential.ts';
import { type CipherSuite, cipherSuites } from '../crypto/cipher-suite.ts';
import type { CertificateType } from '../wire/extension/certificate-types.ts';
import type { MaxFragmentLength } from '../wire/extension/max-fragment-length.ts';
import { NamedGroup } from '../wire/extension/supported-groups.ts';

/** What a server authenticates itself with; what is left out is not offered. A client is always authenticated too. */
export interface ServerCredentials {
  /** Pre-shared keys are looked up by identity, one by one; the hint is sent to clients (RFC 4279 §2). */
  readonly preSharedKeys?: { readonly identityHint?: string };
  readonly rawPublicKey?: RawPublicKeyCredential;
  readonly certificate?: CertificateCredential;
  /** What clients may authenticate with in the suites with certificates; both unless said otherwise. */
  readonly clientCertificateTypes?: readonly CertificateType[];
}

/** What both roles negotiate with; see `negotiationOptionsDefaults`. */
export interface NegotiationOptions {
  /** The suites that are taken, most preferred first. */
  readonly suites: readonly CipherSuite[];
  /** The groups that are taken for key agreement, most preferred first. */
  readonly groups: readonly NamedGroup[];
  /** Peers without RFC 7627 are refused. */
  readonly requiresExtendedMasterSecret: boolean;
  /** How long the connection ids are that this side wants in records it receives; `undefined`: no RFC 9146. */
  readonly connectionIdLength: number | undefined;
  /**
   * The most content in records this side receives, 64 to 16,384 bytes (RFC 8449). Clients announce it if it is below
   * the most there is, servers to clients that know the extension; it does not bind others.
   */
  readonly recordSizeLimit: number;
  /** What a client asks for by RFC 6066 §4, for servers that do not know RFC 8449. */
  readonly maxFragmentLength: MaxFragmentLength | undefined;
  /** The most bytes of a PSK identity that a server looks up; longer ones are unknown. */
  readonly maxIdentityLength: number;
}

/** Extended master secret: RFC 7627 and RFC 9325 §3.5. Identities: RFC 4279 §5.3 asks for 128 bytes, twice that. */
export const negotiationOptionsDefaults: NegotiationOptions = {
  suites: cipherSuites,
  groups: [NamedGroup.secp256r1, NamedGroup.x25519, NamedGroup.secp384r1],
  requiresExtendedMasterSecret: true,
  connectionIdLength: undefined,
  recordSizeLimit: 16_384,
  maxFragmentLength: undefined,
  maxIdentityLength: 256,
};
