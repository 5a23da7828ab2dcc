import { noBytes } from '@dunlin/base';

import type { HandshakeMessage } from './crypto/transcript.ts';
import { AlertLevel, encodeAlert } from './wire/alert.ts';
import type { AlertDescription } from './wire/alert-description.ts';
import { type ClientHello, decodeClientHello } from './wire/client-hello.ts';
import { ContentType } from './wire/content-type.ts';
import { decodeHandshakeFragments, encodeHandshakeFragment } from './wire/handshake-header.ts';
import { HandshakeType } from './wire/handshake-type.ts';
import { encodeHelloVerifyRequest } from './wire/hello-verify-request.ts';
import { isMalformed, malformed, type Malformed } from './wire/malformed.ts';
import { ProtocolVersion } from './wire/protocol-version.ts';
import { type DtlsRecord, encodeRecord } from './wire/record.ts';

/** A ClientHello as it came. */
export interface ReceivedHello {
  readonly hello: ClientHello;
  readonly message: HandshakeMessage;
}

/** The message number of a ClientHello with a cookie is that of the round, of which there are not many. */
const maxHelloSeq = 3;

/** True for a plaintext record that begins with a ClientHello: what a server looks at for peers it does not know. */
export function isClientHelloRecord(record: DtlsRecord): boolean {
  return (
    record.epoch === 0 &&
    record.type === ContentType.handshake &&
    record.fragment[0] === HandshakeType.clientHello
  );
}

/**
 * Reads the ClientHello of a record. It has to be whole: fragments could only be put together by remembering them,
 * which nothing is done for a peer that has not shown where it is.
 */
export function readClientHello(record: DtlsRecord): ReceivedHello | Malformed {
  const fragments = decodeHandshakeFragments(record.fragment);
  if (isMalformed(fragments)) return fragments;
  const [first] = fragments;
  if (first === undefined || first.type !== HandshakeType.clientHello) return malformed('No ClientHello.');
  if (first.fragment.length !== first.length) return malformed('The ClientHello is fragmented.');
  if (first.messageSeq > maxHelloSeq) return malformed(`A ClientHello has number ${first.messageSeq}.`);
  const body = first.fragment.slice();
  const hello = decodeClientHello(body);
  if (isMalformed(hello)) return hello;
  return { hello, message: { type: first.type, messageSeq: first.messageSeq, body } };
}

/**
 * The answer to a hello without a right cookie, all of whose state is in the answer (RFC 6347 §4.2.1): record and
 * message number are those of the hello, and the version is 1.0 whatever will be negotiated. With a cookie of 32 bytes it
 * has 60 bytes, and the shortest ClientHello there is 67.
 */
export function helloVerifyRequestRecord(
  record: DtlsRecord,
  messageSeq: number,
  cookie: Uint8Array,
): Uint8Array {
  const body = encodeHelloVerifyRequest({ version: ProtocolVersion.dtls10, cookie });
  const fragment = encodeHandshakeFragment({
    type: HandshakeType.helloVerifyRequest,
    length: body.length,
    messageSeq,
    fragmentOffset: 0,
    fragment: body,
  });
  return answerTo(record, ContentType.handshake, fragment);
}

/** The answer to a hello that offers nothing acceptable, with no more state. */
export function helloAlertRecord(record: DtlsRecord, description: AlertDescription): Uint8Array {
  return answerTo(record, ContentType.alert, encodeAlert({ level: AlertLevel.fatal, description }));
}

function answerTo(
  record: DtlsRecord,
  type: typeof ContentType.handshake | typeof ContentType.alert,
  fragment: Uint8Array,
): Uint8Array {
  const { sequenceNumber } = record;
  const version = ProtocolVersion.dtls12;
  return encodeRecord({ type, version, epoch: 0, sequenceNumber, connectionId: noBytes, fragment });
}
