import type { PresentationReader } from '../presentation-reader.ts';

/** ECPointFormat `uncompressed`, the only one still in use and required in every list (RFC 8422 §5.1.2). */
export const uncompressedPoint = 0;

/** Writes the list of the one point format this stack speaks. */
export function encodeEcPointFormats(formats: readonly number[]): Uint8Array {
  return Uint8Array.of(formats.length, ...formats);
}

/** Reads the point formats, at least one. */
export function decodeEcPointFormats(reader: PresentationReader): readonly number[] {
  return [...reader.vector({ lengthBytes: 1, min: 1 })];
}
