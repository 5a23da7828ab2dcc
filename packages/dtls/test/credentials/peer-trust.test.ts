import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import fc from 'fast-check';

import { parseTrustAnchor, type TrustAnchor } from '../../src/credentials/certificate-path.ts';
import type { PeerIdentity } from '../../src/credentials/peer-identity.ts';
import { type JudgementContext, judgePeer, type PeerTrust } from '../../src/credentials/peer-trust.ts';
import { isRefusal, type Refusal } from '../../src/credentials/refusal.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import type { Certificate } from '../../src/wire/certificate.ts';
import { byteStrings } from '../support/arbitraries.ts';
import {
  authority,
  type Certified,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  makeKeys,
  subjectAltName,
  validTime,
} from '../support/certificate-authority.ts';

const context: JudgementContext = { now: validTime, role: 'server', host: 'server.example' };

const chainOf = (...certified: readonly Certified[]): Certificate => ({
  kind: 'x509',
  chain: certified.map(({ certificate }) => certificate),
});

function anchorOf(certified: Certified): TrustAnchor {
  const anchor = parseTrustAnchor(certified.certificate);
  assert.ok(!isRefusal(anchor));
  return anchor;
}

function assertTrusted(result: PeerIdentity | Refusal): PeerIdentity {
  assert.ok(result.kind !== 'refused', result.kind === 'refused' ? result.reason : '');
  return result;
}

function assertRefused(result: PeerIdentity | Refusal, alert: AlertDescription, reason: RegExp): void {
  assert.ok(result.kind === 'refused', 'was accepted');
  assert.match(result.reason, reason);
  assert.equal(result.alert, alert, result.reason);
}

const { badCertificate, certificateExpired, certificateUnknown, unknownCa, unsupportedCertificate } =
  AlertDescription;

const root = authority('Root');
const intermediate = authority('Intermediate', {}, root);
const server = issue(
  { subject: 'server', extensions: [keyUsage(0), subjectAltName(dnsName('server.example'))] },
  intermediate,
);
const other = issue(
  { subject: 'other', extensions: [subjectAltName(dnsName('server.example'))] },
  intermediate,
);

const bareKey = (subjectPublicKeyInfo: Uint8Array): Certificate => ({
  kind: 'raw-public-key',
  subjectPublicKeyInfo,
});

describe('trust in raw public keys (R-711, checklist 26)', () => {
  const key = issue();
  const trust: PeerTrust = { kind: 'raw-public-key', publicKeys: [issue().publicKey, key.publicKey] };

  it('is given to a key that is the expected one bit by bit, and then names the peer', () => {
    const identity = assertTrusted(judgePeer(bareKey(key.publicKey), trust, context));
    assert.deepEqual(identity, { kind: 'raw-public-key', publicKey: key.publicKey });
  });

  it('is not given to any other key, however valid (checklist 26)', () => {
    assertRefused(
      judgePeer(bareKey(issue().publicKey), trust, context),
      certificateUnknown,
      /not the expected/,
    );
    assertRefused(
      judgePeer(bareKey(key.publicKey), { kind: 'raw-public-key', publicKeys: [] }, context),
      certificateUnknown,
      /not the expected/,
    );
    const { publicKey } = issue({ keys: makeKeys('secp256k1') });
    const pinned: PeerTrust = { kind: 'raw-public-key', publicKeys: [publicKey] };
    assertRefused(judgePeer(bareKey(publicKey), pinned, context), unsupportedCertificate, /curve/);
    assertRefused(judgePeer(bareKey(new Uint8Array()), trust, context), badCertificate, /not valid DER/);
  });

  it('is not mixed up with trust in certificates (checklist 20, 26)', () => {
    assertRefused(
      judgePeer(chainOf(key), trust, context),
      unsupportedCertificate,
      /raw public key was expected/,
    );
    const pinned: PeerTrust = { kind: 'domain-issued-certificate', certificates: [key.certificate] };
    assertRefused(
      judgePeer(bareKey(key.publicKey), pinned, context),
      unsupportedCertificate,
      /certificate was expected/,
    );
  });
});

const pin = (certified: Certified): PeerTrust => ({
  kind: 'domain-issued-certificate',
  certificates: [certified.certificate],
});

describe('trust in domain-issued certificates (R-712, checklist 26)', () => {
  const pinned: PeerTrust = { kind: 'domain-issued-certificate', certificates: [server.certificate] };

  it('is given to the very certificate, without any path to an authority, self-signed ones included', () => {
    const identity = assertTrusted(judgePeer(chainOf(server), pinned, context));
    assert.deepEqual(identity, { kind: 'certificate', certificate: server.certificate });
    const selfSigned = issue({ subject: 'server.example' });
    const trust: PeerTrust = { kind: 'domain-issued-certificate', certificates: [selfSigned.certificate] };
    assertTrusted(judgePeer(chainOf(selfSigned), trust, context));
  });

  it('is not given to another certificate of the same key, name and authority (checklist 26)', () => {
    const renewed = issue({ subject: server.name, keys: server.keys }, intermediate);
    for (const stranger of [renewed, other, root]) {
      assertRefused(judgePeer(chainOf(stranger), pinned, context), certificateUnknown, /not the expected/);
    }
    assertRefused(judgePeer(chainOf(other, server), pinned, context), certificateUnknown, /not the expected/);
    assertRefused(judgePeer(chainOf(), pinned, context), badCertificate, /no certificate/);
  });

  it('still needs the host name, the time, the usage and a key that is supported (R-712, R-713)', () => {
    const away = { ...context, host: 'elsewhere.example' };
    assertRefused(judgePeer(chainOf(server), pinned, away), badCertificate, /not that of elsewhere\.example/);
    const late = { ...context, now: instantFrom(Date.UTC(2040, 0, 1)) };
    assertRefused(judgePeer(chainOf(server), pinned, late), certificateExpired, /has expired/);
    const forClients = issue({ subject: 'server.example', extensions: [extendedKeyUsage(clientAuth)] });
    assertRefused(
      judgePeer(chainOf(forClients), pin(forClients), context),
      unsupportedCertificate,
      /for a server/,
    );
    const forSigning = issue({ subject: 'server.example', extensions: [keyUsage(5)] });
    assertRefused(
      judgePeer(chainOf(forSigning), pin(forSigning), context),
      unsupportedCertificate,
      /signatures/,
    );
    const weak = issue({ subject: 'server.example', keys: makeKeys('secp256k1') });
    assertRefused(judgePeer(chainOf(weak), pin(weak), context), unsupportedCertificate, /curve/);
  });

  it('compares no name for a client, whose endpoint name is compared when it registers (R-730)', () => {
    assertTrusted(judgePeer(chainOf(server), pinned, { now: validTime, role: 'client' }));
  });
});

describe('judging a peer (checklist 26)', () => {
  it('ends without harm for any bytes in a chain, alone or behind a real certificate (checklist 26)', () => {
    const trusts: readonly PeerTrust[] = [
      { kind: 'trust-anchor-assertion', anchors: [anchorOf(root)] },
      { kind: 'domain-issued-certificate', certificates: [server.certificate] },
      { kind: 'raw-public-key', publicKeys: [server.publicKey] },
    ];
    const links = fc.oneof(
      byteStrings(0, 60),
      fc.constantFrom(server.certificate, other.certificate, intermediate.certificate),
      fc.tuple(fc.nat(server.certificate.length - 1), fc.nat(255)).map(([position, byte]) => {
        const changed = server.certificate.slice();
        changed[position] = byte;
        return changed;
      }),
    );
    fc.assert(
      fc.property(fc.array(links, { maxLength: 8 }), fc.constantFrom(...trusts), (chain, trust) => {
        const result = judgePeer({ kind: 'x509', chain }, trust, context);
        // Whoever is trusted is the server itself, nothing that looks like it.
        if (result.kind === 'certificate' && trust.kind === 'domain-issued-certificate') {
          assert.deepEqual(result.certificate, server.certificate);
        }
      }),
    );
  });
});

describe('trust over authorities (certificate usage 0 to 2, checklist 26)', () => {
  const anchors = [anchorOf(root)];
  const shown = chainOf(server, intermediate);

  it('asks for a path and the host name with usage 2', () => {
    const trust: PeerTrust = { kind: 'trust-anchor-assertion', anchors };
    const identity = assertTrusted(judgePeer(shown, trust, context));
    assert.deepEqual(identity, { kind: 'certificate', certificate: server.certificate });
    assertRefused(judgePeer(chainOf(server), trust, context), unknownCa, /No trust anchor/);
    assertRefused(
      judgePeer(shown, trust, { ...context, host: 'a.server.example' }),
      badCertificate,
      /not that of/,
    );
    const limits = { maxChainLength: 1, maxChainBytes: 10_000 };
    assertRefused(judgePeer(shown, trust, { ...context, limits }), badCertificate, /at most 1/);
  });

  it('is given to no server without a host name to compare (R-712, checklist 26)', () => {
    const trust: PeerTrust = { kind: 'trust-anchor-assertion', anchors };
    const nameless: JudgementContext = { now: validTime, role: 'server' };
    assertRefused(judgePeer(shown, trust, nameless), badCertificate, /no host name/);
    assertRefused(judgePeer(shown, trust, { ...nameless, host: '' }), badCertificate, /not that of/);
    assertTrusted(judgePeer(shown, trust, { now: validTime, role: 'client', host: 'ignored.example' }));
    const pinned: PeerTrust = { kind: 'domain-issued-certificate', certificates: [server.certificate] };
    assertTrusted(judgePeer(shown, pinned, nameless));
  });

  it('asks for the very certificate besides with usage 1', () => {
    const trust: PeerTrust = {
      kind: 'service-certificate-constraint',
      anchors,
      certificate: server.certificate,
    };
    assertTrusted(judgePeer(shown, trust, context));
    assertRefused(
      judgePeer(chainOf(other, intermediate), trust, context),
      certificateUnknown,
      /not the expected/,
    );
    assertRefused(judgePeer(chainOf(server), trust, context), unknownCa, /No trust anchor/);
  });

  it('asks for a certain authority on the path besides with usage 0', () => {
    for (const certified of [intermediate, root]) {
      const trust: PeerTrust = { kind: 'ca-constraint', anchors, certificate: certified.certificate };
      assertTrusted(judgePeer(shown, trust, context));
    }
    for (const certified of [server, authority('Other')]) {
      const trust: PeerTrust = { kind: 'ca-constraint', anchors, certificate: certified.certificate };
      assertRefused(judgePeer(shown, trust, context), unknownCa, /expected authority/);
    }
  });
});
