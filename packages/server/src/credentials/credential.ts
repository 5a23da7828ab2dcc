import { hexEncode, type Instant, type Random, type Secret, UsageError } from '@dunlin/base';

/** What a device proves itself with, without anything secret (1.0 §7.1.7 to §7.1.9). */
export type CredentialProof =
  | { readonly kind: 'psk'; readonly identity: string }
  /** A DER SubjectPublicKeyInfo. */
  | { readonly kind: 'raw-public-key'; readonly publicKey: Uint8Array }
  /** The DER certificate of the device itself, byte for byte. */
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array }
  /** The DER certificate of an authority: every certificate that leads to it and names the endpoint counts. */
  | { readonly kind: 'trust-anchor'; readonly certificate: Uint8Array };

/** A credential as it may be shown: it holds no secret. */
export interface CredentialSummary {
  readonly id: string;
  /** Whose it is; `undefined` only for a trust anchor that vouches for every endpoint its certificates name. */
  readonly endpointName: string | undefined;
  readonly proof: CredentialProof;
  readonly createdAt: Instant;
}

/** A credential on its way into a store; a pre-shared key comes with it, and only then. */
export interface NewCredential extends CredentialSummary {
  /** For `psk`, and only then. The store takes the secret over. */
  readonly key?: Secret | undefined;
}

/** A new credential id: 16 hexadecimal digits, unique and without meaning. */
export function newCredentialId(random: Random): string {
  return hexEncode(random.bytes(8));
}

/** Equal for proofs between which a handshake cannot tell; trust anchors of different endpoints are different. */
export function proofKey({ proof, endpointName }: Pick<CredentialSummary, 'proof' | 'endpointName'>): string {
  switch (proof.kind) {
    case 'psk':
      return `psk:${proof.identity}`;
    case 'raw-public-key':
      return `raw-public-key:${hexEncode(proof.publicKey)}`;
    case 'certificate':
      return `certificate:${hexEncode(proof.certificate)}`;
    case 'trust-anchor':
      return `trust-anchor:${hexEncode(proof.certificate)}:${endpointName ?? ''}`;
  }
}

/** What a proof is called in sentences for people; never repeats more than a PSK identity. */
export function proofName(proof: CredentialProof): string {
  switch (proof.kind) {
    case 'psk':
      return `the PSK identity ${JSON.stringify(proof.identity)}`;
    case 'raw-public-key':
      return 'this public key';
    case 'certificate':
      return 'this certificate';
    case 'trust-anchor':
      return 'this trust anchor';
  }
}

/**
 * For stores: throws a `UsageError` unless a key comes with `psk` and with nothing else, and the credential belongs to
 * an endpoint, as all but trust anchors must.
 */
export function checkCredential({ proof, key, endpointName }: NewCredential): void {
  if ((proof.kind === 'psk') !== (key !== undefined)) {
    throw new UsageError('a pre-shared key belongs to a PSK identity, and to nothing else');
  }
  if (endpointName === '' || (endpointName === undefined && proof.kind !== 'trust-anchor')) {
    throw new UsageError('a credential belongs to an endpoint');
  }
}
