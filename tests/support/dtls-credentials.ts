import { Secret, type Signal, SignalSource, utf8Encode } from '@dunlin/base';
import {
  type CertificateCredential,
  certificateCredential,
  isRefusal,
  judgePeer,
  parseTrustAnchor,
  type PeerEvidence,
  type PeerTrust,
  pskCredential,
  type RawPublicKeyCredential,
  rawPublicKeyCredential,
  type Refusal,
} from '@dunlin/dtls';
import {
  type ClientCredential,
  type DtlsCredentials,
  type FoundKey,
  now,
  type VouchedFor,
} from '@dunlin/node';

import {
  authority,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  makeKeys,
  serverAuth,
  subjectAltName,
} from '../../packages/dtls/test/support/certificate-authority.ts';
import { wellFormed } from '../../packages/dtls/test/support/codec.ts';

/** The identity that servers of tests know, and its key. */
export const deviceIdentity = 'urn:dev:ops:32473-thermometer-42';
export const deviceKey: Uint8Array = utf8Encode('0123456789abcdef');

/** What a credential of a kind is called by a server that trusts it. */
export type CredentialKind = 'psk' | 'raw-public-key' | 'certificate';

const root = authority('Root');
const serverKeys = makeKeys();
const deviceKeys = makeKeys();

const serverCertificate = issue(
  {
    subject: 'server',
    keys: serverKeys,
    extensions: [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(dnsName('localhost'))],
  },
  root,
);
const deviceCertificate = issue(
  {
    subject: deviceIdentity,
    keys: deviceKeys,
    extensions: [keyUsage(0), extendedKeyUsage(clientAuth)],
  },
  root,
);

const rawServer: RawPublicKeyCredential = wellFormed(rawPublicKeyCredential(serverKeys.privateKey));
const rawDevice: RawPublicKeyCredential = wellFormed(rawPublicKeyCredential(deviceKeys.privateKey));
const certifiedServer: CertificateCredential = wellFormed(
  certificateCredential(serverKeys.privateKey, [serverCertificate.certificate]),
);

const trustsRoot: PeerTrust = {
  kind: 'trust-anchor-assertion',
  anchors: [parseTrustAnchor(root.certificate)].flatMap((anchor) => (isRefusal(anchor) ? [] : [anchor])),
};

/** A pre-shared key as a client has it. */
export function keyOfClient(
  key: Uint8Array = deviceKey,
  identity: string = deviceIdentity,
): ClientCredential {
  return { credential: wellFormed(pskCredential(identity, key)) };
}

/** What a device proves itself with in each mode, and knows the server by. */
export const clientCredentials: Readonly<Record<CredentialKind, ClientCredential>> = {
  psk: keyOfClient(),
  'raw-public-key': {
    credential: rawDevice,
    trust: { kind: 'raw-public-key', publicKeys: [rawServer.publicKey] },
  },
  certificate: {
    credential: wellFormed(certificateCredential(deviceKeys.privateKey, [deviceCertificate.certificate])),
    trust: trustsRoot,
  },
};

/** What the server shows in each mode; with a raw public key at hand it is preferred, so there is one at a time. */
const shownBy: Readonly<Record<CredentialKind, DtlsCredentials['own']>> = {
  psk: { identityHint: 'dunlin' },
  'raw-public-key': { rawPublicKey: rawServer },
  certificate: { certificate: certifiedServer },
};

/** What a device is known by in each mode. */
export const deviceSecurity = {
  psk: { kind: 'psk', identity: deviceIdentity },
  'raw-public-key': { kind: 'raw-public-key', publicKey: rawDevice.publicKey },
  certificate: { kind: 'certificate', certificate: deviceCertificate.certificate },
} as const;

/** What the server is known by in each mode. */
export const serverSecurity = {
  psk: { kind: 'psk', identity: deviceIdentity },
  'raw-public-key': { kind: 'raw-public-key', publicKey: rawServer.publicKey },
  certificate: { kind: 'certificate', certificate: serverCertificate.certificate },
} as const;

/** The credentials of a server that knows one device, by a credential id that is the name of its kind. */
export class ServerCredentials implements DtlsCredentials {
  readonly own: NonNullable<DtlsCredentials['own']>;
  /** The identities and kinds of evidence that were asked about. */
  readonly asked: string[] = [];
  /** The keys that were given out. */
  readonly given: Secret[] = [];
  readonly #revoked = new SignalSource<string>();
  readonly #revokedIds = new Set<string>();

  constructor(kind: CredentialKind = 'psk') {
    this.own = shownBy[kind] ?? {};
  }

  get revoked(): Signal<string> {
    return this.#revoked;
  }

  /** How many listen to revocations. */
  get listeners(): number {
    return this.#revoked.listenerCount;
  }

  pskFor(identity: string): Promise<FoundKey | undefined> {
    this.asked.push(identity);
    if (identity !== deviceIdentity || this.#revokedIds.has('psk')) return Promise.resolve(undefined);
    const key = new Secret(deviceKey.slice());
    this.given.push(key);
    return Promise.resolve({ key, credentialId: 'psk' });
  }

  trusts(evidence: PeerEvidence): Promise<VouchedFor | Refusal | undefined> {
    this.asked.push(evidence.kind);
    if (evidence.kind === 'session') return Promise.resolve(this.#voucher(evidence.peer.kind));
    const { certificate } = evidence;
    const kind = certificate.kind === 'x509' ? 'certificate' : 'raw-public-key';
    const trust: PeerTrust =
      kind === 'certificate' ? trustsRoot : { kind: 'raw-public-key', publicKeys: [rawDevice.publicKey] };
    const judged = judgePeer(certificate, trust, { now: now(), role: 'client', host: undefined });
    return Promise.resolve(isRefusal(judged) ? judged : this.#voucher(kind));
  }

  /** From now on the credential is not good any more; whoever wants to hear it is told. */
  revoke(credentialId: string): void {
    this.#revokedIds.add(credentialId);
    this.#revoked.emit(credentialId);
  }

  /** As `revoke`, without telling: what happens to a store while nobody has it open. */
  revokeSilently(credentialId: string): void {
    this.#revokedIds.add(credentialId);
  }

  #voucher(kind: string): VouchedFor | undefined {
    return this.#revokedIds.has(kind) ? undefined : { credentialId: kind };
  }
}
