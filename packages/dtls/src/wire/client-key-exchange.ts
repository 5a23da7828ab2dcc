import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { Malformed } from './malformed.ts';
import { writeVector } from './vector-writer.ts';

/** The client's part of the key exchange. */
export type ClientKeyExchange =
  | {
      readonly kind: 'psk';
      /** 0 to 65,535 bytes (RFC 4279 §2). */
      readonly identity: Uint8Array;
    }
  | {
      readonly kind: 'ecdhe-psk';
      readonly identity: Uint8Array;
      /** 1 to 255 bytes in the form of the group, not yet validated (RFC 5489 §2). */
      readonly publicKey: Uint8Array;
    }
  | {
      readonly kind: 'ecdhe-ecdsa';
      readonly publicKey: Uint8Array;
    };

/** The body of the message. */
export function encodeClientKeyExchange(message: ClientKeyExchange): Uint8Array {
  const writer = new ByteWriter();
  switch (message.kind) {
    case 'psk':
      writeVector(writer, 2, message.identity);
      break;
    case 'ecdhe-psk':
      writeVector(writer, 2, message.identity);
      writeVector(writer, 1, message.publicKey);
      break;
    case 'ecdhe-ecdsa':
      writeVector(writer, 1, message.publicKey);
      break;
  }
  return writer.toBytes();
}

/** Reads the body of the message in the form of the suite's key exchange; its byte strings are copies. */
export function decodeClientKeyExchange(
  body: Uint8Array,
  keyExchange: KeyExchange,
): ClientKeyExchange | Malformed {
  const reader = new PresentationReader(body);
  const message = readMessage(reader, keyExchange);
  return reader.problem('ClientKeyExchange') ?? message;
}

function readMessage(reader: PresentationReader, keyExchange: KeyExchange): ClientKeyExchange {
  switch (keyExchange) {
    case 'psk':
      return { kind: 'psk', identity: reader.vector({ lengthBytes: 2 }).slice() };
    case 'ecdhe-psk':
      return {
        kind: 'ecdhe-psk',
        identity: reader.vector({ lengthBytes: 2 }).slice(),
        publicKey: reader.vector({ lengthBytes: 1, min: 1 }).slice(),
      };
    case 'ecdhe-ecdsa':
      return { kind: 'ecdhe-ecdsa', publicKey: reader.vector({ lengthBytes: 1, min: 1 }).slice() };
  }
}
