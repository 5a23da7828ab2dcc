import { noBytes } from '@dunlin/base';

import { ContentType } from '../../src/wire/content-type.ts';
import { type ClientHello, decodeClientHello, encodeClientHello } from '../../src/wire/client-hello.ts';
import { decodeHandshakeFragments, encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { decodeHelloVerifyRequest } from '../../src/wire/hello-verify-request.ts';
import { ProtocolVersion } from '../../src/wire/protocol-version.ts';
import {
  decodeRecords,
  type DtlsRecord,
  encodeRecord,
  recordReadingDefaults,
} from '../../src/wire/record.ts';
import { wellFormed } from './codec.ts';

/** A ClientHello that servers of tests accept. */
export const plainHello: ClientHello = {
  version: ProtocolVersion.dtls12,
  random: new Uint8Array(32).fill(7),
  sessionId: noBytes,
  cookie: noBytes,
  cipherSuites: [0xc0a8],
  compressionMethods: [0],
  extensions: { extendedMasterSecret: true },
};

/** A record in plaintext. */
export function plainRecord(
  type: DtlsRecord['type'],
  fragment: Uint8Array,
  header: Partial<Pick<DtlsRecord, 'epoch' | 'sequenceNumber' | 'version'>> = {},
): Uint8Array {
  const { epoch = 0, sequenceNumber = 0, version = ProtocolVersion.dtls12 } = header;
  return encodeRecord({ type, version, epoch, sequenceNumber, connectionId: noBytes, fragment });
}

/** A handshake message in one record. */
export function messageRecord(
  type: HandshakeType,
  body: Uint8Array,
  messageSeq: number,
  header: Parameters<typeof plainRecord>[2] = {},
): Uint8Array {
  const fragment = encodeHandshakeFragment({
    type,
    length: body.length,
    messageSeq,
    fragmentOffset: 0,
    fragment: body,
  });
  return plainRecord(ContentType.handshake, fragment, header);
}

/** A ClientHello in one record, numbered as the first or, with a cookie, the second. */
export function helloRecord(hello: Partial<ClientHello> = {}, sequenceNumber = 0): Uint8Array {
  const whole = { ...plainHello, ...hello };
  const messageSeq = whole.cookie.length > 0 ? 1 : 0;
  return messageRecord(HandshakeType.clientHello, encodeClientHello(whole), messageSeq, { sequenceNumber });
}

/** The records of a datagram. */
export function recordsOf(datagram: Uint8Array, connectionIdLength = 0): readonly DtlsRecord[] {
  return decodeRecords(datagram, { ...recordReadingDefaults, connectionIdLength }).records;
}

/** The type of the first message of a datagram, or of its first record when that is none in plaintext. */
export function firstTypeOf(datagram: Uint8Array): string {
  const [record] = recordsOf(datagram);
  if (record === undefined) return 'none';
  if (record.type !== ContentType.handshake || record.epoch > 0) return `record ${record.type}`;
  const type = wellFormed(decodeHandshakeFragments(record.fragment))[0]?.type;
  return Object.entries(HandshakeType).find(([, code]) => code === type)?.[0] ?? 'unknown';
}

/** The cookie of the HelloVerifyRequest in a datagram. */
export function cookieIn(datagram: Uint8Array | undefined): Uint8Array {
  const [record] = recordsOf(datagram ?? noBytes);
  const [fragment] = wellFormed(decodeHandshakeFragments(record?.fragment ?? noBytes));
  return wellFormed(decodeHelloVerifyRequest(fragment?.fragment ?? noBytes)).cookie;
}

/** The ClientHello in a datagram. */
export function helloIn(datagram: Uint8Array): ClientHello {
  const [record] = recordsOf(datagram);
  const [fragment] = wellFormed(decodeHandshakeFragments(record?.fragment ?? noBytes));
  return wellFormed(decodeClientHello(fragment?.fragment ?? noBytes));
}
