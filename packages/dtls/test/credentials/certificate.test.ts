import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, instantFrom } from '@dunlin/base';
import fc from 'fast-check';

import { type ParsedCertificate, parseCertificate } from '../../src/credentials/certificate.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { byteStrings } from '../support/arbitraries.ts';
import {
  attribute,
  basicConstraints,
  type CertificateOptions,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  extension,
  ipName,
  issue,
  keyUsage,
  mailName,
  serverAuth,
  subjectAltName,
  uriName,
} from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import {
  bitString,
  boolean,
  element,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utf8String,
} from '../support/der-writer.ts';

const parse = (options: CertificateOptions): ParsedCertificate =>
  wellFormed(parseCertificate(issue(options).certificate));

function assertMalformed(options: CertificateOptions, reason: RegExp): void {
  const parsed = parseCertificate(issue(options).certificate);
  assert.ok(isMalformed(parsed), 'was accepted');
  assert.match(parsed.reason, reason);
  assert.equal(parsed.alert, AlertDescription.badCertificate);
}

/** A Name of several common names. */
const commonNames = (...texts: readonly Uint8Array[]): Uint8Array =>
  sequence(...texts.map((text) => set(attribute('2.5.4.3', text))));

describe('certificate (RFC 5280 §4.1, checklist 26)', () => {
  it('says what Node.js does not: key usage, path length, purposes, names and addresses', () => {
    const { extensions, commonName, notBefore, notAfter } = parse({
      subject: 'a device',
      extensions: [
        basicConstraints(true, 3),
        keyUsage(0, 5, 8),
        extendedKeyUsage(serverAuth, clientAuth),
        subjectAltName(
          dnsName('Device.example'),
          uriName('urn:dev:ops:1'),
          ipName(192, 0, 2, 1),
          ipName(...new Uint8Array(16).fill(9)),
          mailName('nobody@example'),
        ),
      ],
    });
    assert.equal(commonName, 'a device');
    assert.equal(notBefore, instantFrom(Date.UTC(2026, 0, 1)));
    assert.equal(notAfter, instantFrom(Date.UTC(2036, 11, 31, 23, 59, 59)));
    assert.deepEqual(extensions, {
      isCertificationAuthority: true,
      pathLength: 3,
      keyUsage: new Set([0, 5, 8]),
      keyPurposes: [serverAuth, clientAuth],
      alternativeNames: [
        { kind: 'dns', name: 'Device.example' },
        { kind: 'uri', name: 'urn:dev:ops:1' },
        { kind: 'ip', address: Uint8Array.of(192, 0, 2, 1) },
        { kind: 'ip', address: new Uint8Array(16).fill(9) },
      ],
      notUnderstood: [],
    });
  });

  it('may have no extension at all, and be of version 1', () => {
    assert.deepEqual(parse({ version: 0 }).extensions, {
      isCertificationAuthority: false,
      pathLength: undefined,
      keyUsage: undefined,
      keyPurposes: undefined,
      alternativeNames: [],
      notUnderstood: [],
    });
  });

  it('has its most specific common name as such, when that is a text', () => {
    assert.equal(
      parse({ subject: commonNames(utf8String('domain'), utf8String('host')) }).commonName,
      'host',
    );
    const multiValued = sequence(
      set(attribute('2.5.4.10', utf8String('Organisation')), attribute('2.5.4.3', utf8String('host'))),
    );
    assert.equal(parse({ subject: multiValued }).commonName, 'host');
    assert.equal(parse({ subject: sequence() }).commonName, undefined);
    assert.equal(parse({ subject: commonNames(element(0x1e, Uint8Array.of(0, 65))) }).commonName, undefined);
    assert.equal(parse({ subject: 'server.example\0.attacker.example' }).commonName, undefined);
    assert.equal(parse({ subject: 'x'.repeat(256) }).commonName, undefined);
  });

  it('is refused with a zero byte in a name, which some readers take for its end (checklist 26)', () => {
    assertMalformed(
      { extensions: [subjectAltName(dnsName('server.example\0.attacker.example'))] },
      /printable ASCII/,
    );
    assertMalformed({ extensions: [subjectAltName(dnsName(''))] }, /empty/);
    assertMalformed({ extensions: [subjectAltName(dnsName('sérver.example'))] }, /printable ASCII/);
    assertMalformed({ extensions: [subjectAltName(ipName(1, 2, 3))] }, /length of one/);
  });

  it('is refused with an extension twice, too many of them, or broken ones (checklist 26)', () => {
    assertMalformed({ extensions: [keyUsage(0), keyUsage(5)] }, /comes twice/);
    const many = Array.from({ length: 33 }, (_, index) => extension(`1.2.3.${index}`, sequence()));
    assertMalformed({ extensions: many }, /too many/);
    const names = Array.from({ length: 65 }, () => dnsName('a'));
    assertMalformed({ extensions: [subjectAltName(...names)] }, /too long/);
    assertMalformed({ extensions: [subjectAltName()] }, /end within/);
    assertMalformed({ extensions: [extension('2.5.29.15', sequence())] }, /tag 3 was expected/);
    assertMalformed(
      { extensions: [extension('2.5.29.19', sequence(boolean(true), integer(0xff)))] },
      /range/,
    );
    const trailing = sequence(
      objectIdentifier('2.5.29.15'),
      octetString(bitString(Uint8Array.of(128)), integer(1)),
    );
    assertMalformed({ extensions: [trailing] }, /more than there should be/);
    assertMalformed({ version: 1, extensions: [keyUsage(0)] }, /only version 3/);
    assertMalformed({ version: 3 }, /version/);
  });

  it('is refused when it names two signature algorithms, or gives parameters to ECDSA (checklist 26)', () => {
    const sha384 = sequence(objectIdentifier('1.2.840.10045.4.3.3'));
    assertMalformed({ innerAlgorithm: sha384 }, /two signature algorithms/);
    const withParameters = sequence(objectIdentifier('1.2.840.10045.4.3.2'), element(0x05));
    assertMalformed({ algorithm: withParameters }, /has parameters/);
  });

  it('is refused with times that are in no calendar', () => {
    for (const notAfter of [
      '20260230000000Z',
      '20261301000000Z',
      '20260100000000Z',
      '20260101240000Z',
      '20260101006000Z',
      '20260101000060Z',
      '20270229000000Z',
    ]) {
      assertMalformed({ notAfter }, /calendar/);
    }
    for (const notAfter of ['20260101000000', '2026010100Z', '20260101000000+0000', '205001010000.5Z']) {
      assertMalformed({ notAfter }, /form that certificates have/);
    }
    assert.ok(parse({ notAfter: '20280229000000Z' }).notAfter === instantFrom(Date.UTC(2028, 1, 29)));
    assert.ok(parse({ notBefore: '19500101000000Z' }).notBefore === instantFrom(Date.UTC(1950, 0, 1)));
    assert.ok(
      parse({ notAfter: '99991231235959Z' }).notAfter === instantFrom(Date.UTC(9999, 11, 31, 23, 59, 59)),
    );
  });

  it('is refused when anything is left over or cut off', () => {
    const { certificate } = issue({ extensions: [keyUsage(0)] });
    assert.ok(isMalformed(parseCertificate(concatBytes([certificate, Uint8Array.of(0)]))));
    for (let length = 0; length < certificate.length; length += 1) {
      assert.ok(isMalformed(parseCertificate(certificate.subarray(0, length))));
    }
  });

  it('may be any bytes at all, or have any of them changed, without doing harm (checklist 26)', () => {
    fc.assert(fc.property(byteStrings(0, 300), (bytes) => void parseCertificate(bytes)));
    const { certificate } = issue({
      extensions: [
        basicConstraints(true, 1),
        keyUsage(0, 5),
        extendedKeyUsage(serverAuth),
        subjectAltName(dnsName('a.example')),
      ],
    });
    for (let index = 0; index < certificate.length; index += 1) {
      for (const bits of [0x01, 0x20, 0x80, 0xff]) {
        const changed = certificate.slice();
        changed[index] = (changed[index] ?? 0) ^ bits;
        parseCertificate(changed);
      }
    }
  });
});
