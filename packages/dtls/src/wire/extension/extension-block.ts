import type { ByteWriter } from '@dunlin/base';

import { AlertDescription } from '../alert-description.ts';
import { PresentationReader } from '../presentation-reader.ts';
import type { Malformed } from '../malformed.ts';
import { writeVector } from '../vector-writer.ts';

/** One extension of a hello, not yet looked into. */
export interface Extension {
  /** The type, 0 to 65,535, known or not. */
  readonly type: number;
  /** The content; a view of the message when decoded. */
  readonly data: Uint8Array;
}

/** Writes the extensions of a hello, nothing at all when there are none (RFC 5246 §7.4.1.2). */
export function writeExtensions(writer: ByteWriter, extensions: readonly Extension[]): void {
  if (extensions.length === 0) return;
  writer.uint16(extensions.reduce((length, extension) => length + 4 + extension.data.length, 0));
  for (const extension of extensions) {
    writer.uint16(extension.type);
    writeVector(writer, 2, extension.data);
  }
}

/**
 * Reads the extensions at the end of a hello; a hello may end without any. A type that comes twice is refused,
 * known or not (RFC 5246 §7.4.1.4).
 */
export function readExtensions(hello: PresentationReader): readonly Extension[] {
  if (hello.remaining === 0) return [];
  const block = hello.nested({ lengthBytes: 2 });
  const extensions: Extension[] = [];
  const seen = new Set<number>();
  while (block.remaining > 0) {
    const type = block.uint16();
    const data = block.vector({ lengthBytes: 2 });
    if (seen.has(type)) {
      block.fail(`extension ${type} comes twice`, AlertDescription.illegalParameter);
    }
    seen.add(type);
    extensions.push({ type, data });
  }
  return extensions;
}

/** Reads an extension's whole content with a decoder; bytes left over are a failure. */
export function readExtension<T>(
  extension: Extension,
  decode: (reader: PresentationReader) => T,
): T | Malformed {
  const reader = new PresentationReader(extension.data);
  const value = decode(reader);
  return reader.problem(`Extension ${extension.type}`) ?? value;
}
