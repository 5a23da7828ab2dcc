// Peers whose address changes in the middle of an association, as behind a NAT that forgets.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { NatRelay } from '../../support/nat-relay.ts';
import { until } from '../../support/until.ts';

/** The content type of records with a connection id (RFC 9146 §4). */
const tls12Cid = 25;
const changeCipherSpec = 20;

describe('a client whose source port changes', () => {
  it('stays the same peer without a handshake when it sends the server’s connection id (RFC 9146 §6)', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const peer = await reach(client, relay.port);
    await client.role.ask(peer, 'before');
    const before = server.role.lastSource;
    assert.equal(before.port, relay.outerPort);

    await relay.changeAddress();
    assert.equal(await client.role.ask(peer, 'after'), 'after: ');
    const after = server.role.lastSource;
    assert.equal(after.key, before.key);
    assert.notEqual(after.port, before.port);
    assert.equal(after.port, relay.outerPort);
    assert.deepEqual(after.security, before.security);
    assert.deepEqual(server.handshakes, ['full']);
    assert.deepEqual(
      server.log.ofKind('address-changed').map(({ address }) => address.port),
      [after.port],
    );
    const protectedOnes = relay.firstTypes('server').slice(-2);
    assert.deepEqual(new Set(protectedOnes), new Set([tls12Cid]));
    assert.deepEqual(server.role.lost, []);
  });

  it('is reached at its new address, even by the peer that was taken down before', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const peer = await reach(client, relay.port);
    await client.role.ask(peer, 'before');
    const before = server.role.lastSource;
    await relay.changeAddress();
    await client.role.ask(peer, 'after');
    assert.equal(await server.role.ask(before, 'read'), 'read: ');
    assert.equal(await server.role.ask(server.role.lastSource, 'read'), 'read: ');
  });

  it('is not moved by a record that somebody sends again from elsewhere (checklist 13)', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const peer = await reach(client, relay.port);
    await client.role.ask(peer, 'one');
    await client.role.ask(peer, 'two');
    const home = server.role.lastSource.port;
    const replayed = relay.relayed.filter(({ towards, datagram }) => {
      return towards === 'server' && datagram[0] === tls12Cid;
    });
    assert.ok(replayed.length >= 2);
    await using elsewhere = await NatRelay.open(server.port);
    for (const { datagram } of replayed) elsewhere.inject(datagram);
    for (const { datagram } of replayed)
      elsewhere.inject(datagram.map((byte, at) => (at > 40 ? byte ^ 1 : byte)));
    assert.equal(await client.role.ask(peer, 'three'), 'three: ');
    assert.equal(server.role.lastSource.port, home);
    assert.deepEqual(server.log.ofKind('address-changed'), []);
    assert.equal(server.role.received.length, 3);
  });

  it('is a new peer after a handshake that resumes its session, when it has no connection id', async () => {
    await using server = await startServer({ connectionIdLength: 'none' });
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const first = await reach(client, relay.port);
    await client.role.ask(first, 'before');
    const before = server.role.lastSource;

    await relay.changeAddress();
    assert.equal(await client.role.ask(first, 'lost', '', 12_000), 'no-answer');
    assert.ok(server.log.ofKind('passed-over').some(({ problem }) => problem === 'unknown-peer'));
    const second = await reach(client, relay.port);
    assert.equal(await client.role.ask(second, 'after'), 'after: ');
    const after = server.role.lastSource;
    assert.notEqual(after.key, before.key);
    assert.deepEqual(after.security, before.security);
    assert.equal(after.association?.isResumed, true);
    assert.equal(after.association?.hasConnectionId, false);
    assert.deepEqual(server.handshakes, ['full', 'resumed']);
  });
});

describe('a client that moves to another socket', () => {
  it('goes on with its association when it has a connection id', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const peer = await reach(client, server.port);
    await client.role.ask(peer, 'before');
    const before = server.role.lastSource;
    await client.role.shell.rebind?.();
    assert.equal(await client.role.ask(peer, 'after'), 'after: ');
    assert.equal(server.role.lastSource.key, before.key);
    assert.equal(server.role.lastSource.port, client.port);
    assert.notEqual(client.port, before.port);
    assert.equal((await reach(client, server.port)).key, peer.key);
    assert.deepEqual(server.handshakes, ['full']);
    assert.deepEqual(client.role.lost, []);
  });

  it('loses its association when it has none, and resumes the session', async () => {
    await using server = await startServer({ connectionIdLength: 'none' });
    await using client = await startClient();
    const first = await reach(client, server.port);
    await client.role.ask(first, 'before');
    await client.role.shell.rebind?.();
    assert.deepEqual(
      client.role.lost.map(({ key }) => key),
      [first.key],
    );
    const second = await reach(client, server.port);
    assert.equal(second.association?.isResumed, true);
    assert.equal(await client.role.ask(second, 'after'), 'after: ');
    assert.deepEqual(server.handshakes, ['full', 'resumed']);
  });

  it('begins the handshakes anew that were under way, which nobody could finish from there', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    let isLastFlightLost = true;
    relay.passes = ({ towards, datagram }) =>
      towards === 'server' || datagram[0] !== changeCipherSpec || !isLastFlightLost;
    await using client = await startClient();
    const reached = reach(client, relay.port);
    await until(() => relay.firstTypes('client').includes(changeCipherSpec));
    isLastFlightLost = false;
    await relay.changeAddress();
    await client.role.shell.rebind?.();
    const peer = await reached;
    assert.equal(await client.role.ask(peer, 'x'), 'x: ');
    assert.deepEqual(server.handshakes, ['full', 'full']);
    assert.deepEqual(client.handshakes, ['full']);
  });
});
