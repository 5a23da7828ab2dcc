import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

import {
  addDuration,
  ByteWriter,
  concatBytes,
  equalBytes,
  hexEncode,
  type Instant,
  type Milliseconds,
  milliseconds,
  type Random,
  type Secret,
  UsageError,
  utf8Encode,
} from '@dunlin/base';

import { plainBytes } from './crypto/plain-bytes.ts';
import type { SavedAssociation } from './saved-association.ts';
import { decodeSavedAssociation, encodeSavedAssociation } from './saved-association-codec.ts';
import { PresentationReader } from './wire/presentation-reader.ts';
import { isMalformed } from './wire/malformed.ts';
import { writeVector } from './wire/vector-writer.ts';

/**
 * Remembers which saved states may still be used. It is what makes each of them usable once: were one restored twice,
 * nonces would repeat under the same keys (RFC 5116 §3.2). It belongs on the same durable storage as the states; to
 * put an older copy of that storage back is the one thing that cannot be noticed.
 */
export interface GenerationLedger {
  /** Notes, durably, that the generation may be used once. A newer one ends those before it. */
  issue(generation: string): Promise<void>;
  /** Takes the generation out, durably and atomically, and says whether it was there to be taken. */
  consume(generation: string): Promise<boolean>;
}

/** How much a saved state may hold and how old what is in it may be. */
export interface SavedStateLimits {
  /** The most bytes of a sealed state. */
  readonly maxLength: number;
  /** The most associations. */
  readonly maxAssociations: number;
  /** An association that received nothing for so long is dropped. */
  readonly maxIdle: Milliseconds;
  /** An association whose full handshake is so long ago is dropped. */
  readonly maxAge: Milliseconds;
}

/**
 * An association takes about 300 bytes, with a certificate 1,000. Devices that sleep are silent for days; a month
 * is long for keys without a new handshake.
 */
export const savedStateDefaults: SavedStateLimits = {
  maxLength: 128 * 1024 * 1024,
  maxAssociations: 200_000,
  maxIdle: milliseconds(7 * 24 * 60 * 60 * 1000),
  maxAge: milliseconds(30 * 24 * 60 * 60 * 1000),
};

/** What saving and restoring need. */
export interface SavedStateOptions {
  /** The key that states are sealed with, at least 32 bytes. */
  readonly key: Secret;
  readonly ledger: GenerationLedger;
  readonly limits?: Readonly<Partial<SavedStateLimits>>;
}

/** What came out of a saved state. */
export interface RestoredState {
  readonly kind: 'restored';
  readonly associations: readonly SavedAssociation[];
  /** How many associations were dropped because of their age. */
  readonly expired: number;
}

/** Nothing was restored, and why. After any of these the devices make new handshakes. */
export interface SavedStateFailure {
  readonly kind: 'failure';
  readonly problem:
    | 'too-large'
    | 'not-a-saved-state'
    | 'other-version'
    | 'not-authentic'
    | 'malformed'
    | 'already-used';
  readonly reason: string;
}

/**
 * Seals associations with AES-256-GCM under a key made for this one state (RFC 5869), after its generation was noted
 * in the ledger. The caller has stopped writing on these associations for good. Throws a `UsageError` when there are
 * more than the limits allow or the key is too short.
 */
export async function saveAssociations(
  associations: readonly SavedAssociation[],
  random: Random,
  options: SavedStateOptions,
): Promise<Uint8Array> {
  const limits = { ...savedStateDefaults, ...options.limits };
  if (associations.length > limits.maxAssociations) {
    throw new UsageError(
      `${associations.length} associations are more than the ${limits.maxAssociations} that may be saved.`,
    );
  }
  const generation = random.bytes(generationLength);
  const header = concatBytes([magic, generation, random.bytes(saltLength), random.bytes(nonceLength)]);
  const key = sealingKey(options.key, header);
  const cipher = createCipheriv(algorithm, key, nonceOf(header)).setAAD(header);
  key.fill(0);
  const body = encodeBody(associations);
  const sealed = concatBytes([header, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  body.fill(0);
  if (sealed.length > limits.maxLength) {
    throw new UsageError(
      `A saved state of ${sealed.length} bytes is more than the ${limits.maxLength} allowed.`,
    );
  }
  await options.ledger.issue(hexEncode(generation));
  return sealed;
}

/**
 * Opens a sealed state. It is checked whole before the ledger is asked, and the ledger has given the generation up
 * before anything is handed out; so either everything that has not expired is restored, by one caller, once, or
 * nothing is. Never throws for what stands in the bytes.
 */
export async function restoreAssociations(
  sealed: Uint8Array,
  now: Instant,
  options: SavedStateOptions,
): Promise<RestoredState | SavedStateFailure> {
  const limits = { ...savedStateDefaults, ...options.limits };
  const body = openSealed(sealed, options.key, limits);
  if ('kind' in body) return body;
  const associations = decodeBody(body, limits);
  body.fill(0);
  if ('kind' in associations) return associations;
  if (!(await options.ledger.consume(hexEncode(generationOf(sealed))))) {
    for (const association of associations) association.session.masterSecret.destroy();
    return failure('already-used', 'This saved state was used before, or is not the latest.');
  }
  const usable: SavedAssociation[] = [];
  for (const association of associations) {
    if (isUsable(association, now, limits)) usable.push(association);
    else association.session.masterSecret.destroy();
  }
  return { kind: 'restored', associations: usable, expired: associations.length - usable.length };
}

const algorithm = 'aes-256-gcm';
/** `DNLA` for associations, and the version of all that follows. */
const magic = Uint8Array.of(0x44, 0x4e, 0x4c, 0x41, 1);
const generationLength = 16;
const saltLength = 32;
const nonceLength = 12;
const tagLength = 16;
const minKeyLength = 32;
const generationStart = magic.length;
const saltStart = generationStart + generationLength;
const nonceStart = saltStart + saltLength;
const headerLength = nonceStart + nonceLength;

/** Says what the derived key is for (RFC 5869 §3.2). */
const keyPurpose = utf8Encode('dunlin dtls saved state');

function generationOf(header: Uint8Array): Uint8Array {
  return header.subarray(generationStart, saltStart);
}

function nonceOf(header: Uint8Array): Uint8Array {
  return header.subarray(nonceStart, headerLength);
}

function sealingKey(key: Secret, header: Uint8Array): Uint8Array {
  const bytes = key.reveal();
  if (bytes.length < minKeyLength) throw new UsageError(`A sealing key has at least ${minKeyLength} bytes.`);
  return new Uint8Array(hkdfSync('sha256', bytes, header.subarray(saltStart, nonceStart), keyPurpose, 32));
}

/** The content of a sealed state, in fresh memory. */
function openSealed(
  sealed: Uint8Array,
  key: Secret,
  limits: SavedStateLimits,
): Uint8Array | SavedStateFailure {
  if (sealed.length > limits.maxLength) {
    return failure('too-large', `The saved state is larger than ${limits.maxLength} bytes.`);
  }
  const name = magic.length - 1;
  if (
    sealed.length < headerLength + tagLength ||
    !equalBytes(sealed.subarray(0, name), magic.subarray(0, name))
  ) {
    return failure('not-a-saved-state', 'These bytes are not a saved state.');
  }
  if (sealed[name] !== magic[name]) {
    return failure('other-version', `The saved state is of version ${sealed[name]}, which is not read here.`);
  }
  const header = sealed.subarray(0, headerLength);
  const stateKey = sealingKey(key, header);
  const options = { authTagLength: tagLength };
  const decipher = createDecipheriv(algorithm, stateKey, nonceOf(header), options).setAAD(header);
  stateKey.fill(0);
  decipher.setAuthTag(sealed.subarray(-tagLength));
  const body = plainBytes(decipher.update(sealed.subarray(headerLength, -tagLength)));
  try {
    decipher.final();
    return body;
  } catch {
    body.fill(0);
    return failure('not-authentic', 'The saved state was changed, or sealed with another key.');
  }
}

/** How many associations, then each behind its length. */
function encodeBody(associations: readonly SavedAssociation[]): Uint8Array {
  const writer = new ByteWriter(4 + associations.length * 320).uint32(associations.length);
  for (const association of associations) {
    const bytes = encodeSavedAssociation(association);
    writeVector(writer, 2, bytes);
    bytes.fill(0);
  }
  return writer.toBytes();
}

function decodeBody(
  body: Uint8Array,
  limits: SavedStateLimits,
): readonly SavedAssociation[] | SavedStateFailure {
  const reader = new PresentationReader(body);
  const count = reader.uint16() * 0x1_0000 + reader.uint16();
  if (count > limits.maxAssociations) reader.fail('there are too many associations');
  const associations: SavedAssociation[] = [];
  const taken = new Set<string>();
  while (associations.length < count) {
    const association = decodeSavedAssociation(reader.vector({ lengthBytes: 2 }));
    if (isMalformed(association)) {
      reader.fail(`association ${associations.length} is unsound (${association.reason})`);
      break;
    }
    associations.push(association);
    for (const key of exclusiveKeys(association)) {
      if (taken.has(key)) reader.fail('two associations cannot be told apart');
      taken.add(key);
    }
  }
  const problem = reader.problem('Saved state');
  if (problem === undefined) return associations;
  for (const association of associations) association.session.masterSecret.destroy();
  return failure('malformed', problem.reason);
}

/** What no two associations may have in common: their id, and what records are assigned to them by. */
function exclusiveKeys({ associationId, ownConnectionId, peerAddress }: SavedAssociation): readonly string[] {
  const route =
    ownConnectionId.length > 0
      ? `connection ${hexEncode(ownConnectionId)}`
      : `address ${peerAddress.port} ${peerAddress.address}`;
  return [`id ${associationId}`, route];
}

function isUsable(
  association: SavedAssociation,
  now: Instant,
  { maxIdle, maxAge }: SavedStateLimits,
): boolean {
  const idleUntil = addDuration(association.lastActiveAt, maxIdle);
  return now < idleUntil && now < addDuration(association.session.establishedAt, maxAge);
}

function failure(problem: SavedStateFailure['problem'], reason: string): SavedStateFailure {
  return { kind: 'failure', problem, reason };
}
