import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import { type HandshakeType, isHandshakeType } from './handshake-type.ts';
import { malformed, type Malformed } from './malformed.ts';

/** msg_type, length, message_seq, fragment_offset, fragment_length (RFC 6347 §4.2.2). */
export const handshakeHeaderLength = 12;

/** A piece of a handshake message as one record carries it (RFC 6347 §4.2.3). */
export interface HandshakeFragment {
  readonly type: HandshakeType;
  /** The length of the whole message's body in bytes, 0 to 2^24 − 1. */
  readonly length: number;
  /** The number of the message in its handshake, 0 to 65,535. */
  readonly messageSeq: number;
  /** Where in the body the fragment begins; offset plus fragment length never exceed `length`. */
  readonly fragmentOffset: number;
  /** A view of the record's plaintext when decoded. */
  readonly fragment: Uint8Array;
}

/** Writes the fragment with its header. */
export function encodeHandshakeFragment(fragment: HandshakeFragment): Uint8Array {
  return new ByteWriter(handshakeHeaderLength + fragment.fragment.length)
    .uint8(fragment.type)
    .uint24(fragment.length)
    .uint16(fragment.messageSeq)
    .uint24(fragment.fragmentOffset)
    .uint24(fragment.fragment.length)
    .bytes(fragment.fragment)
    .toBytes();
}

/**
 * Reads all fragments of one handshake record, of which there may be several (RFC 6347 §4.2.3). The record is
 * refused as a whole when one of them is malformed, of unknown type, or lies outside its message.
 */
export function decodeHandshakeFragments(content: Uint8Array): readonly HandshakeFragment[] | Malformed {
  const reader = new PresentationReader(content);
  const fragments: HandshakeFragment[] = [];
  do {
    const type = reader.uint8();
    const length = reader.uint24();
    const messageSeq = reader.uint16();
    const fragmentOffset = reader.uint24();
    const fragment = reader.vector({ lengthBytes: 3 });
    if (!isHandshakeType(type)) return malformed(`Handshake message type ${type} is unknown.`);
    if (fragmentOffset + fragment.length > length) {
      return malformed('A handshake fragment reaches past the end of its message.');
    }
    fragments.push({ type, length, messageSeq, fragmentOffset, fragment });
  } while (reader.remaining > 0);
  return reader.problem('Handshake record') ?? fragments;
}
