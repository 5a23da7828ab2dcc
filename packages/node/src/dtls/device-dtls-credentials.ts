import { type Instant, type Signal, utf8Encode } from '@dunlin/base';
import {
  AlertDescription,
  endpointNamesOf,
  isMalformed,
  isRefusal,
  judgePeer,
  parseTrustAnchor,
  type PeerEvidence,
  type PeerIdentity,
  pskLimits,
  type Refusal,
  type TrustAnchor,
} from '@dunlin/dtls';
import type { CredentialProof, CredentialStore, CredentialSummary, DeviceCredentials } from '@dunlin/server';

import { now } from '../clock.ts';
import type { DtlsCredentials, OwnCredentials, VouchedFor } from './dtls-credentials.ts';

/** What else a DTLS server binding authenticates with. */
export interface DeviceDtlsCredentialsOptions {
  /** What the server shows; see `DtlsCredentials`. */
  readonly own?: OwnCredentials;
  /** Tells what it shows from then on. */
  readonly renewed?: Signal<OwnCredentials>;
  /** Judges whether certificates are valid now; by default the clock of the system. */
  readonly clock?: () => Instant;
}

/**
 * The credentials of devices, for a DTLS server binding: whoever has one may come, and what is revoked ends. Which
 * endpoint name he may register is the server's to judge. A certificate is trusted when it is in the store
 * itself, byte for byte, or when it leads to a trust anchor that vouches for one of the names in it.
 */
export function deviceDtlsCredentials(
  credentials: DeviceCredentials,
  options: Readonly<DeviceDtlsCredentialsOptions> = {},
): DtlsCredentials {
  const { store } = credentials;
  const clock = options.clock ?? now;
  return {
    ...(options.own === undefined ? {} : { own: options.own }),
    ...(options.renewed === undefined ? {} : { renewed: options.renewed }),
    async pskFor(identity) {
      if (utf8Encode(identity).length > pskLimits.maxIdentityLength) return undefined;
      const found = await store.findPreSharedKey(identity);
      return found && { key: found.key, credentialId: found.credential.id };
    },
    trusts: (evidence) => trusts(evidence, store, clock),
    revoked: {
      subscribe: (listener) => credentials.revoked.subscribe(({ id }) => listener(id)),
    },
  };
}

async function trusts(
  evidence: PeerEvidence,
  store: CredentialStore,
  clock: () => Instant,
): Promise<VouchedFor | Refusal> {
  if (evidence.kind === 'session') return await judgeSession(evidence, store, clock());
  const { certificate } = evidence;
  if (certificate.kind === 'raw-public-key') {
    const publicKey = certificate.subjectPublicKeyInfo;
    const judged = judgePeer(
      certificate,
      { kind: 'raw-public-key', publicKeys: [publicKey] },
      atServer(clock()),
    );
    if (isRefusal(judged)) return judged;
    const found = await store.findByProof({ kind: 'raw-public-key', publicKey });
    return found === undefined ? unknownKey : { credentialId: found.id };
  }
  const [own = new Uint8Array()] = certificate.chain;
  const found = await store.findByProof({ kind: 'certificate', certificate: own });
  if (found === undefined) return judgeChain(certificate.chain, await store.trustAnchors(), clock());
  const judged = judgePinned(own, clock());
  return isRefusal(judged) ? judged : { credentialId: found.id };
}

/** Somebody comes back who was trusted before: his credential must still be there, and his certificate be valid. */
async function judgeSession(
  { peer, credentialId }: Extract<PeerEvidence, { kind: 'session' }>,
  store: CredentialStore,
  time: Instant,
): Promise<VouchedFor | Refusal> {
  if ((await store.find(credentialId)) === undefined) return noLongerThere;
  const judged = peer.kind === 'certificate' ? judgePinned(peer.certificate, time) : peer;
  return isRefusal(judged) ? judged : { credentialId };
}

function judgePinned(certificate: Uint8Array, time: Instant): PeerIdentity | Refusal {
  const trust = { kind: 'domain-issued-certificate', certificates: [certificate] } as const;
  return judgePeer({ kind: 'x509', chain: [certificate] }, trust, atServer(time));
}

/**
 * Several endpoints may have the same authority: of the anchors that lead to the certificate, one for every endpoint
 * counts first, then one whose endpoint the certificate names.
 */
function judgeChain(
  chain: readonly Uint8Array[],
  credentials: readonly CredentialSummary[],
  time: Instant,
): VouchedFor | Refusal {
  const anchors = new Map<CredentialSummary, TrustAnchor>();
  for (const credential of credentials) {
    const anchor = trustAnchorOf(credential.proof);
    if (anchor !== undefined) anchors.set(credential, anchor);
  }
  const judged = judgePeer(
    { kind: 'x509', chain },
    { kind: 'trust-anchor-assertion', anchors: [...anchors.values()] },
    atServer(time),
  );
  if (isRefusal(judged)) return judged;
  const names = endpointNamesOf(chain[0] ?? new Uint8Array());
  if (isMalformed(names)) return namesNobody;
  const candidates = [...anchors]
    .filter(([{ endpointName }]) => endpointName === undefined || names.includes(endpointName))
    .sort(([one], [other]) => rank(one) - rank(other));
  for (const [{ id }, anchor] of candidates) {
    const trust = { kind: 'trust-anchor-assertion', anchors: [anchor] } as const;
    if (!isRefusal(judgePeer({ kind: 'x509', chain }, trust, atServer(time)))) return { credentialId: id };
  }
  return namesNobody;
}

function rank({ endpointName }: CredentialSummary): number {
  return Number(endpointName !== undefined);
}

function trustAnchorOf(proof: CredentialProof): TrustAnchor | undefined {
  if (proof.kind !== 'trust-anchor') return undefined;
  const anchor = parseTrustAnchor(proof.certificate);
  return isRefusal(anchor) ? undefined : anchor;
}

function atServer(time: Instant): { readonly now: Instant; readonly role: 'client' } {
  return { now: time, role: 'client' };
}

const unknownKey: Refusal = {
  kind: 'refused',
  reason: 'No credential has this public key.',
  alert: AlertDescription.certificateUnknown,
};

const namesNobody: Refusal = {
  kind: 'refused',
  reason: 'The certificate names no endpoint that its authority vouches for.',
  alert: AlertDescription.certificateUnknown,
};

const noLongerThere: Refusal = {
  kind: 'refused',
  reason: 'The credential was removed.',
  alert: AlertDescription.certificateUnknown,
};
