import assert from 'node:assert/strict';

import { addDuration, milliseconds, noBytes, Secret } from '@dunlin/base';

import type { Credential } from '../../src/credentials/credential.ts';
import { type EphemeralKey, generateEphemeralKey } from '../../src/crypto/ecdhe.ts';
import {
  ecdhePskPremasterSecret,
  extendedMasterSecret,
  pskPremasterSecret,
  type Role,
  verifyData,
} from '../../src/crypto/key-schedule.ts';
import { type HandshakeMessage, Transcript } from '../../src/crypto/transcript.ts';
import { deriveEpochKeys, type EpochKeys } from '../../src/handshake/epoch-keys.ts';
import { Reassembly } from '../../src/handshake/reassembly.ts';
import { RecordLayer } from '../../src/record-layer/record-layer.ts';
import { encodeCertificate } from '../../src/wire/certificate.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { NamedGroup } from '../../src/wire/extension/supported-groups.ts';
import { encodeFinished } from '../../src/wire/finished.ts';
import { decodeHandshakeFragments, encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import type { DtlsRecord } from '../../src/wire/record.ts';
import type { Mode, Pair } from './modes.ts';
import { sharedKey } from './modes.ts';
import { type Party, randomOf } from './party.ts';
import { messageRecord, plainRecord, recordsOf } from './raw.ts';

/** What an adversary can say next, besides messages of its role. */
export type CommonStep =
  | 'change-cipher-spec'
  | 'finished'
  | 'finished in plaintext'
  | 'application data'
  | 'application data in plaintext';

/**
 * A peer that knows all keys and plays messages in whatever order it is told. What it says is always right for the
 * messages that were exchanged so far, as they were exchanged: nothing but the order can be wrong.
 */
export abstract class Adversary {
  readonly role: Role;
  protected readonly mode: Mode;
  protected readonly pair: Pair;
  protected transcript: Transcript = new Transcript();
  protected nextSeq = 0;
  protected clientRandom: Uint8Array = noBytes;
  protected serverRandom: Uint8Array = noBytes;
  protected ephemeral: EphemeralKey = generateEphemeralKey(NamedGroup.secp256r1);
  protected peerPublicKey: Uint8Array | undefined;
  readonly #victim: Party;
  #master: Secret = new Secret(new Uint8Array(48));
  #keys: EpochKeys | undefined;
  #reading: RecordLayer = new RecordLayer();
  #reassembly = new Reassembly();
  #sealed = 0;
  #plain = 10;

  constructor(role: Role, mode: Mode, pair: Pair) {
    this.role = role;
    this.mode = mode;
    this.pair = pair;
    this.#victim = role === 'client' ? pair.server : pair.client;
  }

  /** True when the victim takes us for somebody. */
  get isTrusted(): boolean {
    return this.#victim.all('established').length > 0;
  }

  /** True when the victim has given up. */
  get isRefused(): boolean {
    return this.#victim.all('failed').length > 0;
  }

  /** What the victim got to read. */
  get received(): readonly string[] {
    return this.#victim.texts();
  }

  /** Gives the victim what it never said. */
  forge(datagram: Uint8Array): void {
    this.deliver(datagram);
  }

  /** Lets time go by for the victim. */
  wait(duration: number): void {
    const { world } = this.pair;
    world.now = addDuration(world.now, milliseconds(duration));
    this.#victim.endpoint.wake(world.now);
    this.listen();
  }

  protected abstract hear(message: HandshakeMessage): void;

  protected common(step: CommonStep): void {
    switch (step) {
      case 'change-cipher-spec':
        this.deliver(plainRecord(ContentType.changeCipherSpec, Uint8Array.of(1), this.#position()));
        break;
      case 'finished':
        this.#sayFinished(true);
        break;
      case 'finished in plaintext':
        this.#sayFinished(false);
        break;
      case 'application data':
        this.#seal(ContentType.applicationData, Uint8Array.of(65));
        break;
      case 'application data in plaintext':
        this.deliver(plainRecord(ContentType.applicationData, Uint8Array.of(66), this.#position()));
        break;
    }
  }

  /** Says a message in plaintext, which is in the transcript from then on. */
  protected say(type: HandshakeType, body: Uint8Array): void {
    const messageSeq = this.nextSeq;
    this.nextSeq += 1;
    this.transcript.append({ type, messageSeq, body });
    this.deliver(messageRecord(type, body, messageSeq, this.#position()));
  }

  /** Says a message that belongs to no transcript. */
  protected sayAside(type: HandshakeType, body: Uint8Array, messageSeq: number): void {
    this.deliver(messageRecord(type, body, messageSeq, this.#position()));
  }

  /** Gives the victim a datagram and hears what it says to it. */
  protected deliver(datagram: Uint8Array): void {
    const { world, client, server } = this.pair;
    const own = this.role === 'client' ? client.address : server.address;
    this.#victim.endpoint.handle(datagram, own, world.now);
    this.listen();
  }

  /** Hears what the victim has to say by itself. */
  protected listen(): void {
    for (const { datagram } of this.#victim.drain(this.pair.world.now)) {
      for (const record of recordsOf(datagram)) this.#hearRecord(record);
    }
  }

  /** The transcript begins with this message. */
  protected begin(message: HandshakeMessage): void {
    this.transcript = new Transcript();
    this.transcript.append(message);
  }

  /** The victim's messages are numbered from here on. */
  protected expect(messageSeq: number): void {
    this.#reassembly = new Reassembly(messageSeq);
  }

  /** The key exchange is through: from the transcript as it is now follow the keys. */
  protected agree(): void {
    const premaster = this.#premaster();
    if (premaster === undefined) return;
    this.#master = extendedMasterSecret(premaster, this.transcript.hash());
    this.#keys = this.#derive();
    this.#reading = new RecordLayer();
    this.#reading.protectReading(this.#derive().reading);
  }

  #hearRecord(record: DtlsRecord): void {
    const opened = this.#reading.open(record);
    if (opened.kind !== 'content' || opened.type !== ContentType.handshake) return;
    const fragments = decodeHandshakeFragments(opened.content);
    if (!isMalformed(fragments)) for (const fragment of fragments) this.#reassembly.accept(fragment);
    for (let message = this.#reassembly.take(); message; message = this.#reassembly.take()) {
      if (message.type === HandshakeType.finished) this.transcript.append(message);
      else this.hear(message);
    }
  }

  #derive(): EpochKeys {
    const { suite } = this.mode;
    const { clientRandom, serverRandom, role } = this;
    const ids = { ownConnectionId: noBytes, peerConnectionId: noBytes };
    const parameters = { role, suite, masterSecret: this.#master, clientRandom, serverRandom, ...ids };
    return deriveEpochKeys(parameters, randomOf(3));
  }

  #premaster(): Secret | undefined {
    const { keyExchange } = this.mode.suite;
    if (keyExchange === 'psk') return pskPremasterSecret(sharedKey);
    if (this.peerPublicKey === undefined) return undefined;
    const agreed = this.ephemeral.agree(this.peerPublicKey);
    assert.ok(!isMalformed(agreed));
    return keyExchange === 'ecdhe-psk' ? ecdhePskPremasterSecret(agreed, sharedKey) : agreed;
  }

  #sayFinished(isProtected: boolean): void {
    const data = verifyData(this.#master, this.role, this.transcript.hash());
    const body = encodeFinished({ verifyData: data });
    if (!isProtected) {
      this.say(HandshakeType.finished, body);
      return;
    }
    const messageSeq = this.nextSeq;
    this.nextSeq += 1;
    const message = { type: HandshakeType.finished, messageSeq, body };
    const whole = { ...message, length: body.length, fragmentOffset: 0, fragment: body };
    this.#seal(ContentType.handshake, encodeHandshakeFragment(whole));
    this.transcript.append(message);
  }

  /** Seals with the keys there are, or with those of a master secret of zeros. */
  #seal(type: typeof ContentType.handshake | typeof ContentType.applicationData, content: Uint8Array): void {
    const records = new RecordLayer({
      restored: {
        writeSequenceNumber: this.#sealed,
        replayWindow: { newest: -1, recent: 0, older: 0 },
        macErrors: 0,
        writeLimit: 16_384,
        readLimit: 16_384,
      },
    });
    this.#sealed += 1;
    records.protectWriting((this.#keys ?? this.#derive()).writing);
    const record = records.seal(1, type, content);
    assert.ok(!('kind' in record));
    this.deliver(record);
  }

  #position(): { readonly sequenceNumber: number } {
    this.#plain += 1;
    return { sequenceNumber: this.#plain };
  }
}

/** The body of a Certificate message of a credential. */
export function certificateOf(credential: Credential): Uint8Array {
  switch (credential.kind) {
    case 'raw-public-key':
      return encodeCertificate({ kind: 'raw-public-key', subjectPublicKeyInfo: credential.publicKey });
    case 'certificate':
      return encodeCertificate({ kind: 'x509', chain: credential.chain });
    case 'psk':
      return encodeCertificate({ kind: 'x509', chain: [] });
  }
}
