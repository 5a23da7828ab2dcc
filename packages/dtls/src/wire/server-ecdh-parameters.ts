import { ByteWriter } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import type { PresentationReader } from './presentation-reader.ts';
import { writeVector } from './vector-writer.ts';

/** ServerECDHParams with a named curve, the only form in use (RFC 8422 §5.4). */
export interface ServerEcdhParameters {
  /** The group's code point, known or not. */
  readonly group: number;
  /** The public key in the form of the group, 1 to 255 bytes, not yet validated. */
  readonly publicKey: Uint8Array;
}

const namedCurve = 3;

/** The bytes that go into the message and under its signature. */
export function encodeServerEcdhParameters(parameters: ServerEcdhParameters): Uint8Array {
  const writer = new ByteWriter().uint8(namedCurve).uint16(parameters.group);
  writeVector(writer, 1, parameters.publicKey);
  return writer.toBytes();
}

/** Reads the parameters; explicit curves are refused. */
export function readServerEcdhParameters(reader: PresentationReader): ServerEcdhParameters {
  if (reader.uint8() !== namedCurve) {
    reader.fail('the curve is not a named one', AlertDescription.illegalParameter);
  }
  return {
    group: reader.uint16(),
    publicKey: reader.vector({ lengthBytes: 1, min: 1 }).slice(),
  };
}
