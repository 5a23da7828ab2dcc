import assert from 'node:assert/strict';
import { test } from 'node:test';

import { utf8Encode } from '@dunlin/base';

import { pskCredential } from '../../src/credentials/credential.ts';
import { wellFormed } from '../support/codec.ts';
import { addressOf, lastEstablished, Party, randomOf, sendText, World } from '../support/party.ts';

test('completes a handshake with TLS_PSK_WITH_AES_128_CCM_8', () => {
  const key = utf8Encode('secretPSK');
  const server = new Party(
    addressOf('10.0.0.1', 5684),
    { random: randomOf(1), role: 'server', credentials: { preSharedKeys: {} }, connectionId: { length: 8 } },
    {
      psk: ({ identity }) => (identity === 'dev1' ? { key, credentialId: 'a' } : undefined),
      trust: () => ({ kind: 'trusted', credentialId: 'a' }),
    },
  );
  const client = new Party(addressOf('10.0.0.2', 40000), {
    random: randomOf(2),
    role: 'client',
    connectionId: { length: 0 },
  });
  const world = new World(server, client);
  const id = client.endpoint.connect(
    server.address,
    { credential: wellFormed(pskCredential('dev1', key)) },
    world.now,
  );
  sendText(world, client, id, 'hello');
  world.run(5000);
  assert.deepEqual(server.texts(), ['hello']);
  const established = lastEstablished(server);
  assert.ok(established);
  sendText(world, server, established.association, 'hi');
  world.run(1000);
  assert.deepEqual(client.texts(), ['hi']);
});
