import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { establishedPair, type EstablishedPair } from '../support/established.ts';
import { keyCredential, modeOf, sharedKey } from '../support/modes.ts';
import { addressOf, Party, type PartyAnswers, randomOf, sendText } from '../support/party.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const answers: PartyAnswers = {
  psk: ({ identity = '' }) => ({ key: sharedKey, credentialId: identity }),
};

/** A device with a server that knows all identities and gives out connection ids. */
function device(seed: number, clientConnectionIds: { length: number } | undefined): EstablishedPair {
  return establishedPair(mode, seed, {
    server: { connectionId: { length: 8 } },
    client: { connectionId: clientConnectionIds },
    answers,
  });
}

/** Another client gets the address of the first, as when a NAT gives it to somebody else, and connects. */
function succeeds(pair: EstablishedPair, identity: string): Party {
  const { world, server, client } = pair;
  const successor = new Party(client.address, { random: randomOf(50), role: 'client', suites: [mode.suite] });
  client.address = addressOf('198.51.100.99', 1024);
  world.parties.push(successor);
  successor.endpoint.connect(server.address, { credential: keyCredential(sharedKey, identity) }, world.now);
  world.run(3000);
  assert.equal(successor.all('established').length, 1);
  return successor;
}

describe('a handshake from an address that somebody else had before (RFC 6347 §4.2.8, RFC 9146 §6, checklist 13, 22)', () => {
  test('leaves his association alone where he uses a connection id: the address is not his name', () => {
    const pair = device(1, { length: 0 });
    const successor = succeeds(pair, 'another device');
    assert.deepEqual(pair.server.all('closed'), []);
    sendText(pair.world, pair.client, pair.own, 'awake, from elsewhere');
    pair.world.run(1000);
    assert.deepEqual(pair.server.texts(), ['awake, from elsewhere']);
    const [, made] = pair.server.all('established');
    assert.ok(made);
    assert.equal(sendText(pair.world, pair.server, made.association, 'to the successor'), 'sent');
    pair.world.run(1000);
    assert.deepEqual(successor.texts(), ['to the successor']);
  });

  test('takes the place of his association where only the address tells whose records are whose', () => {
    const pair = device(2, undefined);
    succeeds(pair, 'another device');
    assert.deepEqual(
      pair.server.all('closed').map(({ association, reason }) => [association, reason]),
      [[pair.made, 'replaced']],
    );
  });

  test('takes the place of the association of the same peer, which has begun anew', () => {
    const pair = device(3, { length: 0 });
    const { peer } = pair.serverSide;
    assert.ok(peer.kind === 'psk');
    succeeds(pair, peer.identity);
    assert.deepEqual(
      pair.server.all('closed').map(({ association, reason }) => [association, reason]),
      [[pair.made, 'replaced']],
    );
  });
});
