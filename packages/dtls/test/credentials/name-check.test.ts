import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { parseCertificate } from '../../src/credentials/certificate.ts';
import { parseIpAddress } from '../../src/credentials/ip-address.ts';
import {
  endpointNamesOf,
  namesEndpoint,
  namesServer,
  serverNameProblem,
} from '../../src/credentials/name-check.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import {
  type CertificateOptions,
  commonName,
  dnsName,
  ipName,
  issue,
  mailName,
  subjectAltName,
  uriName,
} from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { sequence } from '../support/der-writer.ts';

function names(options: CertificateOptions, host: string): boolean {
  const certificate = wellFormed(parseCertificate(issue(options).certificate));
  return serverNameProblem(certificate, host) === undefined;
}

const withNames = (...entries: readonly Uint8Array[]): CertificateOptions => ({
  subject: 'common.example',
  extensions: [subjectAltName(...entries)],
});

describe('name check of servers (R-712, RFC 6125 §6, checklist 26)', () => {
  it('compares the host with each dNSName, without regard to case and the dot of the root', () => {
    const certificate = withNames(dnsName('other.example'), dnsName('Server.Example'));
    assert.ok(names(certificate, 'server.example'));
    assert.ok(names(certificate, 'SERVER.example.'));
    assert.ok(!names(certificate, 'example'));
    assert.ok(!names(certificate, 'a.server.example'));
    assert.ok(!names(certificate, 'server.example.attacker'));
    assert.ok(!names(certificate, ''));
  });

  it('lets a wildcard stand for the whole left-most label only (§6.4.3)', () => {
    const certificate = withNames(dnsName('*.server.example'));
    assert.ok(names(certificate, 'a.server.example'));
    assert.ok(!names(certificate, 'server.example'));
    assert.ok(!names(certificate, '.server.example'));
    assert.ok(!names(certificate, 'a.b.server.example'));
    assert.ok(!names(withNames(dnsName('a*.server.example')), 'ab.server.example'));
    assert.ok(!names(withNames(dnsName('a.*.example')), 'a.server.example'));
    assert.ok(!names(withNames(dnsName('*.*.example')), 'a.server.example'));
    assert.ok(!names(withNames(dnsName('*.example')), 'server.example'));
    assert.ok(!names(withNames(dnsName('*')), 'server'));
    assert.ok(!names(withNames(dnsName('*.2.0.192')), '1.2.0.192'));
  });

  it('takes the common name only when there is no entry that names a machine, and without wildcard (§6.4.4)', () => {
    assert.ok(names({ subject: 'Common.example' }, 'common.example'));
    assert.ok(names(withNames(mailName('nobody@example')), 'common.example'));
    assert.ok(!names(withNames(dnsName('server.example')), 'common.example'));
    assert.ok(!names({ subject: '*.common.example' }, 'a.common.example'));
    assert.ok(!names({ subject: sequence() }, 'common.example'));
  });

  it('compares address literals with addresses, hosts of URIs, or else the common name (R-712)', () => {
    assert.ok(names(withNames(ipName(192, 0, 2, 1)), '192.0.2.1'));
    assert.ok(!names(withNames(ipName(192, 0, 2, 1)), '192.0.2.2'));
    assert.ok(names(withNames(uriName('coaps://192.0.2.1:5684')), '192.0.2.1'));
    assert.ok(names(withNames(uriName('coaps://[2001:db8::1]')), '[2001:DB8:0:0::1]'));
    assert.ok(names({ subject: '192.0.2.1' }, '192.0.2.1'));
    assert.ok(names({ subject: '2001:db8::1' }, '[2001:db8:0::1]'));
    assert.ok(!names(withNames(dnsName('192.0.2.1')), '192.0.2.1'));
    assert.ok(!names({ subject: '192.0.2.1' }, '192.0.2.10'));
  });

  it('compares the host with those of coaps URIs, exactly (RFC 7252 §9.1.3.3)', () => {
    const certificate = withNames(
      uriName('coaps://Server.example:5684/path'),
      uriName('coaps+tcp://tcp.example'),
    );
    assert.ok(names(certificate, 'server.example'));
    assert.ok(names(certificate, 'tcp.example'));
    assert.ok(!names(withNames(uriName('https://server.example')), 'server.example'));
    assert.ok(!names(withNames(uriName('coaps://*.example.com')), 'a.example.com'));
    assert.ok(!names(withNames(uriName('coaps://user@server.example')), 'server.example'));
    assert.ok(!names(withNames(uriName('urn:server.example')), 'server.example'));
  });

  it('can be made of DER before a device makes it', () => {
    const { certificate } = issue(withNames(dnsName('server.example')));
    assert.equal(namesServer(certificate, 'server.example'), true);
    assert.equal(namesServer(certificate, 'other.example'), false);
    assert.ok(isMalformed(namesServer(Uint8Array.of(1), 'server.example')));
  });
});

describe('endpoint names of a certificate (R-730)', () => {
  it('are the common name and the names and URIs of subjectAltName, but no wildcards or addresses', () => {
    const { certificate } = issue({
      subject: 'urn:dev:ops:32473-1',
      extensions: [
        subjectAltName(
          dnsName('device.example'),
          dnsName('*.example.com'),
          uriName('urn:imei:1'),
          uriName('urn:dev:ops:32473-1'),
          ipName(192, 0, 2, 1),
        ),
      ],
    });
    assert.deepEqual(endpointNamesOf(certificate), ['urn:dev:ops:32473-1', 'device.example', 'urn:imei:1']);
    const anonymous = issue({ subject: sequence() });
    assert.deepEqual(endpointNamesOf(anonymous.certificate), []);
    assert.deepEqual(endpointNamesOf(issue({ subject: commonName('*') }).certificate), []);
    assert.ok(isMalformed(endpointNamesOf(Uint8Array.of(1))));
  });

  it('make an identity that of an endpoint, as the PSK identity does and a raw public key does not', () => {
    assert.ok(namesEndpoint({ kind: 'psk', identity: 'node-1' }, 'node-1'));
    assert.ok(!namesEndpoint({ kind: 'psk', identity: 'node-1' }, 'Node-1'));
    const { certificate, publicKey } = issue({ subject: 'node-1' });
    assert.ok(namesEndpoint({ kind: 'certificate', certificate }, 'node-1'));
    assert.ok(!namesEndpoint({ kind: 'certificate', certificate }, 'node-2'));
    assert.ok(!namesEndpoint({ kind: 'certificate', certificate: Uint8Array.of(1) }, 'node-1'));
    assert.ok(!namesEndpoint({ kind: 'raw-public-key', publicKey }, 'node-1'));
  });
});

const v6 = (...bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([...bytes.slice(0, 2), ...new Uint8Array(16 - bytes.length), ...bytes.slice(2)]);

describe('IP addresses', () => {
  it('are read in their usual forms', () => {
    assert.deepEqual(parseIpAddress('192.0.2.255'), Uint8Array.of(192, 0, 2, 255));
    assert.deepEqual(parseIpAddress('::'), new Uint8Array(16));
    assert.deepEqual(parseIpAddress('fe80::a:1'), v6(0xfe, 0x80, 0, 10, 0, 1));
    assert.deepEqual(parseIpAddress('[fe80::1]'), v6(0xfe, 0x80, 0, 1));
    assert.deepEqual(parseIpAddress('0:0::192.0.2.1'), v6(0, 0, 192, 0, 2, 1));
    assert.deepEqual(parseIpAddress('1:2:3:4:5:6:7:8')?.length, 16);
    assert.deepEqual(parseIpAddress('1:2:3:4:5:6:192.0.2.1')?.length, 16);
  });

  it('are not read in any other form', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.4 ',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      ':1::2:',
      '12345::',
      '::g',
      '1:2:3:4:5:6:7::8',
      '::1.2.3.4:5',
      '[::1',
      'server.example',
    ]) {
      assert.equal(parseIpAddress(text), undefined, text);
    }
  });

  it('may be any text without doing harm', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseIpAddress(text)));
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.[\]]{0,50}$/), (text) => {
        const address = parseIpAddress(text);
        assert.ok(address === undefined || address.length === 4 || address.length === 16);
      }),
    );
  });
});
