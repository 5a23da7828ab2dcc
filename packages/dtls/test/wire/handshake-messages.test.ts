import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, noBytes } from '@dunlin/base';
import fc from 'fast-check';

import { AlertDescription } from '../../src/wire/alert-description.ts';
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  maxCertificateChainLength,
} from '../../src/wire/certificate.ts';
import { decodeCertificateRequest, encodeCertificateRequest } from '../../src/wire/certificate-request.ts';
import { decodeCertificateVerify, encodeCertificateVerify } from '../../src/wire/certificate-verify.ts';
import { decodeClientHello, encodeClientHello } from '../../src/wire/client-hello.ts';
import { decodeClientKeyExchange, encodeClientKeyExchange } from '../../src/wire/client-key-exchange.ts';
import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import type { ClientHelloExtensions } from '../../src/wire/extension/client-hello-extensions.ts';
import { maxFragmentLengths } from '../../src/wire/extension/max-fragment-length.ts';
import type { ServerHelloExtensions } from '../../src/wire/extension/server-hello-extensions.ts';
import { decodeFinished, encodeFinished } from '../../src/wire/finished.ts';
import { checkHelloRequest } from '../../src/wire/hello-request.ts';
import { decodeHelloVerifyRequest, encodeHelloVerifyRequest } from '../../src/wire/hello-verify-request.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { decodeNewSessionTicket } from '../../src/wire/new-session-ticket.ts';
import { ProtocolVersion } from '../../src/wire/protocol-version.ts';
import { decodeServerHello, encodeServerHello } from '../../src/wire/server-hello.ts';
import { checkServerHelloDone, encodeServerHelloDone } from '../../src/wire/server-hello-done.ts';
import {
  decodeServerKeyExchange,
  encodeServerKeyExchange,
  signedKeyExchange,
} from '../../src/wire/server-key-exchange.ts';
import { byteStrings, plain, uint16 } from '../support/arbitraries.ts';
import { alertOf, assertHardened, assertRoundTrip, wellFormed } from '../support/codec.ts';

const hex = (text: string): Uint8Array => hexDecode(text) ?? noBytes;
const flag = fc.constant<true>(true);
const bytesList = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 5 });
const uint16List = fc.array(uint16, { minLength: 1, maxLength: 8 });

const clientExtensions: fc.Arbitrary<ClientHelloExtensions> = fc.record(
  {
    serverName: fc.constantFrom('a', 'lwm2m.example', '127.0.0.1', 'x'.repeat(255)),
    maxFragmentLength: fc.constantFrom(...maxFragmentLengths),
    supportedGroups: uint16List,
    ecPointFormats: bytesList,
    signatureAlgorithms: uint16List,
    clientCertificateTypes: bytesList,
    serverCertificateTypes: bytesList,
    encryptThenMac: flag,
    extendedMasterSecret: flag,
    recordSizeLimit: fc.integer({ min: 64, max: 0xffff }),
    sessionTicket: byteStrings(0, 40),
    connectionId: byteStrings(0, 255),
    renegotiationInfo: byteStrings(0, 24),
  },
  { ...plain, requiredKeys: [] },
);
const serverExtensions: fc.Arbitrary<ServerHelloExtensions> = fc.record(
  {
    serverName: flag,
    maxFragmentLength: fc.constantFrom(...maxFragmentLengths),
    ecPointFormats: bytesList,
    clientCertificateType: fc.integer({ min: 0, max: 255 }),
    serverCertificateType: fc.integer({ min: 0, max: 255 }),
    encryptThenMac: flag,
    extendedMasterSecret: flag,
    recordSizeLimit: fc.integer({ min: 64, max: 0xffff }),
    sessionTicket: flag,
    connectionId: byteStrings(0, 255),
    renegotiationInfo: byteStrings(0, 24),
  },
  { ...plain, requiredKeys: [] },
);
const clientHello = fc.record(
  {
    version: uint16,
    random: byteStrings(32, 32),
    sessionId: byteStrings(0, 32),
    cookie: byteStrings(0, 255),
    cipherSuites: uint16List,
    compressionMethods: bytesList.map((methods) => [...methods, 0]),
    extensions: clientExtensions,
  },
  plain,
);
const serverHello = fc.record(
  {
    version: uint16,
    random: byteStrings(32, 32),
    sessionId: byteStrings(0, 32),
    cipherSuite: uint16,
    extensions: serverExtensions,
  },
  plain,
);
const decodeWithoutTypes = (body: Uint8Array): unknown => {
  const hello = decodeServerHello(body);
  if (isMalformed(hello)) return hello;
  const { extensionTypes: _, ...rest } = hello;
  return rest;
};
const decodeChain = (body: Uint8Array): unknown => decodeCertificate(body, CertificateType.x509);
const decodeKey = (body: Uint8Array): unknown => decodeCertificate(body, CertificateType.rawPublicKey);
const helloStart = `fefd ${'11'.repeat(32)}`;
const uint16Hex = (value: number): string => value.toString(16).padStart(4, '0');
const helloWithServerName = (list: string): Uint8Array => {
  const length = hex(list).length;
  const lengths = [length + 6, 0, length + 2, length].map((value) => uint16Hex(value));
  return hex(`${helloStart} 00 00 0002 c0a8 01 00 ${lengths.join('')} ${list}`);
};

describe('ClientHello (RFC 6347 §4.2.1)', () => {
  it('is read back as it was written', () => {
    assertRoundTrip(clientHello, encodeClientHello, decodeClientHello);
  });

  it('survives hostile bytes (checklist 20)', () => {
    assertHardened(clientHello, encodeClientHello, decodeClientHello);
  });

  it('may end without extensions (RFC 5246 §7.4.1.2)', () => {
    const hello = wellFormed(decodeClientHello(hex(`${helloStart} 00 00 0002 c0a8 01 00`)));
    assert.deepEqual(hello.cipherSuites, [0xc0a8]);
    assert.deepEqual(hello.extensions, {});
  });

  it('refuses lengths out of their bounds (checklist 20)', () => {
    const broken = {
      'session id of 33 bytes': `${helloStart} 21 ${'22'.repeat(33)} 00 0002 c0a8 01 00`,
      'no cipher suite': `${helloStart} 00 00 0000 01 00`,
      'half a cipher suite': `${helloStart} 00 00 0003 c0a8c0 01 00`,
      'no compression method': `${helloStart} 00 00 0002 c0a8 00`,
      'cookie beyond the end': `${helloStart} 00 ff 0002 c0a8 01 00`,
      'extensions beyond the end': `${helloStart} 00 00 0002 c0a8 01 00 0005 0017 0000`,
      'extension beyond the block': `${helloStart} 00 00 0002 c0a8 01 00 0004 0017 0001`,
      'bytes behind the extensions': `${helloStart} 00 00 0002 c0a8 01 00 0004 0017 0000 00`,
      'content in an empty extension': `${helloStart} 00 00 0002 c0a8 01 00 0005 0017 0001 00`,
    };
    for (const [what, bytes] of Object.entries(broken)) {
      assert.equal(alertOf(decodeClientHello(hex(bytes))), AlertDescription.decodeError, what);
    }
  });

  it('refuses a hello without null compression (checklist 20)', () => {
    const body = hex(`${helloStart} 00 00 0002 c0a8 01 01`);
    assert.equal(alertOf(decodeClientHello(body)), AlertDescription.illegalParameter);
  });

  it('refuses an extension that comes twice, known or not (checklist 20)', () => {
    for (const extension of ['0017 0000', '0a0a 0000']) {
      const body = hex(`${helloStart} 00 00 0002 c0a8 01 00 0008 ${extension} ${extension}`);
      assert.equal(alertOf(decodeClientHello(body)), AlertDescription.illegalParameter);
    }
  });

  it('passes over unknown extensions and GREASE values (RFC 8701 §3, checklist 20)', () => {
    const body = hex(
      `${helloStart} 00 00 0004 0a0a c0a8 01 00 0011 fafa 0003 010203 000a 0006 0004 2a2a 0017`,
    );
    const hello = wellFormed(decodeClientHello(body));
    assert.deepEqual(hello.cipherSuites, [0x0a0a, 0xc0a8]);
    assert.deepEqual(hello.extensions, { supportedGroups: [0x2a2a, 23] });
  });

  it('refuses a record_size_limit below 64 (RFC 8449 §4) and an unknown max_fragment_length (RFC 6066 §4)', () => {
    for (const extension of ['0006 001c 0002 003f', '0005 0001 0001 05', '0005 0001 0001 00']) {
      const body = hex(`${helloStart} 00 00 0002 c0a8 01 00 ${extension}`);
      assert.equal(alertOf(decodeClientHello(body)), AlertDescription.illegalParameter);
    }
  });

  it('takes one host name, an address literal too, and no control characters (RFC 6066 §3)', () => {
    const literal = wellFormed(decodeClientHello(helloWithServerName('00 0009 3132372e302e302e31')));
    assert.equal(literal.extensions.serverName, '127.0.0.1');
    assert.deepEqual(wellFormed(decodeClientHello(helloWithServerName('07 0001 61'))).extensions, {});
    assert.ok(isMalformed(decodeClientHello(helloWithServerName('00 0001 61 00 0001 62'))));
    assert.ok(isMalformed(decodeClientHello(helloWithServerName('00 0001 0a'))));
    assert.ok(isMalformed(decodeClientHello(helloWithServerName('00 0000'))));
    assert.ok(isMalformed(decodeClientHello(helloWithServerName(`00 0100 ${'61'.repeat(256)}`))));
  });
});

describe('ServerHello (RFC 5246 §7.4.1.3)', () => {
  it('is read back as it was written', () => {
    assertRoundTrip(serverHello, encodeServerHello, decodeWithoutTypes);
  });

  it('survives hostile bytes (checklist 20)', () => {
    assertHardened(serverHello, encodeServerHello, decodeServerHello);
  });

  it('refuses compression (checklist 20)', () => {
    const body = hex(`${helloStart} 00 c0a8 01`);
    assert.equal(alertOf(decodeServerHello(body)), AlertDescription.illegalParameter);
  });

  it('tells the types of all its extensions, so that unsolicited ones can be refused (checklist 20)', () => {
    const body = hex(`${helloStart} 00 c0a8 00 0008 abcd 0000 0017 0000`);
    assert.deepEqual(wellFormed(decodeServerHello(body)).extensionTypes, [0xabcd, 0x17]);
  });
});

describe('HelloVerifyRequest (RFC 6347 §4.2.1)', () => {
  const request = fc.record({ version: uint16, cookie: byteStrings(0, 255) }, plain);

  it('is read back as it was written, with cookies of 0 to 255 bytes (checklist 2)', () => {
    assertRoundTrip(request, encodeHelloVerifyRequest, decodeHelloVerifyRequest);
  });

  it('survives hostile bytes (checklist 20)', () => {
    assertHardened(request, encodeHelloVerifyRequest, decodeHelloVerifyRequest);
  });
});

describe('Certificate (RFC 5246 §7.4.2, RFC 7250 §3)', () => {
  const chain: fc.Arbitrary<Certificate> = fc.record(
    {
      kind: fc.constant<'x509'>('x509'),
      chain: fc.array(byteStrings(1, 60), { maxLength: maxCertificateChainLength }),
    },
    plain,
  );
  const key: fc.Arbitrary<Certificate> = fc.record(
    { kind: fc.constant<'raw-public-key'>('raw-public-key'), subjectPublicKeyInfo: byteStrings(0, 120) },
    plain,
  );

  it('is read back as it was written, as chain and as raw public key', () => {
    assertRoundTrip(chain, encodeCertificate, decodeChain);
    assertRoundTrip(key, encodeCertificate, decodeKey);
  });

  it('survives hostile bytes (checklist 20)', () => {
    assertHardened(chain, encodeCertificate, decodeChain);
    assertHardened(key, encodeCertificate, decodeKey);
  });

  it('holds a raw public key without a list around it (RFC 7250 §3)', () => {
    const body = encodeCertificate({ kind: 'raw-public-key', subjectPublicKeyInfo: hex('3059') });
    assert.deepEqual(body, hex('000002 3059'));
  });

  it('refuses a chain of too many certificates (checklist 26)', () => {
    const endless = encodeCertificate({
      kind: 'x509',
      chain: Array.from({ length: maxCertificateChainLength + 1 }, () => hex('30')),
    });
    assert.equal(alertOf(decodeChain(endless)), AlertDescription.badCertificate);
  });

  it('refuses an empty certificate within a chain', () => {
    assert.equal(alertOf(decodeChain(hex('000003 000000'))), AlertDescription.decodeError);
  });
});

describe('ServerKeyExchange (RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.4)', () => {
  const parameters = fc.record({ group: uint16, publicKey: byteStrings(1, 255) }, plain);
  const psk = fc.record({ kind: fc.constant<'psk'>('psk'), identityHint: byteStrings(0, 200) }, plain);
  const ecdhePsk = fc.record(
    { kind: fc.constant<'ecdhe-psk'>('ecdhe-psk'), identityHint: byteStrings(0, 200), parameters },
    plain,
  );
  const ecdheEcdsa = fc.record(
    {
      kind: fc.constant<'ecdhe-ecdsa'>('ecdhe-ecdsa'),
      parameters,
      signatureScheme: uint16,
      signature: byteStrings(1, 110),
    },
    plain,
  );

  it('is read back as it was written, for all key exchanges', () => {
    assertRoundTrip(psk, encodeServerKeyExchange, (body) => decodeServerKeyExchange(body, 'psk'));
    assertRoundTrip(ecdhePsk, encodeServerKeyExchange, (body) => decodeServerKeyExchange(body, 'ecdhe-psk'));
    assertRoundTrip(ecdheEcdsa, encodeServerKeyExchange, (body) =>
      decodeServerKeyExchange(body, 'ecdhe-ecdsa'),
    );
  });

  it('survives hostile bytes, for all key exchanges (checklist 20)', () => {
    assertHardened(psk, encodeServerKeyExchange, (body) => decodeServerKeyExchange(body, 'psk'));
    assertHardened(ecdhePsk, encodeServerKeyExchange, (body) => decodeServerKeyExchange(body, 'ecdhe-psk'));
    assertHardened(ecdheEcdsa, encodeServerKeyExchange, (body) =>
      decodeServerKeyExchange(body, 'ecdhe-ecdsa'),
    );
  });

  it('refuses an ECDHE_ECDSA exchange without a signature (checklist 19)', () => {
    const unsigned = hex('03 0017 02 0401');
    assert.ok(isMalformed(decodeServerKeyExchange(unsigned, 'ecdhe-ecdsa')));
    assert.ok(isMalformed(decodeServerKeyExchange(hex('03 0017 02 0401 0403 0000'), 'ecdhe-ecdsa')));
  });

  it('refuses explicit curves (RFC 8422 §5.4, checklist 19)', () => {
    for (const curveType of ['01', '02', '00']) {
      const body = hex(`0000 ${curveType} 0017 02 0401`);
      assert.equal(alertOf(decodeServerKeyExchange(body, 'ecdhe-psk')), AlertDescription.illegalParameter);
    }
  });

  it('is signed together with both randoms, the client’s first (RFC 8422 §5.4)', () => {
    const signed = signedKeyExchange(hex('aa'), hex('bb'), { group: 23, publicKey: hex('0401') });
    assert.deepEqual(signed, hex('aa bb 03 0017 02 0401'));
  });
});

describe('ClientKeyExchange (RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.7)', () => {
  const psk = fc.record({ kind: fc.constant<'psk'>('psk'), identity: byteStrings(0, 200) }, plain);
  const ecdhePsk = fc.record(
    {
      kind: fc.constant<'ecdhe-psk'>('ecdhe-psk'),
      identity: byteStrings(0, 200),
      publicKey: byteStrings(1, 255),
    },
    plain,
  );
  const ecdheEcdsa = fc.record(
    { kind: fc.constant<'ecdhe-ecdsa'>('ecdhe-ecdsa'), publicKey: byteStrings(1, 255) },
    plain,
  );

  it('is read back as it was written, for all key exchanges', () => {
    assertRoundTrip(psk, encodeClientKeyExchange, (body) => decodeClientKeyExchange(body, 'psk'));
    assertRoundTrip(ecdhePsk, encodeClientKeyExchange, (body) => decodeClientKeyExchange(body, 'ecdhe-psk'));
    assertRoundTrip(ecdheEcdsa, encodeClientKeyExchange, (body) =>
      decodeClientKeyExchange(body, 'ecdhe-ecdsa'),
    );
  });

  it('survives hostile bytes, for all key exchanges (checklist 20)', () => {
    assertHardened(psk, encodeClientKeyExchange, (body) => decodeClientKeyExchange(body, 'psk'));
    assertHardened(ecdhePsk, encodeClientKeyExchange, (body) => decodeClientKeyExchange(body, 'ecdhe-psk'));
    assertHardened(ecdheEcdsa, encodeClientKeyExchange, (body) =>
      decodeClientKeyExchange(body, 'ecdhe-ecdsa'),
    );
  });
});

describe('CertificateRequest and CertificateVerify (RFC 5246 §7.4.4, §7.4.8)', () => {
  const request = fc.record(
    {
      certificateTypes: bytesList,
      signatureAlgorithms: uint16List,
      certificateAuthorities: fc.array(byteStrings(1, 40), { maxLength: 4 }),
    },
    plain,
  );
  const verify = fc.record({ signatureScheme: uint16, signature: byteStrings(1, 110) }, plain);

  it('are read back as they were written', () => {
    assertRoundTrip(request, encodeCertificateRequest, decodeCertificateRequest);
    assertRoundTrip(verify, encodeCertificateVerify, decodeCertificateVerify);
  });

  it('survive hostile bytes (checklist 20)', () => {
    assertHardened(request, encodeCertificateRequest, decodeCertificateRequest);
    assertHardened(verify, encodeCertificateVerify, decodeCertificateVerify);
  });
});

describe('Finished and the messages without a body (RFC 5246 §7.4.1.1, §7.4.5, §7.4.9)', () => {
  it('Finished has exactly 12 bytes (checklist 18)', () => {
    assertRoundTrip(fc.record({ verifyData: byteStrings(12, 12) }, plain), encodeFinished, decodeFinished);
    for (const length of [0, 11, 13, 36]) {
      assert.equal(alertOf(decodeFinished(new Uint8Array(length))), AlertDescription.decodeError);
    }
  });

  it('HelloRequest and ServerHelloDone are empty', () => {
    assert.equal(checkServerHelloDone(encodeServerHelloDone()), undefined);
    assert.equal(checkHelloRequest(noBytes), undefined);
    assert.ok(isMalformed(checkServerHelloDone(hex('00'))));
    assert.ok(isMalformed(checkHelloRequest(hex('00'))));
  });

  it('NewSessionTicket is read and survives hostile bytes (RFC 5077 §3.3)', () => {
    assert.deepEqual(decodeNewSessionTicket(hex('00001c20 0002 abcd')), { ticket: hex('abcd') });
    assertHardened(
      byteStrings(0, 60),
      (ticket) => Uint8Array.from([0, 0, 0, 9, 0, ticket.length, ...ticket]),
      decodeNewSessionTicket,
    );
  });
});

describe('a ClientHello of another implementation', () => {
  it('is read: OpenSSL 3.0, PSK-AES128-CCM8', () => {
    const body = hex(openSslClientHello);
    const hello = wellFormed(decodeClientHello(body));
    assert.equal(hello.version, ProtocolVersion.dtls12);
    assert.deepEqual(hello.cipherSuites, [0xc0a8, 0x00ff]);
    assert.equal(hello.extensions.extendedMasterSecret, true);
    assert.equal(hello.extensions.encryptThenMac, true);
    assert.deepEqual(hello.extensions.sessionTicket, noBytes);
    assert.ok((hello.extensions.signatureAlgorithms ?? []).includes(0x0403));
  });
});

const openSslClientHello = `fefd0ced44e6eaea5a804a6eda465b63ce5a9a2807cf0dadb83f993f49b399408ae500000004c0a800ff0100003a002300000016000000170000000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602`;
