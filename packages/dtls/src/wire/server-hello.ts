import { ByteWriter } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import { PresentationReader } from './presentation-reader.ts';
import { readExtensions, writeExtensions } from './extension/extension-block.ts';
import {
  decodeServerHelloExtensions,
  encodeServerHelloExtensions,
  type ServerHelloExtensions,
} from './extension/server-hello-extensions.ts';
import { helloRandomLength, maxSessionIdLength, nullCompression } from './hello-fields.ts';
import { isMalformed, malformed, type Malformed } from './malformed.ts';
import { writeVector } from './vector-writer.ts';

/** The server's choice (RFC 5246 §7.4.1.3); its compression is always null. */
export interface ServerHello {
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** The session that can be resumed later, or is being resumed; 0 to 32 bytes. */
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly extensions: ServerHelloExtensions;
}

/** A ServerHello with what a client has to check against its offer. */
export interface DecodedServerHello extends ServerHello {
  /** The types of all extensions that were there, known or not; each must have been offered. */
  readonly extensionTypes: readonly number[];
}

/** The body of the message. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  const writer = new ByteWriter(256).uint16(hello.version).bytes(hello.random);
  writeVector(writer, 1, hello.sessionId);
  writer.uint16(hello.cipherSuite).uint8(nullCompression);
  writeExtensions(writer, encodeServerHelloExtensions(hello.extensions));
  return writer.toBytes();
}

/** Reads the body of the message; its byte strings are copies. Compression is refused. */
export function decodeServerHello(body: Uint8Array): DecodedServerHello | Malformed {
  const reader = new PresentationReader(body);
  const fixed = {
    version: reader.uint16(),
    random: reader.bytes(helloRandomLength).slice(),
    sessionId: reader.vector({ lengthBytes: 1, max: maxSessionIdLength }).slice(),
    cipherSuite: reader.uint16(),
  };
  const compressionMethod = reader.uint8();
  const block = readExtensions(reader);
  const problem = reader.problem('ServerHello');
  if (problem !== undefined) return problem;
  if (compressionMethod !== nullCompression) {
    return malformed('ServerHello: compression was not offered.', AlertDescription.illegalParameter);
  }
  const decoded = decodeServerHelloExtensions(block);
  if (isMalformed(decoded)) return decoded;
  return { ...fixed, extensions: decoded.extensions, extensionTypes: decoded.types };
}
