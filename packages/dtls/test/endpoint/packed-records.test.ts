import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';

import { concatBytes, utf8Encode } from '@dunlin/base';

import { AesCcm8 } from '../../src/crypto/aes-ccm-8.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { establishedPair } from '../support/established.ts';
import { modeOf } from '../support/modes.ts';
import { plainRecord } from '../support/raw.ts';
import { Rogue } from '../support/rogue.ts';
import { flipped } from '../support/tampering.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

describe('several records in one datagram (RFC 6347 §4.1.1)', () => {
  test('are all read, behind replayed and foreign ones as well (checklist 7)', () => {
    const pair = establishedPair(mode, 1);
    const rogue = new Rogue(pair);
    const seal = (text: string): Uint8Array => rogue.seal(ContentType.applicationData, utf8Encode(text));
    const first = seal('1');
    rogue.say(concatBytes([first, seal('2')]));
    const foreign = plainRecord(ContentType.handshake, new Uint8Array(20), { epoch: 7 });
    rogue.say(concatBytes([first, foreign, seal('3'), first, seal('4')]));
    assert.deepEqual(pair.server.texts(), ['1', '2', '3', '4']);
  });

  test('are not looked at behind one that is forged: a datagram costs one decryption in vain (checklist 8)', (context) => {
    const pair = establishedPair(mode, 2);
    const rogue = new Rogue(pair);
    const genuine = rogue.seal(ContentType.applicationData, utf8Encode('genuine'));
    const forged = Array.from({ length: 60 }, (_, index) => {
      const record = plainRecord(ContentType.applicationData, new Uint8Array(40), {
        epoch: 1,
        sequenceNumber: 1000 + index,
      });
      return flipped(record, -1);
    });
    const open = mock.method(AesCcm8.prototype, 'open');
    context.after(() => open.mock.restore());
    rogue.say(concatBytes([...forged, genuine]));
    assert.equal(open.mock.callCount(), 1);
    assert.deepEqual(pair.server.texts(), []);
    rogue.say(genuine);
    assert.deepEqual(pair.server.texts(), ['genuine']);
    assert.deepEqual(
      pair.server.all('diagnostic').map(({ problem, detail }) => [problem, detail]),
      [['discarded-record', 'A record is discarded: not-authentic.']],
    );
  });
});
