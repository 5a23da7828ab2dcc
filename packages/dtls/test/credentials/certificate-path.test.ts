import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';

import {
  type CertificatePath,
  type CertificatePathContext,
  certificatePathDefaults,
  parseTrustAnchor,
  type TrustAnchor,
  validateCertificatePath,
} from '../../src/credentials/certificate-path.ts';
import { isRefusal, type Refusal } from '../../src/credentials/refusal.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import {
  authority,
  basicConstraints,
  type CertificateOptions,
  type Certified,
  clientAuth,
  commonName,
  extendedKeyUsage,
  extension,
  issue,
  keyUsage,
  makeKeys,
  serverAuth,
  validTime,
} from '../support/certificate-authority.ts';
import { sequence } from '../support/der-writer.ts';

const context: CertificatePathContext = { now: validTime, role: 'server', limits: certificatePathDefaults };

function anchorOf(certified: Certified): TrustAnchor {
  const anchor = parseTrustAnchor(certified.certificate);
  assert.ok(!isRefusal(anchor), isRefusal(anchor) ? anchor.reason : '');
  return anchor;
}

function validate(
  chain: readonly Certified[],
  anchors: readonly Certified[],
  changes: Partial<CertificatePathContext> = {},
): CertificatePath | Refusal {
  const ders = chain.map(({ certificate }) => certificate);
  return validateCertificatePath(ders, anchors.map(anchorOf), { ...context, ...changes });
}

function assertAccepted(result: CertificatePath | Refusal): CertificatePath {
  assert.ok(!isRefusal(result), isRefusal(result) ? result.reason : '');
  return result;
}

function assertRefused(result: unknown, alert: AlertDescription, reason: RegExp): void {
  assert.ok(isRefusal(result), 'was accepted');
  assert.match(result.reason, reason);
  assert.equal(result.alert, alert, result.reason);
}

const { badCertificate, certificateExpired, unknownCa, unsupportedCertificate } = AlertDescription;

describe('certificate path (RFC 5280 §6.1, checklist 26)', () => {
  let root: Certified;
  let intermediate: Certified;

  before(() => {
    root = authority('Root');
    intermediate = authority('Intermediate', { extensions: [basicConstraints(true, 0), keyUsage(5)] }, root);
  });

  const leaf = (options: CertificateOptions = {}, issuer = intermediate): Certified =>
    issue({ subject: 'server.example', extensions: [keyUsage(0)], ...options }, issuer);

  describe('is accepted', () => {
    it('straight from an anchor, over an intermediate, and with the anchor sent along (checklist 26)', () => {
      assertAccepted(validate([leaf({}, root)], [root]));
      const own = leaf();
      const path = assertAccepted(validate([own, intermediate], [root]));
      assert.deepEqual(path.leaf.der, own.certificate);
      assert.equal(path.certificates.length, 3);
      assertAccepted(validate([own, intermediate, root], [root]));
      assertAccepted(validate([own, intermediate], [authority('Another'), root]));
    });

    it('when an intermediate authority is itself the anchor', () => {
      assertAccepted(validate([leaf()], [intermediate]));
      assertAccepted(validate([leaf(), intermediate, root], [intermediate]));
    });

    it('on P-384 and signed with SHA-384', () => {
      const strong = authority('Strong', { keys: makeKeys('secp384r1'), hash: 'sha384' });
      assertAccepted(validate([leaf({ keys: makeKeys('secp384r1'), hash: 'sha384' }, strong)], [strong]));
      assertAccepted(validate([leaf({ hash: 'sha384' }, root)], [root]));
    });

    it('whatever stands behind the certificate that an anchor issued', () => {
      const { certificate } = leaf({}, root);
      const result = validateCertificatePath(
        [certificate, Uint8Array.of(1, 2, 3)],
        [anchorOf(root)],
        context,
      );
      assertAccepted(result);
    });

    it('up to the length of path that every authority allows, its own renewals not counted (§4.2.1.9)', () => {
      const limited = authority('Limited', { extensions: [basicConstraints(true, 1), keyUsage(5)] });
      const first = authority('First', {}, limited);
      assertAccepted(validate([leaf({}, first), first], [limited]));
      const renewed = authority('First', {}, first);
      assertAccepted(validate([leaf({}, renewed), renewed, first], [limited]));
    });
  });

  describe('is refused', () => {
    it('when no anchor issued any of it (checklist 26)', () => {
      assertRefused(validate([leaf(), intermediate], [authority('Other')]), unknownCa, /No trust anchor/);
      assertRefused(validate([leaf()], [root]), unknownCa, /No trust anchor/);
      assertRefused(validate([leaf(), intermediate], []), unknownCa, /No trust anchor/);
      const selfSigned = issue({ subject: 'server.example' });
      assertRefused(validate([selfSigned], [root]), unknownCa, /No trust anchor/);
    });

    it('when it brings its own root of a known name (checklist 26)', () => {
      const forged = authority('Root');
      assertRefused(validate([leaf({}, forged), forged], [root]), badCertificate, /signature/);
    });

    it('when a signature is wrong, of the peer or of an authority (checklist 26)', () => {
      const stranger = makeKeys().privateKey;
      assertRefused(validate([leaf({ signedBy: stranger }, root)], [root]), badCertificate, /signature/);
      assertRefused(
        validate([leaf({ signedBy: stranger }), intermediate], [root]),
        badCertificate,
        /signature/,
      );
      const own = leaf();
      const changed = own.certificate.slice();
      const last = changed.length - 1;
      changed[last] = (changed[last] ?? 0) ^ 1;
      const result = validateCertificatePath([changed, intermediate.certificate], [anchorOf(root)], context);
      assertRefused(result, badCertificate, /signature/);
    });

    it('before and after the time it is valid, the peer’s own, an authority’s or the anchor’s (checklist 26)', () => {
      const past = { notBefore: '20200101000000Z', notAfter: '20260614235959Z' };
      const future = { notBefore: '20260615000001Z', notAfter: '20500101000000Z' };
      assertRefused(validate([leaf(past), intermediate], [root]), certificateExpired, /has expired/);
      assertRefused(validate([leaf(future), intermediate], [root]), certificateExpired, /not yet valid/);
      const oldAuthority = authority('Old', past, root);
      assertRefused(
        validate([leaf({}, oldAuthority), oldAuthority], [root]),
        certificateExpired,
        /of the chain has expired/,
      );
      const oldRoot = authority('Old root', past);
      assertRefused(validate([leaf({}, oldRoot)], [oldRoot]), certificateExpired, /anchor has expired/);
    });

    it('outside the very seconds of its validity only, in either form of times (§4.1.2.5)', () => {
      const own = leaf({ notBefore: '19700101000010Z', notAfter: '20500301000000Z' }, root);
      const old = { notBefore: '19700101000000Z', notAfter: '21000101000000Z' };
      const ancient = authority('Ancient', old);
      const aged = leaf({ ...old, notBefore: '19700101000010Z' }, ancient);
      assert.ok(isRefusal(validate([aged], [ancient], { now: instantFrom(9999) })));
      assertAccepted(validate([aged], [ancient], { now: instantFrom(10_000) }));
      assertAccepted(validate([own], [root]));
      const end = Date.UTC(2100, 0, 1);
      assertAccepted(validate([aged], [ancient], { now: instantFrom(end) }));
      assert.ok(isRefusal(validate([aged], [ancient], { now: instantFrom(end + 1) })));
    });

    it('when what issued the certificate is no authority (checklist 26)', () => {
      const noAuthority = issue(
        { subject: 'Pretender', extensions: [basicConstraints(false), keyUsage(0, 5)] },
        root,
      );
      const own = leaf({}, noAuthority);
      assertRefused(validate([own, noAuthority], [root]), badCertificate, /not that of an authority/);
      const bare = issue({ subject: 'Bare' }, root);
      assertRefused(validate([leaf({}, bare), bare], [root]), badCertificate, /not that of an authority/);
      const old = issue({ subject: 'Version 1', version: 0 }, root);
      assertRefused(validate([leaf({}, old), old], [root]), badCertificate, /not that of an authority/);
    });

    it('when an authority is not for signing certificates (checklist 26)', () => {
      const wrong = authority('Wrong', { extensions: [basicConstraints(true), keyUsage(0, 6)] }, root);
      assertRefused(validate([leaf({}, wrong), wrong], [root]), badCertificate, /not for signing/);
    });

    it('when it is longer than an authority allows (checklist 26)', () => {
      const second = authority('Second', {}, intermediate);
      assertRefused(
        validate([leaf({}, second), second, intermediate], [root]),
        badCertificate,
        /allows 0 authorities below it; there are 1/,
      );
      const limited = authority('Limited', { extensions: [basicConstraints(true, 0), keyUsage(5)] });
      const first = authority('First', {}, limited);
      assertRefused(
        validate([leaf({}, first), first], [limited]),
        badCertificate,
        /anchor allows 0 authorities below it; there are 1/,
      );
    });

    it('when the peer’s key is not for signatures (checklist 26)', () => {
      const wrong = leaf({ extensions: [keyUsage(2, 4)] });
      assertRefused(
        validate([wrong, intermediate], [root]),
        unsupportedCertificate,
        /not for digital signatures/,
      );
    });

    it('when it is for the other role, of the peer or of an authority (checklist 26)', () => {
      const forClient = leaf({ extensions: [extendedKeyUsage(clientAuth)] }, root);
      assertRefused(validate([forClient], [root]), unsupportedCertificate, /not for a server/);
      assertAccepted(validate([forClient], [root], { role: 'client' }));
      const forServer = leaf({ extensions: [extendedKeyUsage('1.3.6.1.5.5.7.3.4', serverAuth)] }, root);
      assertAccepted(validate([forServer], [root]));
      assertRefused(
        validate([forServer], [root], { role: 'client' }),
        unsupportedCertificate,
        /not for a client/,
      );
      const forAny = leaf({ extensions: [extendedKeyUsage('2.5.29.37.0')] }, root);
      assertAccepted(validate([forAny], [root], { role: 'client' }));
      const narrow = authority(
        'Narrow',
        { extensions: [basicConstraints(true), keyUsage(5), extendedKeyUsage(clientAuth)] },
        root,
      );
      assertRefused(validate([leaf({}, narrow), narrow], [root]), unsupportedCertificate, /not for a server/);
    });

    it('when it has a critical extension that is not understood, or limits names (checklist 26)', () => {
      const critical = leaf({ extensions: [extension('1.2.3.4', sequence(), true)] }, root);
      assertRefused(validate([critical], [root]), unsupportedCertificate, /critical extension 1\.2\.3\.4/);
      const harmless = leaf({ extensions: [extension('1.2.3.4', Uint8Array.of(1, 2, 3))] }, root);
      assertAccepted(validate([harmless], [root]));
      const constrained = authority(
        'Constrained',
        { extensions: [basicConstraints(true), keyUsage(5), extension('2.5.29.30', sequence())] },
        root,
      );
      assertRefused(
        validate([leaf({}, constrained), constrained], [root]),
        unsupportedCertificate,
        /2\.5\.29\.30/,
      );
    });

    it('when its certificates are not each by the next one (checklist 26)', () => {
      const stranger = authority('Stranger', {}, root);
      assertRefused(validate([leaf(), stranger, intermediate], [root]), badCertificate, /not by the next/);
      const both = authority('Both', { extensions: [basicConstraints(true), keyUsage(0, 5)] }, root);
      assertRefused(validate([both, leaf()], [authority('Other')]), badCertificate, /not by the next/);
      const named = authority('Other name', { keys: intermediate.keys }, root);
      assertRefused(validate([leaf(), named], [root]), badCertificate, /not by the next/);
    });

    it('when it is too long or too large (checklist 26)', () => {
      assertRefused(validate([], [root]), badCertificate, /no certificate/);
      const chain = [leaf(), intermediate];
      const limits = { maxChainLength: 1, maxChainBytes: 10_000 };
      assertRefused(validate(chain, [root], { limits }), badCertificate, /has 2 certificates; at most 1/);
      const small = { maxChainLength: 5, maxChainBytes: 500 };
      assertRefused(validate(chain, [root], { limits: small }), badCertificate, /at most 500/);
      const huge = leaf({ extensions: [extension('1.2.3.4', new Uint8Array(9000))] });
      assertRefused(validate([huge], [root]), badCertificate, /longer than 8192/);
    });

    it('when it is signed with SHA-512, SHA-1 or RSA (checklist 26)', () => {
      assertRefused(
        validate([leaf({ hash: 'sha512' }, root)], [root]),
        unsupportedCertificate,
        /ECDSA with SHA-512; only ECDSA with SHA-256 or SHA-384/,
      );
      const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const byRsa = leaf({ signedBy: rsa.privateKey }, root);
      assertRefused(validate([byRsa], [root]), unsupportedCertificate, /RSA with SHA-256/);
      const rsaLeaf = leaf({ keys: rsa, signedBy: root.privateKey }, root);
      assertRefused(validate([rsaLeaf], [root]), unsupportedCertificate, /algorithm RSA; only ECDSA/);
      assertRefused(
        parseTrustAnchor(issue({ keys: rsa }).certificate),
        unsupportedCertificate,
        /algorithm RSA/,
      );
    });

    it('when a key is on another curve (checklist 26)', () => {
      const other = leaf({ keys: makeKeys('secp256k1') }, root);
      assertRefused(validate([other], [root]), unsupportedCertificate, /curve 1\.3\.132\.0\.10/);
      const p521 = authority('P-521', { keys: makeKeys('secp521r1') });
      assertRefused(parseTrustAnchor(p521.certificate), unsupportedCertificate, /curve 1\.3\.132\.0\.35/);
    });

    it('when what was issued under one name is presented under another of the same text (§7.1)', () => {
      const elsewhere = leaf({ issuerName: commonName('root'), signedBy: root.privateKey }, root);
      assertRefused(validate([elsewhere], [root]), unknownCa, /No trust anchor/);
    });
  });

  it('takes as anchors authorities only (checklist 26)', () => {
    assertRefused(parseTrustAnchor(leaf().certificate), badCertificate, /not that of an authority/);
    const wrong = authority('Wrong', { extensions: [basicConstraints(true), keyUsage(0)] });
    assertRefused(parseTrustAnchor(wrong.certificate), badCertificate, /not for signing/);
    assertRefused(parseTrustAnchor(Uint8Array.of(0x30, 0)), badCertificate, /not valid DER/);
  });
});
