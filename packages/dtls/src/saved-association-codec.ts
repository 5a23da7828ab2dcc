import { ByteWriter, type Instant, instantFrom, Secret, utf8Decode, utf8Encode } from '@dunlin/base';

import { maxCertificateLength } from './credentials/certificate.ts';
import type { PeerIdentity } from './credentials/peer-identity.ts';
import { type CipherSuite, findCipherSuite } from './crypto/cipher-suite.ts';
import { masterSecretLength } from './crypto/key-schedule.ts';
import type { ReplayWindowState } from './record-layer/replay-window.ts';
import type { SavedAssociation } from './saved-association.ts';
import type { Session } from './session.ts';
import { PresentationReader } from './wire/presentation-reader.ts';
import { helloRandomLength, maxSessionIdLength } from './wire/hello-fields.ts';
import type { Malformed } from './wire/malformed.ts';
import { writeVector } from './wire/vector-writer.ts';

/** How many sequence numbers an epoch has (RFC 6347 §4.1). */
const sequenceNumbers = 2 ** 48;

/** Whoever keeps the credentials makes up their ids, and shall not lose a saved state for it. */
const maxCredentialIdLength = 4096;

const roles = ['client', 'server'] as const;
const identityKinds = ['psk', 'raw-public-key', 'certificate'] as const;

/** What is remembered of a session besides what it must have. */
const SessionFlag = { extendedMasterSecret: 1, serverName: 2, maxFragmentLength: 4 } as const;
const allSessionFlags = 7;

/** The bytes of an association in a saved state; they hold its master secret. */
export function encodeSavedAssociation(association: SavedAssociation): Uint8Array {
  const writer = new ByteWriter(512);
  writer.uint8(roles.indexOf(association.role));
  writeVector(writer, 1, utf8Encode(association.associationId));
  writeVector(writer, 1, utf8Encode(association.peerAddress.address));
  writer.uint16(association.peerAddress.port);
  writeSession(writer, association.session);
  writer.bytes(association.clientRandom).bytes(association.serverRandom);
  writer.uint16(association.readEpoch).uint16(association.writeEpoch);
  writeLarge(writer, association.nextWriteSequenceNumber);
  const { newest, recent, older } = association.replayWindow;
  writeLarge(writer, newest + 1);
  writer.uint32(recent).uint32(older);
  writeVector(writer, 1, association.ownConnectionId);
  writeVector(writer, 1, association.peerConnectionId);
  writer.uint16(association.maxReceivedContent).uint16(association.maxSentContent);
  writeInstant(writer, association.lastActiveAt);
  return writer.toBytes();
}

/** Reads the bytes of an association, to the end of the reader; whatever could not have been saved makes it fail. */
export function decodeSavedAssociation(bytes: Uint8Array): SavedAssociation | Malformed {
  const reader = new PresentationReader(bytes);
  const association: SavedAssociation = {
    role: oneOf(reader, roles),
    associationId: readText(reader, 64),
    peerAddress: { address: readText(reader, 64), port: atLeastOne(reader, reader.uint16()) },
    session: readSession(reader),
    clientRandom: reader.bytes(helloRandomLength).slice(),
    serverRandom: reader.bytes(helloRandomLength).slice(),
    readEpoch: atLeastOne(reader, reader.uint16()),
    writeEpoch: atLeastOne(reader, reader.uint16()),
    nextWriteSequenceNumber: readLarge(reader, sequenceNumbers),
    replayWindow: readReplayWindow(reader),
    ownConnectionId: reader.vector({ lengthBytes: 1 }).slice(),
    peerConnectionId: reader.vector({ lengthBytes: 1 }).slice(),
    maxReceivedContent: readContentLimit(reader),
    maxSentContent: readContentLimit(reader),
    lastActiveAt: readInstant(reader),
  };
  const problem = reader.problem('Saved association');
  if (problem !== undefined) association.session.masterSecret.destroy();
  return problem ?? association;
}

function writeSession(writer: ByteWriter, session: Session): void {
  const { serverName, maxFragmentLength } = session;
  writeVector(writer, 1, session.id);
  writer.uint16(session.suite.code).bytes(session.masterSecret.reveal());
  writer.uint8(
    (session.hasExtendedMasterSecret ? SessionFlag.extendedMasterSecret : 0) |
      (serverName === undefined ? 0 : SessionFlag.serverName) |
      (maxFragmentLength === undefined ? 0 : SessionFlag.maxFragmentLength),
  );
  if (serverName !== undefined) writeVector(writer, 1, utf8Encode(serverName));
  if (maxFragmentLength !== undefined) writer.uint16(maxFragmentLength);
  writer.uint8(identityKinds.indexOf(session.peer.kind));
  writeVector(writer, 3, identityBytes(session.peer));
  writeVector(writer, 2, utf8Encode(session.credentialId));
  writeInstant(writer, session.establishedAt);
}

function readSession(reader: PresentationReader): Session {
  const id = reader.vector({ lengthBytes: 1, max: maxSessionIdLength }).slice();
  const suite = readSuite(reader);
  const masterSecret = new Secret(reader.bytes(masterSecretLength).slice());
  const flags = reader.uint8();
  if (flags > allSessionFlags) reader.fail('the flags of the session are none that are known');
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    id,
    suite,
    masterSecret,
    hasExtendedMasterSecret: has(SessionFlag.extendedMasterSecret),
    serverName: has(SessionFlag.serverName) ? readText(reader, 255) : undefined,
    maxFragmentLength: has(SessionFlag.maxFragmentLength) ? readMaxFragmentLength(reader) : undefined,
    peer: readIdentity(reader),
    credentialId: decodeText(reader, reader.vector({ lengthBytes: 2, max: maxCredentialIdLength })),
    establishedAt: readInstant(reader),
  };
}

/** In the place of a suite that cannot be read; what it is part of is never handed out. */
const unreadSuite: CipherSuite = {
  code: 0,
  name: 'TLS_PSK_WITH_AES_128_CCM_8',
  keyExchange: 'psk',
  recordCipher: 'aes-128-ccm-8',
};

function readSuite(reader: PresentationReader): CipherSuite {
  const suite = findCipherSuite(reader.uint16());
  if (suite === undefined) reader.fail('the cipher suite is none of ours');
  return suite ?? unreadSuite;
}

function identityBytes(identity: PeerIdentity): Uint8Array {
  switch (identity.kind) {
    case 'psk':
      return utf8Encode(identity.identity);
    case 'raw-public-key':
      return identity.publicKey;
    case 'certificate':
      return identity.certificate;
  }
}

function readIdentity(reader: PresentationReader): PeerIdentity {
  const kind = oneOf(reader, identityKinds);
  const bytes = reader.vector({ lengthBytes: 3, min: 1, max: maxCertificateLength });
  switch (kind) {
    case 'psk':
      return { kind, identity: decodeText(reader, bytes) };
    case 'raw-public-key':
      return { kind, publicKey: bytes.slice() };
    case 'certificate':
      return { kind, certificate: bytes.slice() };
  }
}

function readReplayWindow(reader: PresentationReader): ReplayWindowState {
  const newest = readLarge(reader, sequenceNumbers) - 1;
  const recent = readUint32(reader);
  const older = readUint32(reader);
  // The newest number was seen itself; without one nothing was.
  const isConsistent = newest < 0 ? recent === 0 && older === 0 : (recent & 1) === 1;
  if (!isConsistent) reader.fail('the replay window contradicts itself');
  return { newest, recent, older };
}

function readMaxFragmentLength(reader: PresentationReader): number {
  const length = reader.uint16();
  if (![512, 1024, 2048, 4096].includes(length)) reader.fail('the maximum fragment length is none');
  return length;
}

/** RFC 8449 §4 begins at 64, and RFC 5246 §6.2.1 ends at 16,384. */
function readContentLimit(reader: PresentationReader): number {
  const limit = reader.uint16();
  if (limit < 64 || limit > 16_384) reader.fail('the limit of contents is out of its range');
  return limit;
}

function oneOf<T>(reader: PresentationReader, values: readonly [T, ...T[]]): T {
  const value = values[reader.uint8()];
  if (value === undefined) reader.fail('a kind is none that is known');
  return value ?? values[0];
}

function atLeastOne(reader: PresentationReader, value: number): number {
  if (value < 1) reader.fail('a number is 0 that never is');
  return value;
}

function readText(reader: PresentationReader, maxLength: number): string {
  return decodeText(reader, reader.vector({ lengthBytes: 1, min: 1, max: maxLength }));
}

function decodeText(reader: PresentationReader, bytes: Uint8Array): string {
  const text = utf8Decode(bytes);
  if (text === undefined) reader.fail('a text is not UTF-8');
  return text ?? '';
}

function writeInstant(writer: ByteWriter, instant: Instant): void {
  writeLarge(writer, Math.floor(instant));
}

function readInstant(reader: PresentationReader): Instant {
  return instantFrom(readLarge(reader, Number.MAX_SAFE_INTEGER));
}

/** Numbers of up to 53 bits in 7 bytes. */
function writeLarge(writer: ByteWriter, value: number): void {
  writer.uint24(Math.floor(value / 2 ** 32)).uint32(value % 2 ** 32);
}

function readLarge(reader: PresentationReader, max: number): number {
  const value = reader.uint24() * 2 ** 32 + readUint32(reader);
  if (value <= max) return value;
  reader.fail('a number is out of its range');
  return 0;
}

function readUint32(reader: PresentationReader): number {
  return reader.uint16() * 0x1_0000 + reader.uint16();
}
