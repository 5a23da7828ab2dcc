import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, noBytes } from '@dunlin/base';

import { rawPublicKeyCredential } from '../../src/credentials/credential.ts';
import { generateEphemeralKey } from '../../src/crypto/ecdhe.ts';
import type { DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import { AlertDescription } from '../../src/wire/alert-description.ts';
import { decodeCertificate, encodeCertificate } from '../../src/wire/certificate.ts';
import {
  type CertificateRequest,
  decodeCertificateRequest,
  encodeCertificateRequest,
} from '../../src/wire/certificate-request.ts';
import {
  type CertificateVerify,
  decodeCertificateVerify,
  encodeCertificateVerify,
} from '../../src/wire/certificate-verify.ts';
import { type ClientHello, decodeClientHello, encodeClientHello } from '../../src/wire/client-hello.ts';
import {
  type ClientKeyExchange,
  decodeClientKeyExchange,
  encodeClientKeyExchange,
} from '../../src/wire/client-key-exchange.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import { NamedGroup } from '../../src/wire/extension/supported-groups.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { decodeHelloVerifyRequest, encodeHelloVerifyRequest } from '../../src/wire/hello-verify-request.ts';
import type { DtlsRecord } from '../../src/wire/record.ts';
import { decodeServerHello, encodeServerHello, type ServerHello } from '../../src/wire/server-hello.ts';
import {
  decodeServerKeyExchange,
  encodeServerKeyExchange,
  type ServerKeyExchange,
} from '../../src/wire/server-key-exchange.ts';
import { makeKeys } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { type Mode, modeOf, type Pair, pairOf } from '../support/modes.ts';
import { lastEstablished, sendText } from '../support/party.ts';
import {
  changesMessages,
  changesRecords,
  connectionIdLength,
  flipped,
  typeOf,
} from '../support/tampering.ts';

const psk = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const cbc = modeOf('TLS_PSK_WITH_AES_128_CBC');
const ecdhePsk = modeOf('TLS_ECDHE_PSK_WITH_AES_128_CCM_8');
const rawKeys = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with raw');
const certified = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with cert');

const { badCertificate, decodeError, decryptError, handshakeFailure, illegalParameter, protocolVersion } =
  AlertDescription;
const { unsupportedCertificate, unsupportedExtension } = AlertDescription;

/** Who refuses, and with which alert; `silence`: the message counts for nothing, and the handshake ends by a time-out. */
type Refusal = readonly ['client' | 'server', number] | 'silence';

/** All features that hellos can agree on together. */
const features: Pick<Partial<DtlsEndpointOptions>, 'connectionId' | 'recordSizeLimit'> = {
  connectionId: { length: connectionIdLength },
  recordSizeLimit: 2000,
};

function featured(mode: Mode, options: Partial<DtlsEndpointOptions> = features): Pair {
  const credentials = { ...mode.server.credentials };
  if (mode.identity === 'psk') Object.assign(credentials, { preSharedKeys: { identityHint: 'hint' } });
  return pairOf({ ...mode, server: { ...mode.server, credentials } }, 1, {
    server: options,
    client: options,
  });
}

/** Runs a handshake that is tampered with and checks that nobody is trusted, and who said so. */
function assertRefused(pair: Pair, mode: Mode, refusal: Refusal): void {
  const { world, client, server } = pair;
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(200_000);
  for (const party of [client, server]) {
    assert.deepEqual(party.all('established'), []);
    assert.deepEqual(party.texts(), []);
    assert.deepEqual([party.endpoint.handshakes, party.endpoint.associations], [0, 0]);
  }
  const refusals = [client, server].flatMap((party) =>
    party.all('failed').filter(({ reason }) => reason === 'refused' || reason === 'wrong-key'),
  );
  const told = server.all('diagnostic').some(({ problem }) => problem === 'not-acceptable');
  if (refusal === 'silence') {
    assert.deepEqual(refusals, []);
    return;
  }
  const [role, alert] = refusal;
  const found = refusals.map((failed) => [failed.role, failed.alert] as const);
  if (role === 'server' && told) found.unshift(['server', client.all('failed')[0]?.alert]);
  assert.deepEqual(found[0], [role, alert], refusals.map(({ detail }) => detail).join('; '));
}

/** A field, how it is changed, and what comes of it. */
type Row<Message> = readonly [
  field: string,
  refusal: Refusal,
  change: (message: Message) => Message | Uint8Array,
  mode?: Mode,
];

/** Checks a table of fields of one message. */
function tamper<Message extends object>(
  message: {
    readonly name: string;
    readonly type: HandshakeType;
    readonly from: 'client' | 'server';
    readonly mode: Mode;
  },
  codec: { decode(body: Uint8Array, mode: Mode): Message | undefined; encode(message: Message): Uint8Array },
  rows: readonly Row<Message>[],
): void {
  describe(`${message.name}, changed on its way`, () => {
    for (const [field, refusal, change, mode = message.mode] of rows) {
      test(`in ${field}, trusts nobody (checklist 18, 20)`, () => {
        const pair = featured(mode);
        let isChanged = false;
        pair.world.path = changesMessages(pair, message.from, message.type, (body) => {
          const decoded = codec.decode(body, mode);
          if (decoded === undefined) return undefined;
          const changed = change(decoded);
          isChanged = true;
          return changed instanceof Uint8Array ? changed : codec.encode(changed);
        });
        assertRefused(pair, mode, refusal);
        assert.ok(isChanged);
      });
    }
  });
}

type EphemeralExchange = Exclude<ServerKeyExchange, { readonly kind: 'psk' }>;

/** A hello with other extensions; those that are `undefined` are left out. */
function extended<Hello extends { readonly extensions: object }>(hello: Hello, change: object): Hello {
  const extensions = Object.fromEntries(
    Object.entries({ ...hello.extensions, ...change }).filter(([, value]) => value !== undefined),
  );
  return { ...hello, extensions };
}
const withExtension =
  (change: { readonly [Name in keyof (ClientHello['extensions'] & ServerHello['extensions'])]?: unknown }) =>
  <Hello extends { readonly extensions: object }>(hello: Hello): Hello =>
    extended(hello, change);

const byFinished: Refusal = ['server', decryptError];
const other = new Uint8Array(32).fill(1);

tamper<ClientHello>(
  { name: 'a ClientHello with its cookie', type: HandshakeType.clientHello, from: 'client', mode: psk },
  {
    decode: (body) => {
      const hello = wellFormed(decodeClientHello(body));
      return hello.cookie.length > 0 ? hello : undefined;
    },
    encode: encodeClientHello,
  },
  [
    ['version', byFinished, (hello) => ({ ...hello, version: 0xfefc })],
    ['random', byFinished, (hello) => ({ ...hello, random: other })],
    ['session id', byFinished, (hello) => ({ ...hello, sessionId: other })],
    ['cookie', 'silence', (hello) => ({ ...hello, cookie: flipped(hello.cookie, 9) })],
    ['cipher suites', byFinished, (hello) => ({ ...hello, cipherSuites: [...hello.cipherSuites, 0xc0a4] })],
    ['compression methods', byFinished, (hello) => ({ ...hello, compressionMethods: [0, 64] })],
    ['server_name', byFinished, withExtension({ serverName: 'other.example' }), certified],
    ['max_fragment_length', byFinished, withExtension({ maxFragmentLength: 512 })],
    ['supported_groups', byFinished, withExtension({ supportedGroups: [23, 24] }), ecdhePsk],
    ['ec_point_formats', byFinished, withExtension({ ecPointFormats: [0, 1] }), ecdhePsk],
    ['signature_algorithms', byFinished, withExtension({ signatureAlgorithms: [0x0403] }), rawKeys],
    ['client_certificate_type', byFinished, withExtension({ clientCertificateTypes: [2, 0] }), rawKeys],
    ['server_certificate_type', byFinished, withExtension({ serverCertificateTypes: [2, 0] }), rawKeys],
    ['encrypt_then_mac', ['server', handshakeFailure], withExtension({ encryptThenMac: undefined }), cbc],
    [
      'extended_master_secret',
      ['server', handshakeFailure],
      withExtension({ extendedMasterSecret: undefined }),
    ],
    ['record_size_limit', byFinished, withExtension({ recordSizeLimit: 3000 })],
    ['record_size_limit, left out', byFinished, withExtension({ recordSizeLimit: undefined })],
    ['session_ticket', byFinished, withExtension({ sessionTicket: noBytes })],
    ['connection_id', byFinished, withExtension({ connectionId: Uint8Array.of(1, 2, 3, 4) })],
    ['connection_id, left out', byFinished, withExtension({ connectionId: undefined })],
    ['renegotiation_info', ['server', handshakeFailure], withExtension({ renegotiationInfo: other })],
    ['renegotiation_info, left out', byFinished, withExtension({ renegotiationInfo: undefined })],
    ['its end', 'silence', (hello) => concatBytes([encodeClientHello(hello), Uint8Array.of(0)])],
  ],
);

tamper(
  { name: 'a HelloVerifyRequest', type: HandshakeType.helloVerifyRequest, from: 'server', mode: psk },
  {
    decode: (body) => wellFormed(decodeHelloVerifyRequest(body)),
    encode: encodeHelloVerifyRequest,
  },
  [
    ['cookie', 'silence', (request) => ({ ...request, cookie: flipped(request.cookie, 3) })],
    [
      'the length of the cookie',
      'silence',
      (request) => ({ ...request, cookie: request.cookie.subarray(1) }),
    ],
    ['its end', 'silence', (request) => concatBytes([encodeHelloVerifyRequest(request), Uint8Array.of(0)])],
  ],
);

tamper<ServerHello>(
  { name: 'a ServerHello', type: HandshakeType.serverHello, from: 'server', mode: psk },
  { decode: (body) => wellFormed(decodeServerHello(body)), encode: encodeServerHello },
  [
    ['version', ['client', protocolVersion], (hello) => ({ ...hello, version: 0xfeff })],
    ['random', byFinished, (hello) => ({ ...hello, random: other })],
    ['session id', byFinished, (hello) => ({ ...hello, sessionId: other })],
    ['cipher suite', ['client', illegalParameter], (hello) => ({ ...hello, cipherSuite: 0x00ae })],
    [
      'compression method',
      ['client', illegalParameter],
      (hello) => flipped(encodeServerHello(hello), 2 + 32 + 1 + hello.sessionId.length + 2),
    ],
    ['server_name', ['client', unsupportedExtension], withExtension({ serverName: true })],
    ['max_fragment_length', ['client', unsupportedExtension], withExtension({ maxFragmentLength: 512 })],
    ['ec_point_formats', ['client', illegalParameter], withExtension({ ecPointFormats: [1] }), ecdhePsk],
    [
      'client_certificate_type',
      ['client', unsupportedCertificate],
      withExtension({ clientCertificateType: undefined }),
      rawKeys,
    ],
    [
      'server_certificate_type',
      ['client', illegalParameter],
      withExtension({ serverCertificateType: 0 }),
      rawKeys,
    ],
    ['encrypt_then_mac', ['client', handshakeFailure], withExtension({ encryptThenMac: undefined }), cbc],
    [
      'extended_master_secret',
      ['client', handshakeFailure],
      withExtension({ extendedMasterSecret: undefined }),
    ],
    ['record_size_limit', byFinished, withExtension({ recordSizeLimit: 3000 })],
    [
      'record_size_limit, below what there may be',
      ['client', illegalParameter],
      withExtension({ recordSizeLimit: 63 }),
    ],
    ['session_ticket', ['client', unsupportedExtension], withExtension({ sessionTicket: true })],
    ['renegotiation_info', ['client', handshakeFailure], withExtension({ renegotiationInfo: other })],
    ['renegotiation_info, left out', byFinished, withExtension({ renegotiationInfo: undefined })],
    [
      'its end',
      ['client', decodeError],
      (hello) => concatBytes([encodeServerHello(hello), Uint8Array.of(0)]),
    ],
  ],
);

/** A chain of certificates, or the one raw public key, whichever the mode has. */
interface Shown {
  readonly type: CertificateType;
  readonly parts: readonly Uint8Array[];
}
const shown = {
  decode: (body: Uint8Array, { identity }: Mode): Shown => {
    const type = identity === 'certificate' ? CertificateType.x509 : CertificateType.rawPublicKey;
    const certificate = wellFormed(decodeCertificate(body, type));
    const parts = certificate.kind === 'x509' ? certificate.chain : [certificate.subjectPublicKeyInfo];
    return { type, parts };
  },
  encode: ({ type, parts: [first = noBytes, ...others] }: Shown): Uint8Array =>
    encodeCertificate(
      type === CertificateType.x509
        ? { kind: 'x509', chain: first.length === 0 ? [] : [first, ...others] }
        : { kind: 'raw-public-key', subjectPublicKeyInfo: first },
    ),
};
const strange = wellFormed(rawPublicKeyCredential(makeKeys().privateKey));
/** The first certificate or key, with a byte changed that is so far from its end. */
const withByte =
  (fromEnd: number) =>
  (certificate: Shown): Shown => ({
    ...certificate,
    parts: certificate.parts.map((part, index) => (index === 0 ? flipped(part, -fromEnd) : part)),
  });
const withParts =
  (...parts: readonly Uint8Array[]) =>
  (certificate: Shown): Shown => ({ ...certificate, parts });
const longer = (certificate: Shown): Uint8Array => concatBytes([shown.encode(certificate), Uint8Array.of(0)]);

tamper<Shown>(
  { name: 'a Certificate of the server', type: HandshakeType.certificate, from: 'server', mode: certified },
  shown,
  [
    ['its signature', ['client', badCertificate], withByte(4)],
    ['being there', ['client', handshakeFailure], withParts()],
    ['how many there are', byFinished, ({ type, parts }) => ({ type, parts: [...parts, ...parts] })],
    ['its end', ['client', decodeError], longer],
    ['its key', ['client', badCertificate], withByte(9), rawKeys],
    ['being there, a key', ['client', handshakeFailure], withParts(), rawKeys],
    ['being that of its sender', ['client', decryptError], withParts(strange.publicKey), rawKeys],
  ],
);

tamper<EphemeralExchange>(
  {
    name: 'a ServerKeyExchange with an ephemeral key',
    type: HandshakeType.serverKeyExchange,
    from: 'server',
    mode: ecdhePsk,
  },
  {
    decode: (body, { suite }) => {
      const exchange = wellFormed(decodeServerKeyExchange(body, suite.keyExchange));
      return exchange.kind === 'psk' ? undefined : exchange;
    },
    encode: encodeServerKeyExchange,
  },
  [
    ['the hint', byFinished, (exchange) => ({ ...exchange, identityHint: Uint8Array.of(1) })],
    [
      'the curve type',
      ['client', illegalParameter],
      (exchange) => flipped(encodeServerKeyExchange(exchange), 6, 2),
    ],
    [
      'the curve type, signed',
      ['client', illegalParameter],
      (exchange) => flipped(encodeServerKeyExchange(exchange), 0, 2),
      rawKeys,
    ],
    ['the group, another', ['client', illegalParameter], ofGroup(29)],
    ['the group, not offered', ['client', illegalParameter], ofGroup(25)],
    ['the point, off its curve', ['client', illegalParameter], ofPoint((point) => flipped(point, 40))],
    ['the point, compressed', ['client', illegalParameter], ofPoint((point) => flipped(point, 0, 6))],
    ['the point, another', byFinished, ofPoint(() => generateEphemeralKey(NamedGroup.secp256r1).publicKey)],
    [
      'the point, another, signed',
      ['client', decryptError],
      ofPoint(() => generateEphemeralKey(NamedGroup.secp256r1).publicKey),
      rawKeys,
    ],
    [
      'the algorithm, SHA-1',
      ['client', illegalParameter],
      (exchange) => ({ ...exchange, signatureScheme: 0x0203 }),
      rawKeys,
    ],
    [
      'the algorithm, another',
      ['client', decryptError],
      (exchange) => ({ ...exchange, signatureScheme: 0x0503 }),
      rawKeys,
    ],
    [
      'the signature',
      ['client', decryptError],
      (exchange) =>
        'signature' in exchange ? { ...exchange, signature: flipped(exchange.signature, 30) } : exchange,
      rawKeys,
    ],
    [
      'the signature, left out',
      ['client', decodeError],
      (exchange) => ('signature' in exchange ? { ...exchange, signature: noBytes } : exchange),
      rawKeys,
    ],
    [
      'its end',
      ['client', decodeError],
      (exchange) => concatBytes([encodeServerKeyExchange(exchange), Uint8Array.of(0)]),
    ],
  ],
);

tamper<Extract<ServerKeyExchange, { kind: 'psk' }>>(
  {
    name: 'a ServerKeyExchange with a hint',
    type: HandshakeType.serverKeyExchange,
    from: 'server',
    mode: psk,
  },
  {
    decode: (body) => {
      const exchange = wellFormed(decodeServerKeyExchange(body, 'psk'));
      return exchange.kind === 'psk' ? exchange : undefined;
    },
    encode: encodeServerKeyExchange,
  },
  [
    ['the hint', byFinished, (exchange) => ({ ...exchange, identityHint: Uint8Array.of(1) })],
    [
      'its end',
      ['client', decodeError],
      (exchange) => concatBytes([encodeServerKeyExchange(exchange), Uint8Array.of(0)]),
    ],
  ],
);

tamper<CertificateRequest>(
  { name: 'a CertificateRequest', type: HandshakeType.certificateRequest, from: 'server', mode: rawKeys },
  { decode: (body) => wellFormed(decodeCertificateRequest(body)), encode: encodeCertificateRequest },
  [
    [
      'the certificate types, without ours',
      ['client', handshakeFailure],
      (request) => ({ ...request, certificateTypes: [1] }),
    ],
    [
      'the certificate types, with another',
      ['server', decryptError],
      (request) => ({ ...request, certificateTypes: [64, 1] }),
    ],
    [
      'the algorithms, without ours',
      ['client', handshakeFailure],
      (request) => ({ ...request, signatureAlgorithms: [0x0401] }),
    ],
    [
      'the algorithms, with another',
      ['server', decryptError],
      (request) => ({ ...request, signatureAlgorithms: [0x0503] }),
    ],
    [
      'the authorities',
      ['server', decryptError],
      (request) => ({ ...request, certificateAuthorities: [other] }),
    ],
    [
      'its end',
      ['client', decodeError],
      (request) => concatBytes([encodeCertificateRequest(request), Uint8Array.of(0)]),
    ],
  ],
);

const empty = { decode: (): object => ({}), encode: (): Uint8Array => noBytes };
tamper({ name: 'a ServerHelloDone', type: HandshakeType.serverHelloDone, from: 'server', mode: psk }, empty, [
  ['its end', ['client', decodeError], () => Uint8Array.of(0)],
]);

tamper<Shown>(
  { name: 'a Certificate of the client', type: HandshakeType.certificate, from: 'client', mode: certified },
  shown,
  [
    ['its signature', ['server', decryptError], withByte(4)],
    ['being there', ['server', handshakeFailure], withParts()],
    [
      'how many there are',
      ['server', decryptError],
      ({ type, parts }) => ({ type, parts: [...parts, ...parts] }),
    ],
    ['its end', ['server', decodeError], longer],
    ['its key', ['server', badCertificate], withByte(9), rawKeys],
    ['being there, a key', ['server', handshakeFailure], withParts(), rawKeys],
    ['being that of its sender', ['server', decryptError], withParts(strange.publicKey), rawKeys],
  ],
);

tamper<ClientKeyExchange>(
  { name: 'a ClientKeyExchange', type: HandshakeType.clientKeyExchange, from: 'client', mode: psk },
  {
    decode: (body, { suite }) => wellFormed(decodeClientKeyExchange(body, suite.keyExchange)),
    encode: encodeClientKeyExchange,
  },
  [
    ['the identity', byFinished, (exchange) => ({ ...exchange, identity: Uint8Array.of(65) })],
    ['the identity, no text', byFinished, (exchange) => ({ ...exchange, identity: Uint8Array.of(0xff) })],
    ['the identity, empty', byFinished, (exchange) => ({ ...exchange, identity: noBytes })],
    [
      'the identity, with another key exchange',
      byFinished,
      (exchange) => ({ ...exchange, identity: Uint8Array.of(65) }),
      ecdhePsk,
    ],
    [
      'the point, off its curve',
      ['server', illegalParameter],
      ofOwnPoint((point) => flipped(point, 40)),
      ecdhePsk,
    ],
    [
      'the point, another',
      byFinished,
      ofOwnPoint(() => generateEphemeralKey(NamedGroup.secp256r1).publicKey),
      ecdhePsk,
    ],
    [
      'the point, another, signed',
      ['server', decryptError],
      ofOwnPoint(() => generateEphemeralKey(NamedGroup.secp256r1).publicKey),
      rawKeys,
    ],
    ['the point, left out', ['server', decodeError], ofOwnPoint(() => noBytes), rawKeys],
    [
      'its end',
      ['server', decodeError],
      (exchange) => concatBytes([encodeClientKeyExchange(exchange), Uint8Array.of(0)]),
    ],
  ],
);

tamper<CertificateVerify>(
  { name: 'a CertificateVerify', type: HandshakeType.certificateVerify, from: 'client', mode: rawKeys },
  { decode: (body) => wellFormed(decodeCertificateVerify(body)), encode: encodeCertificateVerify },
  [
    [
      'the algorithm, another',
      ['server', decryptError],
      (verify) => ({ ...verify, signatureScheme: 0x0503 }),
    ],
    [
      'the algorithm, SHA-1',
      ['server', illegalParameter],
      (verify) => ({ ...verify, signatureScheme: 0x0203 }),
    ],
    [
      'the signature',
      ['server', decryptError],
      (verify) => ({ ...verify, signature: flipped(verify.signature, 30) }),
    ],
    ['the signature, left out', ['server', decodeError], (verify) => ({ ...verify, signature: noBytes })],
    [
      'its end',
      ['server', decodeError],
      (verify) => concatBytes([encodeCertificateVerify(verify), Uint8Array.of(0)]),
    ],
  ],
);

function ofGroup(group: number): (exchange: EphemeralExchange) => EphemeralExchange {
  return (exchange) => ({ ...exchange, parameters: { ...exchange.parameters, group } });
}

function ofPoint(
  change: (point: Uint8Array) => Uint8Array,
): (exchange: EphemeralExchange) => EphemeralExchange {
  return (exchange) => {
    const { group, publicKey } = exchange.parameters;
    return { ...exchange, parameters: { group, publicKey: change(publicKey) } };
  };
}

function ofOwnPoint(
  change: (point: Uint8Array) => Uint8Array,
): (exchange: ClientKeyExchange) => ClientKeyExchange {
  return (exchange) =>
    'publicKey' in exchange ? { ...exchange, publicKey: change(exchange.publicKey) } : exchange;
}

describe('the header of a handshake message, changed on its way', () => {
  const fields: Readonly<Record<string, readonly [index: number, bits: number, refusal: Refusal]>> = {
    'the type': [0, 0x1f, ['server', AlertDescription.unexpectedMessage]],
    'the type, none that is known': [0, 0x80, 'silence'],
    'the length': [3, 1, 'silence'],
    'the length, of far too much': [1, 0x80, 'silence'],
    'the message number, too high': [5, 8, 'silence'],
    'the message number, too low': [5, 2, 'silence'],
    'the offset of the fragment': [8, 1, 'silence'],
    'the length of the fragment': [11, 1, 'silence'],
  };
  for (const [field, [index, bits, refusal]] of Object.entries(fields)) {
    test(`in ${field}, trusts nobody (checklist 15, 16)`, () => {
      const pair = featured(psk);
      pair.world.path = changesRecords(pair, 'client', (record) =>
        typeOf(record) === HandshakeType.clientKeyExchange
          ? { ...record, fragment: flipped(record.fragment, index, bits) }
          : undefined,
      );
      assertRefused(pair, psk, refusal);
    });
  }
});

describe('a record of the protected epoch, changed on its way', () => {
  const fields: Readonly<
    Record<string, readonly [change: (record: DtlsRecord) => DtlsRecord, refusal: Refusal]>
  > = {
    'the type': [(record) => ({ ...record, type: ContentType.alert, connectionId: noBytes }), 'silence'],
    'the version': [(record) => ({ ...record, version: 0xfeff }), 'silence'],
    'the epoch': [(record) => ({ ...record, epoch: 2 }), 'silence'],
    'the epoch, none': [(record) => ({ ...record, epoch: 0 }), 'silence'],
    'the sequence number': [
      (record) => ({ ...record, sequenceNumber: record.sequenceNumber + 1 }),
      byFinished,
    ],
    'the connection id': [
      (record) => ({ ...record, connectionId: flipped(record.connectionId, 1) }),
      'silence',
    ],
    'the explicit nonce': [(record) => ({ ...record, fragment: flipped(record.fragment, 2) }), byFinished],
    'its content': [(record) => ({ ...record, fragment: flipped(record.fragment, 12) }), byFinished],
    'its tag': [(record) => ({ ...record, fragment: flipped(record.fragment, -1) }), byFinished],
    'its length': [(record) => ({ ...record, fragment: record.fragment.subarray(0, -1) }), byFinished],
  };
  for (const [field, [change, refusal]] of Object.entries(fields)) {
    test(`in ${field}, trusts nobody (checklist 8, 10, 12)`, () => {
      const pair = featured(psk);
      pair.world.path = changesRecords(pair, 'client', (record) =>
        record.epoch === 1 ? change(record) : undefined,
      );
      assertRefused(pair, psk, refusal);
    });
  }
});

describe('what nobody vouches for and does not matter', () => {
  const harmless: Readonly<Record<string, (record: DtlsRecord) => DtlsRecord | undefined>> = {
    'the sequence numbers of plaintext': (record) =>
      record.epoch === 0 ? { ...record, sequenceNumber: record.sequenceNumber + 1000 } : undefined,
    'the minor version of plaintext': (record) =>
      record.epoch === 0 ? { ...record, version: 0xfeff } : undefined,
    'the version of a HelloVerifyRequest': (record) =>
      typeOf(record) === HandshakeType.helloVerifyRequest
        ? { ...record, fragment: flipped(record.fragment, 13, 2) }
        : undefined,
  };
  for (const [what, change] of Object.entries(harmless)) {
    test(`changed, lets the handshake complete: ${what}`, () => {
      for (const from of ['client', 'server'] as const) {
        const pair = featured(psk);
        pair.world.path = changesRecords(pair, from, change);
        const id = pair.client.endpoint.connect(pair.server.address, psk.client, pair.world.now);
        sendText(pair.world, pair.client, id, 'through');
        pair.world.run(5000);
        assert.deepEqual(pair.server.texts(), ['through']);
        assert.ok(lastEstablished(pair.client));
      }
    });
  }
});
