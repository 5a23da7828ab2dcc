import { UsageError } from '@dunlin/base';

import { AlertDescription } from '../alert-description.ts';
import type { PresentationReader } from '../presentation-reader.ts';

/** The plaintext lengths max_fragment_length can agree on, in bytes (RFC 6066 §4). */
export const maxFragmentLengths = [512, 1024, 2048, 4096] as const;

/** One of the lengths max_fragment_length can agree on. */
export type MaxFragmentLength = (typeof maxFragmentLengths)[number];

/** Writes the code of the length. */
export function encodeMaxFragmentLength(length: MaxFragmentLength): Uint8Array {
  const index = maxFragmentLengths.indexOf(length);
  if (index < 0) throw new UsageError(`max_fragment_length cannot be ${length}: 512, 1024, 2048 or 4096.`);
  return Uint8Array.of(index + 1);
}

/** Reads the length; another code is answered with `illegal_parameter` (RFC 6066 §4). */
export function decodeMaxFragmentLength(reader: PresentationReader): MaxFragmentLength {
  const length = maxFragmentLengths[reader.uint8() - 1];
  if (length === undefined) {
    reader.fail('max_fragment_length has an unknown code', AlertDescription.illegalParameter);
  }
  return length ?? 512;
}
