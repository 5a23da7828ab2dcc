import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';

import { Secret } from '@dunlin/base';

import type { PartyAnswers } from '../support/party.ts';
import { establishedPair } from '../support/established.ts';
import {
  keyCredential,
  type Mode,
  modeOf,
  type Pair,
  pairOf,
  serverAnswers,
  sharedKey,
} from '../support/modes.ts';
import { lastEstablished } from '../support/party.ts';

const names = [
  'TLS_PSK_WITH_AES_128_CCM_8',
  'TLS_ECDHE_PSK_WITH_AES_128_CCM_8',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
];
const wrongKey = new Uint8Array(16);

/** All secrets that are used while something is done. */
function secretsDuring(action: () => void): readonly Secret[] {
  const reveal = mock.method(Secret.prototype, 'reveal');
  try {
    action();
    return [...new Set(reveal.mock.calls.map((call) => call.this))].filter(
      (secret): secret is Secret => secret instanceof Secret,
    );
  } finally {
    reveal.mock.restore();
  }
}

function isDestroyed(secret: Secret): boolean {
  try {
    secret.reveal();
    return false;
  } catch {
    return true;
  }
}

/** How many of the secrets are still there, those of the credentials not counted. */
function left(secrets: readonly Secret[], mode: Mode): number {
  const { credential } = mode.client;
  const own = credential.kind === 'psk' ? credential.key : undefined;
  return secrets.filter((secret) => secret !== own && !isDestroyed(secret)).length;
}

describe('no secret is left (checklist 29)', () => {
  for (const name of names) {
    test(`of a handshake that fails: ${name}`, () => {
      const mode = modeOf(name);
      const refused: PartyAnswers = {
        psk: () => ({ key: wrongKey, credentialId: 'x' }),
        trust: () => ({ kind: 'refused', reason: 'no' }),
      };
      const { trust: _none, ...server } = mode.server;
      let pair: Pair | undefined;
      const secrets = secretsDuring(() => {
        pair = pairOf({ ...mode, server }, 1, { answers: refused });
        pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
        pair.world.run(100_000);
      });
      assert.equal(pair?.server.all('failed').length, 1);
      assert.ok(secrets.length >= 2);
      assert.equal(left(secrets, mode), 0);
    });

    test(`of an association that ends, full or resumed, but in the session of the client and of the server: ${name}`, () => {
      const mode = modeOf(name);
      const secrets = secretsDuring(() => {
        const pair = establishedPair(mode, 2);
        const options = { ...mode.client, resume: pair.clientSide.session };
        pair.client.endpoint.connect(pair.server.address, options, pair.world.now);
        pair.world.run(2000);
        const own = lastEstablished(pair.client);
        assert.equal(own?.isResumed, true);
        pair.client.endpoint.close(own.association, pair.world.now);
        pair.world.run(5000);
        assert.deepEqual([pair.client.endpoint.associations, pair.server.endpoint.associations], [0, 0]);
      });
      // The one in the cache of the server, and the one that the client was given to resume with.
      assert.equal(left(secrets, mode), 2);
    });
  }

  test('of a session that is not resumed', () => {
    const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
    let isTrusted = true;
    const answers: PartyAnswers = {
      ...serverAnswers,
      trust: () => (isTrusted ? { kind: 'trusted', credentialId: 'x' } : { kind: 'refused', reason: 'no' }),
    };
    const pair = establishedPair(mode, 3, { answers });
    isTrusted = false;
    const secrets = secretsDuring(() => {
      const credential = keyCredential(sharedKey);
      const options = { credential, resume: pair.clientSide.session };
      pair.client.endpoint.connect(pair.server.address, options, pair.world.now);
      pair.world.run(2000);
      assert.equal(lastEstablished(pair.server)?.isResumed, false);
      for (const party of [pair.client, pair.server]) {
        for (const { association } of party.all('established'))
          party.endpoint.close(association, pair.world.now);
      }
      pair.server.endpoint.revoke('thermometer', pair.world.now);
      pair.world.run(5000);
    });
    const [kept] = [pair.clientSide.session?.masterSecret];
    const others = secrets.filter((secret) => secret !== kept && !isDestroyed(secret));
    // The key of the credential.
    assert.equal(others.length, 1);
  });
});
