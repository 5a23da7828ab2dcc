import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';

import { parseTrustAnchor } from '../../src/credentials/certificate-path.ts';
import {
  certificateCredential,
  type CertificateCredential,
  rawPublicKeyCredential,
  type RawPublicKeyCredential,
} from '../../src/credentials/credential.ts';
import type { PeerTrust } from '../../src/credentials/peer-trust.ts';
import { isRefusal } from '../../src/credentials/refusal.ts';
import { findCipherSuite } from '../../src/crypto/cipher-suite.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import {
  authority,
  basicConstraints,
  type CertificateOptions,
  type Certified,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  makeKeys,
  serverAuth,
  subjectAltName,
} from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { type Mode, type Pair, pairOf } from '../support/modes.ts';

const root = authority('Root');
const stranger = authority('Stranger');

function trustOver(...authorities: readonly Certified[]): PeerTrust {
  const anchors = authorities.flatMap(({ certificate }) => {
    const anchor = parseTrustAnchor(certificate);
    return isRefusal(anchor) ? [] : [anchor];
  });
  assert.equal(anchors.length, authorities.length);
  return { kind: 'trust-anchor-assertion', anchors };
}

/** A credential whose certificate has these options. */
function shown(options: CertificateOptions = {}, ...issuers: readonly Certified[]): CertificateCredential {
  const [issuer = root] = issuers;
  const own = issue({ subject: 'server.example', extensions: [keyUsage(0)], ...options }, issuer);
  const chain = [own, ...issuers].map(({ certificate }) => certificate);
  return wellFormed(certificateCredential(own.privateKey, chain));
}

const suite = findCipherSuite(0xc0ae);

function modeWith(changes: {
  readonly server?: CertificateCredential;
  readonly client?: CertificateCredential;
  readonly serverName?: string | undefined;
  readonly trustOfServer?: PeerTrust;
  readonly trustOfClient?: PeerTrust;
}): Mode {
  assert.ok(suite);
  const serverName = 'serverName' in changes ? changes.serverName : 'server.example';
  return {
    name: 'certificates',
    suite,
    server: {
      suites: [suite],
      credentials: { certificate: changes.server ?? shown() },
      trust: changes.trustOfServer ?? trustOver(root),
    },
    client: {
      credential: changes.client ?? shown({ subject: 'device' }),
      serverName,
      trust: changes.trustOfClient ?? trustOver(root),
    },
    identity: 'certificate',
  };
}

/** Lets the handshake run to its end. */
function connect(mode: Mode, now?: number): Pair {
  const pair = pairOf(mode, 7);
  if (now !== undefined) pair.world.now = instantFrom(now);
  pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
  pair.world.run(200_000);
  return pair;
}

/** Neither side has taken the other for anybody, and both have given up. */
function assertRefused(pair: Pair, by: 'server' | 'client', alert: AlertDescription): void {
  for (const party of [pair.server, pair.client]) {
    assert.deepEqual(party.all('established'), []);
    assert.deepEqual(party.all('received'), []);
    assert.equal(party.all('failed').length, 1);
  }
  const [failed] = pair[by].all('failed');
  assert.equal(failed?.alert, alert, failed?.detail);
}

const { badCertificate, certificateExpired, certificateUnknown, unknownCa, unsupportedCertificate } =
  AlertDescription;

const past = { notBefore: '20200101000000Z', notAfter: '20260101000000Z' };
const noSigner = authority('No signer', { extensions: [basicConstraints(true), keyUsage(0)] }, root);
const noAuthority = issue({ subject: 'No authority' }, root);

/** Certificates that either side refuses, made for one role. */
function flawed(
  wrongPurpose: string,
): readonly (readonly [string, CertificateCredential, AlertDescription])[] {
  return [
    ['from an authority nobody trusts', shown({}, stranger), unknownCa],
    ['signed by nobody but itself', selfSigned(), unknownCa],
    ['that has expired', shown(past), certificateExpired],
    ['for the other role', shown({ extensions: [extendedKeyUsage(wrongPurpose)] }), unsupportedCertificate],
    ['not for signatures', shown({ extensions: [keyUsage(2)] }), unsupportedCertificate],
    ['below one that is no authority', shown({}, noAuthority), badCertificate],
    ['below an authority that must not sign', shown({}, noSigner), badCertificate],
    ['with a forged signature', shown({ signedBy: makeKeys().privateKey }), badCertificate],
  ];
}

function selfSigned(): CertificateCredential {
  const own = issue({ subject: 'server.example' });
  return wellFormed(certificateCredential(own.privateKey, [own.certificate]));
}

describe('a handshake with certificates (checklist 26)', () => {
  it('is completed with those of these tests that have no flaw', () => {
    const pair = connect(modeWith({}));
    assert.equal(pair.server.all('established').length, 1);
    assert.equal(pair.client.all('established').length, 1);
  });

  for (const [flaw, server, alert] of flawed(clientAuth)) {
    it(`is ended by the client when the server’s is one ${flaw} (checklist 26)`, () => {
      assertRefused(connect(modeWith({ server })), 'client', alert);
    });
  }

  for (const [flaw, client, alert] of flawed(serverAuth)) {
    it(`is ended by the server when the client’s is one ${flaw} (checklist 26)`, () => {
      assertRefused(connect(modeWith({ client })), 'server', alert);
    });
  }

  it('is ended by the client when the server’s is that of another host, or no host is known (R-712)', () => {
    const elsewhere = shown({ extensions: [keyUsage(0), subjectAltName(dnsName('elsewhere.example'))] });
    assertRefused(connect(modeWith({ server: elsewhere })), 'client', badCertificate);
    assertRefused(connect(modeWith({ serverName: undefined })), 'client', badCertificate);
  });

  it('is ended by the client when the server’s is not the very one that was expected (R-712)', () => {
    const server = shown();
    const [own = new Uint8Array()] = server.chain;
    const pinned: PeerTrust = { kind: 'domain-issued-certificate', certificates: [own] };
    assert.equal(connect(modeWith({ server, trustOfClient: pinned })).client.all('established').length, 1);
    assertRefused(
      connect(modeWith({ server: shown(), trustOfClient: pinned })),
      'client',
      certificateUnknown,
    );
  });

  it('is ended when it is too early or too late for the certificates', () => {
    assertRefused(connect(modeWith({}), Date.UTC(2025, 0, 1)), 'client', certificateExpired);
    assertRefused(connect(modeWith({}), Date.UTC(2037, 0, 1)), 'client', certificateExpired);
  });
});

const keyOf = (): RawPublicKeyCredential => wellFormed(rawPublicKeyCredential(makeKeys().privateKey));
const trustIn = (publicKey: Uint8Array): PeerTrust => ({ kind: 'raw-public-key', publicKeys: [publicKey] });

function modeOfKeys(
  expectedOfServer: Uint8Array | undefined,
  expectedOfClient: Uint8Array | undefined,
): Mode {
  assert.ok(suite);
  const server = keyOf();
  const client = keyOf();
  return {
    name: 'raw public keys',
    suite,
    server: {
      suites: [suite],
      credentials: { rawPublicKey: server, clientCertificateTypes: [CertificateType.rawPublicKey] },
      trust: trustIn(expectedOfClient ?? client.publicKey),
    },
    client: { credential: client, trust: trustIn(expectedOfServer ?? server.publicKey) },
    identity: 'raw-public-key',
  };
}

describe('a handshake with raw public keys (R-711, checklist 26)', () => {
  it('is ended by whoever is shown another key than the expected one (checklist 26)', () => {
    assert.equal(connect(modeOfKeys(undefined, undefined)).client.all('established').length, 1);
    assertRefused(connect(modeOfKeys(keyOf().publicKey, undefined)), 'client', certificateUnknown);
    assertRefused(connect(modeOfKeys(undefined, keyOf().publicKey)), 'server', certificateUnknown);
  });
});
