import type { HandshakeMessage } from '../crypto/transcript.ts';
import type { HandshakeFragment } from '../wire/handshake-header.ts';

/** The bounds of reassembly for one handshake; see `reassemblyLimitsDefaults`. */
export interface ReassemblyLimits {
  /** The longest message, in bytes. */
  readonly maxMessageLength: number;
  /** How many messages may be in the works at once, the next one included. */
  readonly maxMessages: number;
  /** How many bytes all of them may have together. */
  readonly maxBytes: number;
  /** How many separate pieces of one message may be held. */
  readonly maxPieces: number;
}

/**
 * A Certificate with a chain of a few certificates has 1 to 4 KiB; the longest flight has 6 messages; pieces of 64
 * bytes that come in the worst order make half as many gaps.
 */
export const reassemblyLimitsDefaults: ReassemblyLimits = {
  maxMessageLength: 8192,
  maxMessages: 8,
  maxBytes: 16_384,
  maxPieces: 64,
};

/** What became of a fragment. */
export type FragmentOutcome =
  /** Held, new or not; `take` may have a message now. */
  | 'held'
  /** Of a message that was taken before: the peer retransmits its flight. */
  | 'repeated'
  /** Contradicts what is held, or is out of bounds. */
  | 'refused';

/**
 * Puts the messages of one direction of a handshake together out of fragments that come in any order, twice, or
 * overlapping (RFC 6347 §4.2.3), and gives them out in the order of their numbers. A fragment belongs to its message
 * by number, type and total length; where fragments overlap the bytes that came first stay. Memory is taken only
 * within the limits, whatever lengths are claimed.
 */
export class Reassembly {
  readonly #limits: ReassemblyLimits;
  readonly #messages = new Map<number, PartialMessage>();
  #nextSeq: number;
  #bytes = 0;

  /** Begins with message number `firstSeq`: 0, or 1 after a cookie exchange (RFC 6347 §4.2.2). */
  constructor(firstSeq = 0, limits: ReassemblyLimits = reassemblyLimitsDefaults) {
    this.#nextSeq = firstSeq;
    this.#limits = limits;
  }

  /** The number of the message that `take` gives out next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** How many bytes are held for messages that are not complete or not yet taken. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Takes in a fragment, of which nothing but a copy is kept. */
  accept(fragment: HandshakeFragment): FragmentOutcome {
    if (fragment.messageSeq < this.#nextSeq) return 'repeated';
    const message = this.#messages.get(fragment.messageSeq) ?? this.#begin(fragment);
    if (message === undefined) return 'refused';
    if (message.type !== fragment.type || message.body.length !== fragment.length) return 'refused';
    return addPiece(message, fragment, this.#limits.maxPieces) ? 'held' : 'refused';
  }

  /** The next message in order once it is complete; each is given out once. */
  take(): HandshakeMessage | undefined {
    const message = this.#messages.get(this.#nextSeq);
    if (message === undefined || !isComplete(message)) return undefined;
    this.#messages.delete(this.#nextSeq);
    this.#bytes -= message.body.length;
    const { type, body } = message;
    const messageSeq = this.#nextSeq;
    this.#nextSeq += 1;
    return { type, messageSeq, body };
  }

  /** Lets go of everything that is held, as when a handshake ends. */
  clear(): void {
    this.#messages.clear();
    this.#bytes = 0;
  }

  #begin(fragment: HandshakeFragment): PartialMessage | undefined {
    const { maxMessageLength, maxMessages, maxBytes } = this.#limits;
    if (fragment.length > maxMessageLength || this.#bytes + fragment.length > maxBytes) return undefined;
    if (fragment.messageSeq >= this.#nextSeq + maxMessages) return undefined;
    const message = { type: fragment.type, body: new Uint8Array(fragment.length), pieces: [] };
    this.#messages.set(fragment.messageSeq, message);
    this.#bytes += fragment.length;
    return message;
  }
}

/** Bytes of a body that are there: from `start` up to and without `end`. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

interface PartialMessage {
  readonly type: HandshakeFragment['type'];
  readonly body: Uint8Array;
  /** In ascending order, none touching another. */
  pieces: readonly Piece[];
}

function isComplete(message: PartialMessage): boolean {
  const [first] = message.pieces;
  return message.body.length === 0 || (first?.start === 0 && first.end === message.body.length);
}

function addPiece(message: PartialMessage, fragment: HandshakeFragment, maxPieces: number): boolean {
  const start = fragment.fragmentOffset;
  const end = start + fragment.fragment.length;
  if (end > message.body.length) return false;
  if (start === end) return true; // A fragment without bytes adds nothing, and no piece.
  const apart = message.pieces.filter((piece) => piece.end < start || piece.start > end);
  const touching = message.pieces.filter((piece) => piece.end >= start && piece.start <= end);
  if (apart.length + 1 > maxPieces) return false;
  let position = start;
  for (const piece of [...touching, { start: end, end }]) {
    if (piece.start > position) {
      message.body.set(fragment.fragment.subarray(position - start, piece.start - start), position);
    }
    position = Math.max(position, piece.end);
  }
  const merged = {
    start: Math.min(start, ...touching.map((piece) => piece.start)),
    end: Math.max(end, ...touching.map((piece) => piece.end)),
  };
  message.pieces = [...apart, merged].sort((a, b) => a.start - b.start);
  return true;
}
