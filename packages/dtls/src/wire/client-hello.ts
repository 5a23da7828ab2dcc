import { ByteWriter } from '@dunlin/base';

import { AlertDescription } from './alert-description.ts';
import { PresentationReader } from './presentation-reader.ts';
import {
  type ClientHelloExtensions,
  decodeClientHelloExtensions,
  encodeClientHelloExtensions,
} from './extension/client-hello-extensions.ts';
import { readExtensions, writeExtensions } from './extension/extension-block.ts';
import { helloRandomLength, maxSessionIdLength, nullCompression } from './hello-fields.ts';
import { isMalformed, malformed, type Malformed } from './malformed.ts';
import { writeUint16List, writeVector } from './vector-writer.ts';

/** The first message of a handshake (RFC 6347 §4.2.1). */
export interface ClientHello {
  /** The highest version the client speaks. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** The session to resume, 0 to 32 bytes. */
  readonly sessionId: Uint8Array;
  /** The cookie of a HelloVerifyRequest, 0 to 255 bytes. */
  readonly cookie: Uint8Array;
  /** Code points of suites and signalling values, known or not, most preferred first. */
  readonly cipherSuites: readonly number[];
  /** Must hold `nullCompression`. */
  readonly compressionMethods: readonly number[];
  readonly extensions: ClientHelloExtensions;
}

/** The body of the message. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const writer = new ByteWriter(256).uint16(hello.version).bytes(hello.random);
  writeVector(writer, 1, hello.sessionId);
  writeVector(writer, 1, hello.cookie);
  writeUint16List(writer, hello.cipherSuites);
  writeVector(writer, 1, Uint8Array.from(hello.compressionMethods));
  writeExtensions(writer, encodeClientHelloExtensions(hello.extensions));
  return writer.toBytes();
}

/** Reads the body of the message; its byte strings are copies. A hello without null compression is refused. */
export function decodeClientHello(body: Uint8Array): ClientHello | Malformed {
  const reader = new PresentationReader(body);
  const fixed = {
    version: reader.uint16(),
    random: reader.bytes(helloRandomLength).slice(),
    sessionId: reader.vector({ lengthBytes: 1, max: maxSessionIdLength }).slice(),
    cookie: reader.vector({ lengthBytes: 1 }).slice(),
    cipherSuites: reader.uint16List({ lengthBytes: 2, min: 2, max: 0xfffe }),
    compressionMethods: [...reader.vector({ lengthBytes: 1, min: 1 })],
  };
  const block = readExtensions(reader);
  const problem = reader.problem('ClientHello');
  if (problem !== undefined) return problem;
  if (!fixed.compressionMethods.includes(nullCompression)) {
    return malformed('ClientHello: null compression is missing.', AlertDescription.illegalParameter);
  }
  const extensions = decodeClientHelloExtensions(block);
  return isMalformed(extensions) ? extensions : { ...fixed, extensions };
}
