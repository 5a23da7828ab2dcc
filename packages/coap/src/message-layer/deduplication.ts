import type { Instant } from '@dunlin/base';

import { AnswerArena } from './answer-arena.ts';

/** How much is remembered of received messages; the defaults are those of `EndpointLimits`. */
export interface DeduplicationLimits {
  /** Messages in all; the oldest go first. */
  readonly maxMessages: number;
  /** Messages of one peer; its oldest go first. */
  readonly maxMessagesPerPeer: number;
  /** Bytes kept of answers. */
  readonly maxAnswerBytes: number;
}

/** What a repetition of a received message is answered with (RFC 7252 §4.2, §4.5). */
export const Reaction = {
  /** Nothing: it is being worked on, or was not confirmable. */
  none: 0,
  emptyAcknowledgement: 1,
  reset: 2,
  /** The same bytes as before. */
  answer: 3,
} as const;
export type Reaction = (typeof Reaction)[keyof typeof Reaction];

/** The peer's end of its list of received messages; the list alone writes to it. */
export interface ReceivedFrom {
  readonly number: number;
  oldestReceived: number;
  newestReceived: number;
  receivedCount: number;
}

const none = -1;
/** A power of two; doubled when full. */
const firstCapacity = 16;
/** Numbers of one message: links, id, lifetime, fingerprint, reaction and answer. */
const Field = {
  hashNext: 0,
  newerOfPeer: 1,
  older: 2,
  newer: 3,
  messageId: 4,
  fingerprint: 5,
  reaction: 6,
  chunk: 7,
  offset: 8,
  length: 9,
} as const;
const fieldCount = 10;

/**
 * The messages that were received within their lifetime, by peer and message id (RFC 7252 §4.5). One table
 * of numbers instead of an object each; both the whole and each peer's share are queues, oldest first.
 */
export class ReceivedMessages {
  readonly #limits: DeduplicationLimits;
  readonly #answers: AnswerArena = new AnswerArena();
  #fields: Int32Array = new Int32Array(firstCapacity * fieldCount);
  #expiresAt: Float64Array = new Float64Array(firstCapacity);
  readonly #peers: (ReceivedFrom | undefined)[] = [];
  #buckets: Int32Array = new Int32Array(firstCapacity).fill(none);
  #firstFree = none;
  #allocated = 0;
  #oldest = none;
  #newest = none;
  #size = 0;

  constructor(limits: DeduplicationLimits) {
    this.#limits = limits;
  }

  /** How many messages are remembered. */
  get size(): number {
    return this.#size;
  }

  /** The remembered message with this id from this peer, or −1. */
  find(peer: ReceivedFrom, messageId: number, now: Instant): number {
    if (peer.receivedCount === 0) return none;
    let slot = this.#buckets[this.#bucketOf(peer.number, messageId)] ?? none;
    while (slot !== none) {
      if (this.#peers[slot] === peer && this.#get(slot, Field.messageId) === messageId) {
        return (this.#expiresAt[slot] ?? 0) > now ? slot : none;
      }
      slot = this.#get(slot, Field.hashNext);
    }
    return none;
  }

  /** Remembers a message until `expiresAt`, in place of one with the same id. Lifetimes need not be in order. */
  add(peer: ReceivedFrom, messageId: number, fingerprint: number, now: Instant, expiresAt: Instant): void {
    this.#unlinkFromBucket(peer, messageId);
    this.#expire(now);
    if (peer.receivedCount >= this.#limits.maxMessagesPerPeer) this.#remove(peer.oldestReceived);
    if (this.#size >= this.#limits.maxMessages) this.#remove(this.#oldest);
    const slot = this.#allocate();
    this.#peers[slot] = peer;
    this.#expiresAt[slot] = expiresAt;
    this.#set(slot, Field.messageId, messageId);
    this.#set(slot, Field.fingerprint, fingerprint);
    this.#set(slot, Field.reaction, Reaction.none);
    this.#set(slot, Field.length, 0);
    this.#append(peer, slot);
    const bucket = this.#bucketOf(peer.number, messageId);
    this.#set(slot, Field.hashNext, this.#buckets[bucket] ?? none);
    this.#buckets[bucket] = slot;
  }

  /** True when the message was the same one, not another with its id. */
  isSame(slot: number, fingerprint: number): boolean {
    return this.#get(slot, Field.fingerprint) === fingerprint;
  }

  /** What a repetition of the message is answered with. */
  reaction(slot: number): Reaction {
    const reaction = this.#get(slot, Field.reaction);
    return reaction === 1 || reaction === 2 || reaction === 3 ? reaction : Reaction.none;
  }

  /** The bytes of the answer, for `Reaction.answer`. */
  answer(slot: number): Uint8Array | undefined {
    return this.#answers.view(
      this.#get(slot, Field.chunk),
      this.#get(slot, Field.offset),
      this.#get(slot, Field.length),
    );
  }

  /** Says what repetitions get from now on; harmless when the message was forgotten meanwhile. */
  settle(peer: ReceivedFrom, messageId: number, now: Instant, reaction: Reaction, answer?: Uint8Array): void {
    const slot = this.find(peer, messageId, now);
    if (slot === none) return;
    this.#forgetAnswer(slot);
    this.#set(slot, Field.reaction, reaction);
    if (answer === undefined) return;
    while (this.#answers.size > this.#limits.maxAnswerBytes && this.#oldest !== slot)
      this.#remove(this.#oldest);
    const { chunk, offset } = this.#answers.add(answer);
    this.#set(slot, Field.chunk, chunk);
    this.#set(slot, Field.offset, offset);
    this.#set(slot, Field.length, answer.length);
  }

  /** Forgets one message, as if it had been lost on the way. */
  forget(peer: ReceivedFrom, messageId: number): void {
    this.#unlinkFromBucket(peer, messageId);
  }

  /** Forgets all messages of a peer. */
  removePeer(peer: ReceivedFrom): void {
    let slot = peer.oldestReceived;
    while (slot !== none) {
      const next = this.#get(slot, Field.newerOfPeer);
      this.#remove(slot);
      slot = next;
    }
  }

  #expire(now: Instant): void {
    while (this.#oldest !== none && (this.#expiresAt[this.#oldest] ?? 0) <= now) this.#remove(this.#oldest);
  }

  #append(peer: ReceivedFrom, slot: number): void {
    this.#set(slot, Field.newerOfPeer, none);
    if (peer.receivedCount === 0) peer.oldestReceived = slot;
    else this.#set(peer.newestReceived, Field.newerOfPeer, slot);
    peer.newestReceived = slot;
    peer.receivedCount += 1;
    this.#set(slot, Field.older, this.#newest);
    this.#set(slot, Field.newer, none);
    if (this.#newest === none) this.#oldest = slot;
    else this.#set(this.#newest, Field.newer, slot);
    this.#newest = slot;
    this.#size += 1;
  }

  /** Takes a message out; it must be the oldest of its peer. */
  #remove(slot: number): void {
    const peer = this.#peers[slot];
    if (peer === undefined) return;
    this.#unlinkFromBucket(peer, this.#get(slot, Field.messageId), slot);
    this.#forgetAnswer(slot);
    peer.oldestReceived = this.#get(slot, Field.newerOfPeer);
    peer.receivedCount -= 1;
    if (peer.receivedCount === 0) peer.newestReceived = none;
    const older = this.#get(slot, Field.older);
    const newer = this.#get(slot, Field.newer);
    if (older === none) this.#oldest = newer;
    else this.#set(older, Field.newer, newer);
    if (newer === none) this.#newest = older;
    else this.#set(newer, Field.older, older);
    this.#peers[slot] = undefined;
    this.#set(slot, Field.hashNext, this.#firstFree);
    this.#firstFree = slot;
    this.#size -= 1;
  }

  #forgetAnswer(slot: number): void {
    if (this.#get(slot, Field.length) === 0) return;
    this.#answers.remove(this.#get(slot, Field.chunk));
    this.#set(slot, Field.length, 0);
  }

  /** Takes the message with this id (`only` that one when given) out of its hash chain; it stays in the queues. */
  #unlinkFromBucket(peer: ReceivedFrom, messageId: number, only: number = none): void {
    const bucket = this.#bucketOf(peer.number, messageId);
    let previous = none;
    let slot = this.#buckets[bucket] ?? none;
    while (slot !== none) {
      const next = this.#get(slot, Field.hashNext);
      const matches = this.#peers[slot] === peer && this.#get(slot, Field.messageId) === messageId;
      if (only === none ? matches : slot === only) {
        if (previous === none) this.#buckets[bucket] = next;
        else this.#set(previous, Field.hashNext, next);
        return;
      }
      previous = slot;
      slot = next;
    }
  }

  #allocate(): number {
    const free = this.#firstFree;
    if (free !== none) {
      this.#firstFree = this.#get(free, Field.hashNext);
      return free;
    }
    if (this.#allocated === this.#expiresAt.length) this.#grow();
    this.#allocated += 1;
    return this.#allocated - 1;
  }

  #grow(): void {
    const capacity = this.#expiresAt.length * 2;
    const fields = new Int32Array(capacity * fieldCount);
    fields.set(this.#fields);
    const expiresAt = new Float64Array(capacity);
    expiresAt.set(this.#expiresAt);
    this.#fields = fields;
    this.#expiresAt = expiresAt;
    this.#buckets = new Int32Array(capacity).fill(none);
    this.#rehash();
  }

  /** Only what can still be found is put in again: a message whose id was taken over by a newer one is not. */
  #rehash(): void {
    for (let slot = this.#oldest; slot !== none; slot = this.#get(slot, Field.newer)) {
      const peer = this.#peers[slot];
      if (peer === undefined) continue;
      const messageId = this.#get(slot, Field.messageId);
      this.#unlinkFromBucket(peer, messageId);
      const bucket = this.#bucketOf(peer.number, messageId);
      this.#set(slot, Field.hashNext, this.#buckets[bucket] ?? none);
      this.#buckets[bucket] = slot;
    }
  }

  #bucketOf(peerNumber: number, messageId: number): number {
    const mixed = Math.imul(Math.imul(peerNumber, 0x9e3779b1) ^ messageId, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (this.#buckets.length - 1);
  }

  #get(slot: number, field: number): number {
    return this.#fields[slot * fieldCount + field] ?? none;
  }

  #set(slot: number, field: number, value: number): void {
    this.#fields[slot * fieldCount + field] = value;
  }
}
