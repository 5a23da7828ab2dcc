import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { AesCcm8 } from '../../src/crypto/aes-ccm-8.ts';
import { establishedPair } from '../support/established.ts';
import { modeOf } from '../support/modes.ts';
import { sendText } from '../support/party.ts';

test('an association that falls idle gives back what its ciphers hold for speed, and goes on after that', (context) => {
  const pair = establishedPair(modeOf('TLS_PSK_WITH_AES_128_CCM_8'), 1);
  const rest = mock.method(AesCcm8.prototype, 'rest');
  context.after(() => rest.mock.restore());
  const talk = (texts: number): void => {
    for (let count = 0; count < texts; count += 1) {
      sendText(pair.world, pair.client, pair.own, 'up');
      sendText(pair.world, pair.server, pair.made, 'down');
    }
    pair.world.run(1000);
  };
  talk(20);
  pair.world.run(20_000);
  talk(1);
  pair.world.run(20_000);
  assert.equal(rest.mock.callCount(), 0, 'it is still in use');
  pair.world.run(60_000);
  assert.equal(rest.mock.callCount(), 4, 'both directions on both sides');
  pair.world.run(24 * 60 * 60 * 1000);
  assert.equal(rest.mock.callCount(), 4, 'once is enough');
  talk(20);
  assert.deepEqual([pair.server.texts().length, pair.client.texts().length], [41, 41]);
  pair.world.run(100_000);
  assert.equal(rest.mock.callCount(), 8);
});
