import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';

import type { ConnectOptions, DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import { type EstablishedPair, establishedPair } from '../support/established.ts';
import { modeOf, modes, serverAnswers } from '../support/modes.ts';
import { lastEstablished, Party, type PartyAnswers, randomOf } from '../support/party.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** Connects again with the session and says whether it was resumed, `undefined` when there is no association. */
function again(pair: EstablishedPair, options: Partial<ConnectOptions> = {}): boolean | undefined {
  const { world, client, server, clientSide } = pair;
  const before = server.all('established').length;
  client.endpoint.connect(
    server.address,
    { ...mode.client, resume: clientSide.session, ...options },
    world.now,
  );
  world.run(4000);
  const made = server.all('established');
  if (made.length === before) return undefined;
  assert.equal(lastEstablished(client)?.isResumed, made.at(-1)?.isResumed);
  return made.at(-1)?.isResumed;
}

/** The same pair with another client at the same address. */
function withClient(pair: EstablishedPair, options: Partial<DtlsEndpointOptions>): EstablishedPair {
  const client = new Party(pair.client.address, { random: randomOf(99), role: 'client', ...options });
  pair.world.parties.splice(1, 1, client);
  return { ...pair, client };
}

describe('a session is resumed', () => {
  test('again and again, by as many clients as have it, without a second look-up', () => {
    const pair = establishedPair(mode, 1);
    for (let round = 0; round < 3; round += 1) assert.equal(again(pair), true);
    assert.equal(pair.server.all('psk-lookup').length, 1);
    assert.equal(pair.server.all('verify-peer').length, 3);
    assert.deepEqual(
      pair.server.all('established').map(({ credentialId }) => credentialId),
      Array.from({ length: 4 }, () => 'thermometer'),
    );
  });

  test('only under its server name (RFC 6066 §3, checklist 21)', () => {
    const pair = establishedPair({ ...mode, client: { ...mode.client, serverName: 'a.example' } }, 2);
    assert.equal(again(pair, { serverName: 'a.example' }), true);
    assert.equal(again(pair, { serverName: 'b.example' }), false);
    assert.equal(again(pair, {}), false);
  });

  test('only when its suite is offered (checklist 21)', () => {
    const pair = establishedPair(mode, 3, {
      server: { suites: [mode.suite, modeOf('TLS_PSK_WITH_AES_128_GCM').suite] },
    });
    assert.equal(again(withClient(pair, { suites: [modeOf('TLS_PSK_WITH_AES_128_GCM').suite] })), false);
  });

  test('only within its lifetime (checklist 21)', () => {
    const pair = establishedPair(mode, 4);
    pair.world.run(24 * 60 * 60 * 1000);
    assert.equal(again(pair), false);
  });

  test('by a client only within the lifetime of its own, whatever the server remembers (RFC 5246 §F.1.4, checklist 21)', () => {
    const sessions = { maxLifetime: milliseconds(100 * 60 * 60 * 1000) };
    const pair = establishedPair(mode, 11, { server: { sessions } });
    pair.world.run(23 * 60 * 60 * 1000);
    assert.equal(again(pair), true);
    pair.world.run(60 * 60 * 1000);
    assert.equal(again(pair), false);
  });

  test('only with the session id that the server gave, which has 32 bytes (checklist 21)', () => {
    const pair = establishedPair(mode, 5);
    const { session } = pair.clientSide;
    assert.ok(session);
    assert.equal(session.id.length, 32);
    const other = { ...session, id: session.id.map((byte) => byte ^ 1) };
    assert.equal(again(pair, { resume: other }), false);
  });

  test('only when whoever keeps the credentials still agrees (checklist 21)', () => {
    let isTrusted = false;
    const answers: PartyAnswers = {
      ...serverAnswers,
      trust: () =>
        isTrusted ? { kind: 'trusted', credentialId: 'thermometer' } : { kind: 'refused', reason: 'revoked' },
    };
    const pair = establishedPair(mode, 6, { answers });
    assert.equal(again(pair), false);
    isTrusted = true;
    assert.equal(again({ ...pair, clientSide: lastEstablished(pair.client) ?? pair.clientSide }), true);
  });

  test('not after its credential was revoked, which also closes the association (checklist 21)', () => {
    const pair = establishedPair(mode, 7);
    pair.server.endpoint.revoke('thermometer', pair.world.now);
    pair.world.run(2000);
    assert.deepEqual(
      pair.client.all('closed').map(({ reason }) => reason),
      ['closed-by-peer'],
    );
    assert.equal(again(pair), false);
  });

  test('by a client under the name that it has for its credential, whatever vouched for the server (checklist 21)', () => {
    for (const each of modes) {
      const named = { ...each, client: { ...each.client, credentialId: 'account 1' } };
      const pair = establishedPair(named, 10);
      assert.equal(pair.clientSide.session?.credentialId, 'account 1');
      const { credential, trust, serverName } = each.client;
      const options = { credential, serverName, ...(trust === undefined ? {} : { trust }) };
      assert.equal(again(pair, { ...options, credentialId: 'account 2' }), false, each.name);
      const { session } = pair.clientSide;
      assert.equal(again(pair, { ...options, credentialId: 'account 1', resume: session }), true, each.name);
    }
  });

  test('not with another master secret: the handshake fails and the old association stays (checklist 21, 22)', () => {
    const pair = establishedPair(mode, 8);
    const stranger = establishedPair(mode, 9);
    const { session } = pair.clientSide;
    const foreign = stranger.clientSide.session;
    assert.ok(session && foreign);
    assert.equal(again(pair, { resume: { ...session, masterSecret: foreign.masterSecret } }), undefined);
    assert.deepEqual(pair.server.all('closed'), []);
    assert.equal(pair.server.endpoint.associations, 1);
  });
});
