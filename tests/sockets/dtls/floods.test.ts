// What a DTLS server binding remembers of those who mean harm.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { milliseconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';

import { ServerCredentials } from '../../support/dtls-credentials.ts';
import { type DtlsParty, reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { NatRelay } from '../../support/nat-relay.ts';
import { objectBytes } from '../../support/object-bytes.ts';
import { until } from '../../support/until.ts';

/** Where the 32 random bytes of a ClientHello begin: behind record header, message header and version. */
const randomAt = 13 + 12 + 2;

/** The first ClientHello of a client, which has no cookie yet. */
async function firstHello(): Promise<Uint8Array> {
  await using server = await startServer();
  await using relay = await NatRelay.open(server.port);
  await using client = await startClient();
  await reach(client, relay.port);
  const [first] = relay.relayed;
  assert.ok(first);
  return first.datagram;
}

/** Sockets that are as many hosts: all of 127.0.0.0/8 is this machine. */
async function sockets(count: number): Promise<readonly Socket[]> {
  const opened: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind(0, process.platform === 'linux' ? `127.0.${1 + (index % 200)}.${1 + index}` : '127.0.0.1');
    await once(socket, 'listening');
    opened.push(socket);
  }
  return opened;
}

describe('a DTLS server binding under a flood of ClientHellos from everywhere', () => {
  it('remembers nothing, asks nobody, answers with no more than it got, and still lets devices in (checklist 1)', async () => {
    const hello = await firstHello();
    const credentials = new ServerCredentials();
    await using server = await startServer({ address: '0.0.0.0', credentials });
    await using established = await startClient();
    const peer = await reach(established, server.port);
    await established.role.ask(peer, 'before');
    const opened = await sockets(50);
    let answers = 0;
    let longest = 0;
    for (const socket of opened) {
      socket.on('message', ({ length }) => {
        answers += 1;
        longest = Math.max(longest, length);
      });
    }
    const flood = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const before = answers;
        for (const [index, socket] of opened.entries()) {
          const spoofed = hello.slice();
          new DataView(spoofed.buffer).setUint32(randomAt, round * 1000 + index);
          socket.send(spoofed, server.port, '127.0.0.1');
        }
        await until(() => answers >= before + opened.length);
      }
    };
    try {
      const askedBefore = credentials.asked.length;
      await flood(20);
      const before = objectBytes();
      await flood(60);
      const growth = objectBytes() - before;
      assert.ok(growth < 300_000, `3,000 hellos cost ${growth} bytes`);
      assert.equal(answers, 80 * opened.length);
      assert.ok(longest <= hello.length, `${longest} bytes for ${hello.length}`);
      assert.equal(credentials.asked.length, askedBefore);
      assert.deepEqual(server.handshakes, ['full']);
      assert.deepEqual(server.log.ofKind('failed'), []);

      assert.equal(await established.role.ask(peer, 'after'), 'after: ');
      await using device = await startClient();
      assert.equal(await device.role.ask(await reach(device, server.port), 'new'), 'new: ');
    } finally {
      for (const socket of opened) socket.close();
    }
  });
});

describe('a DTLS server binding whose clients begin handshakes and go away', () => {
  /** A client that never gets the server’s flight. */
  async function abandon(server: DtlsParty, stack: AsyncDisposableStack): Promise<NatRelay> {
    const relay = stack.use(await NatRelay.open(server.port));
    const client = stack.use(await startClient());
    relay.passes = ({ towards, datagram }) => towards === 'server' || datagram[13] === helloVerifyRequest;
    reach(client, relay.port).catch(() => undefined);
    return relay;
  }

  const helloVerifyRequest = 3;
  const serverHello = 2;

  it('has so many handshakes at once and no more, until they have timed out (checklist 5)', async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(
      await startServer({
        protocol: {
          limits: { maxHandshakes: 3 },
          handshake: { handshakeTimeout: milliseconds(2500) },
          flight: { initialTimeout: milliseconds(5000) },
        },
      }),
    );
    const relays = [await abandon(server, stack), await abandon(server, stack), await abandon(server, stack)];
    await until(() =>
      relays.every(({ relayed }) => relayed.some(({ datagram }) => datagram[13] === serverHello)),
    );
    for (const relay of relays) relay.passes = () => false;
    const device = stack.use(await startClient());
    const reached = reach(device, server.port);
    await until(() => server.log.ofKind('passed-over').length > 0);
    assert.equal(server.log.ofKind('passed-over')[0]?.problem, 'refused-for-limits');
    const peer = await reached;
    assert.equal(await device.role.ask(peer, 'x'), 'x: ');
    assert.deepEqual(
      server.log.ofKind('failed').map(({ reason }) => reason),
      ['timeout', 'timeout', 'timeout'],
    );
  });

  it('has so many associations and no more; none that is in use makes room (checklist 5)', async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startServer({ protocol: { limits: { maxAssociations: 2 } } }));
    const clients = [stack.use(await startClient()), stack.use(await startClient())];
    const peers: Peer[] = [];
    for (const client of clients) peers.push(await reach(client, server.port));
    const late = stack.use(
      await startClient({ protocol: { handshake: { handshakeTimeout: milliseconds(300) } } }),
    );
    await assert.rejects(reach(late, server.port), /no DTLS association/);
    for (const [index, client] of clients.entries()) {
      const peer = peers[index];
      assert.ok(peer);
      assert.equal(await client.role.ask(peer, 'still'), 'still: ');
    }
    assert.deepEqual(server.log.ofKind('closed'), []);
  });
});
