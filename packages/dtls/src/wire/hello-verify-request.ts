import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import type { Malformed } from './malformed.ts';
import { writeVector } from './vector-writer.ts';

/** Asks a client to come back with a cookie before the server keeps any state (RFC 6347 §4.2.1). */
export interface HelloVerifyRequest {
  /** Says nothing about the version to come; a client takes any DTLS version (RFC 6347 §4.2.1). */
  readonly version: number;
  /** 0 to 255 bytes. */
  readonly cookie: Uint8Array;
}

/** The body of the message. */
export function encodeHelloVerifyRequest(request: HelloVerifyRequest): Uint8Array {
  const writer = new ByteWriter().uint16(request.version);
  writeVector(writer, 1, request.cookie);
  return writer.toBytes();
}

/** Reads the body of the message; the cookie is a copy and may have any length its byte can say. */
export function decodeHelloVerifyRequest(body: Uint8Array): HelloVerifyRequest | Malformed {
  const reader = new PresentationReader(body);
  const request = { version: reader.uint16(), cookie: reader.vector({ lengthBytes: 1 }).slice() };
  return reader.problem('HelloVerifyRequest') ?? request;
}
