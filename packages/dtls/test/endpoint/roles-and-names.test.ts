import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { establishedPair } from '../support/established.ts';
import { modeOf, modes, pairOf } from '../support/modes.ts';
import { lastEstablished, sendText } from '../support/party.ts';
import { helloIn } from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

describe('server_name (RFC 6066 §3, R-716)', () => {
  test('is the host of the URI, and is told when a key or trust is asked for', () => {
    for (const each of [mode, modeOf('TLS_ECDHE_PSK_WITH_AES_128_CCM_8')]) {
      const { world, client, server } = pairOf(each, 1);
      client.endpoint.connect(server.address, { ...each.client, serverName: 'server.example' }, world.now);
      world.run(1000);
      assert.deepEqual(
        server.all('psk-lookup').map(({ serverName }) => serverName),
        ['server.example'],
      );
      assert.equal(lastEstablished(client)?.session?.serverName, 'server.example');
    }
  });

  test('is never an address, nor what is no name', () => {
    for (const serverName of [
      '192.0.2.1',
      '2001:db8::1',
      '[2001:db8::1]',
      '',
      'a b',
      'é.example',
      'x'.repeat(256),
    ]) {
      const { world, client, server } = pairOf(mode, 2);
      client.endpoint.connect(server.address, { ...mode.client, serverName }, world.now);
      world.run(1000);
      const [hello] = world.sent;
      assert.ok(hello);
      assert.equal(helloIn(hello.datagram).extensions.serverName, undefined, serverName);
      assert.ok(lastEstablished(client), serverName);
    }
  });
});

describe('an endpoint of both roles (R-735)', () => {
  test('is server to one peer and client to another, or to the same one after the other', () => {
    const credentials = { preSharedKeys: {} };
    const both = { role: 'both' as const, credentials };
    const { world, client, server } = pairOf(mode, 3, { server: both, client: both });
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(1000);
    const [made] = server.all('established');
    assert.equal(made?.role, 'server');
    server.endpoint.close(made.association, world.now);
    world.run(3000);
    const id = server.endpoint.connect(client.address, mode.client, world.now);
    world.run(1000);
    // The other one was made without answers to questions about keys: it is asked, and says nothing.
    const [question] = client.all('psk-lookup');
    assert.ok(question);
    client.endpoint.answerPskLookup(
      question.lookup,
      { key: new TextEncoder().encode('0123456789abcdef'), credentialId: 'x' },
      world.now,
    );
    world.run(3000);
    assert.equal(lastEstablished(client)?.role, 'server');
    assert.equal(sendText(world, server, id, 'from the other side'), 'sent');
    world.run(100);
    assert.deepEqual(client.texts(), ['from the other side']);
  });

  test('makes one association of two handshakes that begin at once', () => {
    const both = { role: 'both' as const, credentials: { preSharedKeys: {} } };
    const { world, client, server } = pairOf(mode, 4, { server: both, client: both });
    client.endpoint.connect(server.address, mode.client, world.now);
    server.endpoint.connect(client.address, mode.client, world.now);
    world.run(200_000);
    for (const party of [client, server]) {
      assert.equal(party.endpoint.handshakes, 0);
      assert.ok(party.endpoint.associations <= 1);
    }
  });
});

test('the key log has one line for each association, the same on both sides, and none unless asked for', () => {
  for (const each of modes) {
    const { server, client, serverSide } = establishedPair(each, 5, {
      server: { logsKeys: true },
      client: { logsKeys: true },
    });
    const [line] = server.all('key-log').map((output) => output.line);
    assert.match(line ?? '', /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
    assert.deepEqual(
      client.all('key-log').map((output) => output.line),
      [line],
    );
    assert.equal(serverSide.suite, each.suite.name);
  }
  const quiet = establishedPair(mode, 6);
  assert.deepEqual([quiet.server.all('key-log'), quiet.client.all('key-log')], [[], []]);
});
