import { type Peer, ResponseCode } from '@dunlin/coap';
import { namesEndpoint } from '@dunlin/dtls';

import type { Authorization } from '../authorizer.ts';
import { andThen } from '../maybe-promise.ts';
import type { Registration } from '../registration.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { CredentialProof, CredentialSummary } from './credential.ts';
import type { CredentialStore } from './credential-store.ts';

/** Who wants to register as what. */
export interface IdentityClaim {
  readonly endpointName: string;
  readonly peer: Peer;
  /** What is registered under the name. */
  readonly registration?: Registration | undefined;
}

/**
 * Whether an endpoint name is that of the peer. A name that does not belong to the identity which DTLS authenticated
 * is refused with 4.00. Without DTLS a name is refused with 4.03 when it has credentials, or when it is
 * registered by somebody who proved who he is: he would lose his registration to anybody.
 */
export function judgeIdentity(claim: IdentityClaim, store: CredentialStore): MaybePromise<Authorization> {
  const { endpointName, peer, registration } = claim;
  const { security } = peer;
  switch (security.kind) {
    case 'none':
      if (isTakenBySomebodySecure(registration)) return mustBeSecure;
      return andThen(store.ofEndpoint(endpointName), (credentials) =>
        credentials.length > 0 ? mustBeSecure : accepted,
      );
    case 'psk':
    case 'raw-public-key':
      return andThen(store.findByProof(security), (credential) =>
        credential === undefined ? revoked : judgeOwner(credential, endpointName),
      );
    case 'certificate':
      return andThen(store.findByProof(security), (credential) =>
        credential === undefined
          ? judgeCertified(claim, security.certificate, store)
          : judgeOwner(credential, endpointName),
      );
  }
}

/**
 * The same without a store: the endpoint name must be equal to the PSK identity or one of the names in the certificate
 * a raw public key stands for no name.
 */
export function judgeByEquality({ endpointName, peer, registration }: IdentityClaim): Authorization {
  const { security } = peer;
  if (security.kind === 'none') return isTakenBySomebodySecure(registration) ? mustBeSecure : accepted;
  return namesEndpoint(security, endpointName) ? accepted : notItsName;
}

/** True when the trust anchor may vouch for the endpoint. */
function vouchesFor({ endpointName }: CredentialSummary, name: string): boolean {
  return endpointName === undefined || endpointName === name;
}

function judgeOwner(credential: CredentialSummary, endpointName: string): Authorization {
  return credential.endpointName === endpointName ? accepted : notItsName;
}

/** A certificate that counts because of its issuer: the anchor must vouch for the name, and the certificate have it. */
function judgeCertified(
  { peer, endpointName }: IdentityClaim,
  certificate: Uint8Array,
  store: CredentialStore,
): MaybePromise<Authorization> {
  const credentialId = peer.association?.credentialId;
  const anchors: MaybePromise<readonly CredentialSummary[]> =
    credentialId === undefined
      ? store.trustAnchors()
      : andThen(store.find(credentialId), (found) => (found === undefined ? [] : [found]));
  return andThen(anchors, (candidates) => {
    const usable = candidates.filter(({ proof }) => isTrustAnchor(proof));
    if (usable.length === 0) return revoked;
    const isVouchedFor = usable.some((anchor) => vouchesFor(anchor, endpointName));
    return isVouchedFor && namesEndpoint({ kind: 'certificate', certificate }, endpointName)
      ? accepted
      : notItsName;
  });
}

function isTrustAnchor(proof: CredentialProof): boolean {
  return proof.kind === 'trust-anchor';
}

function isTakenBySomebodySecure(registration: Registration | undefined): boolean {
  return registration !== undefined && registration.peer.security.kind !== 'none';
}

const accepted: Authorization = { kind: 'accepted' };

const notItsName: Authorization = {
  kind: 'refused',
  code: ResponseCode.badRequest,
  reason: 'the endpoint name does not belong to the authenticated identity',
};

const mustBeSecure: Authorization = {
  kind: 'refused',
  code: ResponseCode.forbidden,
  reason: 'this endpoint has credentials: it must come over DTLS (coaps)',
};

const revoked: Authorization = {
  kind: 'refused',
  code: ResponseCode.forbidden,
  reason: 'the credential of this association is no longer valid',
};
