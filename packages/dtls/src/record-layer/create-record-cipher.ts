import type { Random } from '@dunlin/base';

import { AesCcm8 } from '../crypto/aes-ccm-8.ts';
import { AesGcm } from '../crypto/aes-gcm.ts';
import type { CipherSuite } from '../crypto/cipher-suite.ts';
import type { DirectionKeys } from '../crypto/key-schedule.ts';
import { RestableKey } from '../crypto/restable-key.ts';
import { AeadRecordCipher } from './aead-record-cipher.ts';
import { CbcRecordCipher } from './cbc-record-cipher.ts';
import type { RecordCipher } from './record-cipher.ts';

/**
 * The cipher of one direction of a suite, which takes the key bytes over. CBC suites draw from `random`; a handshake
 * must have agreed on encrypt_then_mac for them.
 */
export function createRecordCipher(suite: CipherSuite, keys: DirectionKeys, random: Random): RecordCipher {
  const key = new RestableKey(keys.key);
  switch (suite.recordCipher) {
    case 'aes-128-ccm-8':
      return new AeadRecordCipher(new AesCcm8(key), keys.salt);
    case 'aes-128-gcm':
      return new AeadRecordCipher(new AesGcm(key), keys.salt);
    case 'aes-128-cbc-sha256':
      return new CbcRecordCipher(key, new RestableKey(keys.macKey), random);
  }
}
