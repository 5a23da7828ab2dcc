import { ByteReader, noBytes } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import { malformed, type Malformed } from './malformed.ts';

/** A vector of the presentation language (RFC 5246 §4.3): how wide its length field is and what it may say. */
export interface VectorBounds {
  /** The width of the length field in bytes. */
  readonly lengthBytes: 1 | 2 | 3;
  /** The smallest and largest length in bytes; by default 0 and what the length field can say. */
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads the presentation language (RFC 5246 §4): numbers and vectors, whose failures come with an alert. The failure of a
 * nested reader is that of its parents too.
 */
export class PresentationReader extends ByteReader {
  readonly #parent: PresentationReader | undefined;
  #alert: AlertDescription | undefined;

  constructor(bytes: Uint8Array, parent?: PresentationReader) {
    super(bytes);
    this.#parent = parent;
  }

  /** A vector: its length field, then so many bytes, as a view of the input. */
  vector(bounds: VectorBounds): Uint8Array {
    const length = this.uint(bounds.lengthBytes);
    if (length < (bounds.min ?? 0) || length > (bounds.max ?? Infinity)) {
      this.fail(`a vector of ${length} bytes is out of its bounds`);
      return noBytes;
    }
    return this.bytes(length);
  }

  /** A reader on the bytes of a vector, for what is nested. */
  nested(bounds: VectorBounds): PresentationReader {
    return new PresentationReader(this.vector(bounds), this);
  }

  /** A vector of 16-bit numbers. */
  uint16List(bounds: VectorBounds): readonly number[] {
    const list = this.nested(bounds);
    const values: number[] = [];
    while (list.remaining > 0) values.push(list.uint16());
    return values;
  }

  override fail(reason: string, alert: AlertDescription = AlertDescription.decodeError): void {
    super.fail(reason);
    this.#alert ??= alert;
    this.#parent?.fail(reason, alert);
  }

  /** The failure of a structure that should have been read completely; `undefined` when all is well. */
  problem(structure: string): Malformed | undefined {
    const { failure } = this;
    return failure === undefined ? undefined : malformed(`${structure}: ${failure}.`, this.#alert);
  }
}
