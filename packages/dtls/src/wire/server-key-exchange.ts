import { ByteWriter } from '@dunlin/base';

import { PresentationReader } from './presentation-reader.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { Malformed } from './malformed.ts';
import {
  encodeServerEcdhParameters,
  readServerEcdhParameters,
  type ServerEcdhParameters,
} from './server-ecdh-parameters.ts';
import { writeVector } from './vector-writer.ts';

/** The server's part of the key exchange. */
export type ServerKeyExchange =
  | {
      readonly kind: 'psk';
      /** 0 to 65,535 bytes (RFC 4279 §2). */
      readonly identityHint: Uint8Array;
    }
  | {
      readonly kind: 'ecdhe-psk';
      readonly identityHint: Uint8Array;
      /** Not signed: the pre-shared key authenticates them (RFC 5489 §2). */
      readonly parameters: ServerEcdhParameters;
    }
  | {
      readonly kind: 'ecdhe-ecdsa';
      readonly parameters: ServerEcdhParameters;
      /** SignatureAndHashAlgorithm, known or not. */
      readonly signatureScheme: number;
      /** Over both randoms and the parameters (RFC 8422 §5.4); not yet verified. */
      readonly signature: Uint8Array;
    };

/** The body of the message. */
export function encodeServerKeyExchange(message: ServerKeyExchange): Uint8Array {
  const writer = new ByteWriter();
  switch (message.kind) {
    case 'psk':
      writeVector(writer, 2, message.identityHint);
      break;
    case 'ecdhe-psk':
      writeVector(writer, 2, message.identityHint);
      writer.bytes(encodeServerEcdhParameters(message.parameters));
      break;
    case 'ecdhe-ecdsa':
      writer.bytes(encodeServerEcdhParameters(message.parameters));
      writer.uint16(message.signatureScheme);
      writeVector(writer, 2, message.signature);
      break;
  }
  return writer.toBytes();
}

/** Reads the body of the message in the form of the suite's key exchange; its byte strings are copies. */
export function decodeServerKeyExchange(
  body: Uint8Array,
  keyExchange: KeyExchange,
): ServerKeyExchange | Malformed {
  const reader = new PresentationReader(body);
  const message = readMessage(reader, keyExchange);
  return reader.problem('ServerKeyExchange') ?? message;
}

/** The bytes a server signs with its certificate's key: both randoms, then the parameters (RFC 8422 §5.4). */
export function signedKeyExchange(
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  parameters: ServerEcdhParameters,
): Uint8Array {
  return new ByteWriter()
    .bytes(clientRandom)
    .bytes(serverRandom)
    .bytes(encodeServerEcdhParameters(parameters))
    .toBytes();
}

function readMessage(reader: PresentationReader, keyExchange: KeyExchange): ServerKeyExchange {
  switch (keyExchange) {
    case 'psk':
      return { kind: 'psk', identityHint: reader.vector({ lengthBytes: 2 }).slice() };
    case 'ecdhe-psk':
      return {
        kind: 'ecdhe-psk',
        identityHint: reader.vector({ lengthBytes: 2 }).slice(),
        parameters: readServerEcdhParameters(reader),
      };
    case 'ecdhe-ecdsa':
      return {
        kind: 'ecdhe-ecdsa',
        parameters: readServerEcdhParameters(reader),
        signatureScheme: reader.uint16(),
        signature: reader.vector({ lengthBytes: 2, min: 1 }).slice(),
      };
  }
}
