import type { Random, Secret } from '@dunlin/base';

import type { CipherSuite } from '../crypto/cipher-suite.ts';
import { keyBlock, type Role } from '../crypto/key-schedule.ts';
import { packBytes } from '../packed-bytes.ts';
import { createRecordCipher } from '../record-layer/create-record-cipher.ts';
import type { ReadProtection, WriteProtection } from '../record-layer/record-protection.ts';

/** What both sides of an association have agreed on that its protection depends on. */
export interface EpochParameters {
  /** Which side this is. */
  readonly role: Role;
  readonly suite: CipherSuite;
  readonly masterSecret: Secret;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** The connection id in records this side receives, and in those it sends; empty for none. */
  readonly ownConnectionId: Uint8Array;
  readonly peerConnectionId: Uint8Array;
}

/** The protection of the one protected epoch, both directions. */
export interface EpochKeys {
  readonly reading: ReadProtection;
  readonly writing: WriteProtection;
}

/** Derives the keys of epoch 1 (RFC 5246 §6.3). CBC suites draw initialisation vectors from `random`. */
export function deriveEpochKeys(parameters: EpochParameters, random: Random): EpochKeys {
  const { role, suite, masterSecret, clientRandom, serverRandom } = parameters;
  const block = keyBlock(masterSecret, clientRandom, serverRandom, suite);
  const own = role === 'client' ? block.client : block.server;
  const peers = role === 'client' ? block.server : block.client;
  return {
    reading: {
      cipher: createRecordCipher(suite, peers, random),
      connectionId: packBytes(parameters.ownConnectionId),
    },
    writing: {
      cipher: createRecordCipher(suite, own, random),
      connectionId: parameters.peerConnectionId,
      paddingMultiple: 1,
    },
  };
}
