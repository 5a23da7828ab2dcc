// DTLS bindings on real sockets of the loopback interface: who talks to whom.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, SecurityError, TransmissionError, UsageError } from '@dunlin/base';
import { formatHostAndPort, udp } from '@dunlin/node';

import { EchoRole } from '../../support/echo-role.ts';
import {
  deviceIdentity,
  deviceKey,
  deviceSecurity,
  keyOfClient,
  ServerCredentials,
  serverSecurity,
} from '../../support/dtls-credentials.ts';
import { reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { NatRelay } from '../../support/nat-relay.ts';
import { until } from '../../support/until.ts';

const kinds = ['psk', 'raw-public-key', 'certificate'] as const;

describe('DTLS bindings', () => {
  for (const kind of kinds) {
    it(`carry CoAP both ways between peers that know each other by ${kind}`, async () => {
      await using server = await startServer({ credentials: new ServerCredentials(kind) });
      await using client = await startClient({ kind });
      const peer = await reach(client, server.port);
      assert.equal(await client.role.ask(peer, 'rd/1', 'hello'), 'rd/1: hello');
      const [request] = server.role.received;
      assert.ok(request);
      assert.equal(await server.role.ask(request.from, '3/0/0'), '3/0/0: ');
      assert.deepEqual(peer.security, serverSecurity[kind]);
      assert.deepEqual(request.from.security, deviceSecurity[kind]);
    });

    it(`show their role whom ${kind} authenticated, by which credential, on which association`, async () => {
      await using server = await startServer({ credentials: new ServerCredentials(kind) });
      await using client = await startClient({ kind });
      const peer = await reach(client, server.port);
      await client.role.ask(peer, 'rd');
      const from = server.role.received[0]?.from;
      assert.ok(from);
      assert.match(from.key, /^dtls:/);
      assert.equal(from.transport, 'udp');
      assert.equal(from.address, '127.0.0.1');
      assert.equal(from.port, client.port);
      assert.deepEqual(from.association, { isResumed: false, hasConnectionId: true, credentialId: kind });
      assert.equal(peer.port, server.port);
      assert.deepEqual(peer.association, {
        isResumed: false,
        hasConnectionId: true,
        credentialId: undefined,
      });
      const [established] = server.log.ofKind('established');
      assert.equal(established?.credentialId, kind);
      assert.equal(established?.role, 'server');
      assert.match(established?.suite ?? '', /_AES_128_CCM_8/);
    });
  }

  it('are opened, asked and answered as plain UDP is, with coaps in their URI', async () => {
    await using server = await startServer();
    await using client = await startClient();
    await using plain = await EchoRole.open(udp({ port: 0, address: '127.0.0.1' }));
    for (const { shell } of [server.role, client.role]) {
      const { address, port, uri } = shell.local;
      assert.equal(uri, `coaps://${formatHostAndPort(address, port)}`);
      assert.deepEqual(shell.peer('192.0.2.1', 5684), plain.shell.peer('192.0.2.1', 5684));
      assert.equal(shell.random.bytes(4).length, 4);
      assert.ok(Math.abs(shell.now() - plain.shell.now()) < 1000);
    }
  });

  it('carry bodies of many blocks', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const body = 'x'.repeat(6000);
    const peer = await reach(client, server.port);
    assert.equal(await client.role.ask(peer, 'large', body), `large: ${body}`);
  });

  it('work over IPv6, with the address in brackets or not', async () => {
    await using server = await startServer({ address: '::1' });
    await using client = await startClient({ address: '::1' });
    assert.equal(server.role.shell.local.uri, `coaps://[::1]:${server.port}`);
    const peer = await client.role.shell.resolve('[::1]', server.port);
    assert.equal(await client.role.ask(peer, 'six'), 'six: ');
    assert.equal((await client.role.shell.resolve('::1', server.port)).key, peer.key);
    assert.equal(server.role.received[0]?.from.address, '::1');
  });

  it('without connection ids where one side does not want them', async () => {
    for (const [ofServer, ofClient] of [
      ['none', 0],
      [8, 'none'],
    ] as const) {
      await using server = await startServer({ connectionIdLength: ofServer });
      await using client = await startClient({ connectionIdLength: ofClient });
      const peer = await reach(client, server.port);
      assert.equal(await client.role.ask(peer, 'x'), 'x: ');
      assert.equal(peer.association?.hasConnectionId, false);
      assert.equal(server.role.received[0]?.from.association?.hasConnectionId, false);
    }
  });

  it('let many clients come at once, each as another peer', async () => {
    await using server = await startServer();
    await using clients = new AsyncDisposableStack();
    const opened = await Promise.all(Array.from({ length: 20 }, () => startClient()));
    for (const client of opened) clients.use(client);
    await Promise.all(
      opened.map(async (client, index) => {
        const peer = await reach(client, server.port);
        assert.equal(await client.role.ask(peer, `d${index}`), `d${index}: `);
      }),
    );
    assert.equal(new Set(server.role.received.map(({ from }) => from.key)).size, 20);
  });

  it('pass over what is no DTLS, and what is DTLS of nobody', async () => {
    await using server = await startServer();
    await using stranger = await EchoRole.open(udp({ port: 0, address: '127.0.0.1' }));
    const there = stranger.shell.peer('127.0.0.1', server.port);
    assert.equal(await stranger.ask(there, 'plain', '', 100), 'no-answer');
    await until(() => server.log.ofKind('passed-over').length > 0);
    assert.deepEqual(server.role.received, []);
    assert.equal(server.log.ofKind('passed-over')[0]?.problem, 'malformed');
    await using client = await startClient();
    assert.equal(await client.role.ask(await reach(client, server.port), 'x'), 'x: ');
  });

  it('say in one line which port is in use', async () => {
    await using server = await startServer();
    await assert.rejects(startServer({ port: server.port }), (error) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.message, `cannot listen on UDP 127.0.0.1:${server.port}: the port is in use`);
      return true;
    });
  });

  it('cannot be opened with options that contradict each other', async () => {
    await assert.rejects(startServer({ connectionIdLength: 65 }), UsageError);
    await assert.rejects(startClient({ connectionIdLength: -1 }), UsageError);
  });
});

describe('a DTLS client binding', () => {
  it('makes one handshake for all who want to reach a server at once, and none for those who come later', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const peers = await Promise.all(Array.from({ length: 5 }, () => reach(client, server.port)));
    peers.push(await reach(client, server.port));
    assert.equal(new Set(peers.map(({ key }) => key)).size, 1);
    assert.deepEqual(server.handshakes, ['full']);
  });

  it('makes a new one, resuming the session, when nothing was answered lately on the one there is', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const first = await reach(client, relay.port);
    assert.equal(await client.role.ask(first, 'before'), 'before: ');
    relay.passes = ({ towards }) => towards === 'server';
    assert.equal(await client.role.ask(first, 'lost', '', 12_000), 'no-answer');
    relay.passes = () => true;
    const second = await reach(client, relay.port);
    assert.notEqual(second.key, first.key);
    assert.equal(second.association?.isResumed, true);
    assert.deepEqual(
      client.role.lost.map(({ key }) => key),
      [first.key],
    );
    assert.equal(await client.role.ask(second, 'after'), 'after: ');
    assert.deepEqual(server.handshakes, ['full', 'resumed']);
  });

  it('resumes the session after it ended the association, which the server was told', async () => {
    for (const kind of kinds) {
      const credentials = new ServerCredentials(kind);
      await using server = await startServer({ credentials });
      await using client = await startClient({ kind });
      const first = await reach(client, server.port);
      await client.role.ask(first, 'x');
      client.role.shell.disconnect?.(first);
      client.role.shell.disconnect?.(first);
      await until(() => server.role.lost.length === 1);
      assert.deepEqual(
        server.log.ofKind('closed').map(({ reason }) => reason),
        ['closed-by-peer'],
      );
      const second = await reach(client, server.port);
      assert.equal(second.association?.isResumed, true);
      assert.equal(await client.role.ask(second, 'y'), 'y: ');
      assert.deepEqual(server.handshakes, ['full', 'resumed']);
      const from = server.role.received.at(-1)?.from;
      assert.deepEqual(from?.security, deviceSecurity[kind]);
      assert.equal(from?.association?.credentialId, kind);
    }
  });

  it('leaves everything as it is when it is to end an association that there is none of', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const peer = await reach(client, server.port);
    client.role.shell.disconnect?.(client.role.shell.peer('127.0.0.1', server.port));
    assert.equal(await client.role.ask(peer, 'x'), 'x: ');
    assert.deepEqual(client.log.ofKind('closed'), []);
  });

  it('resumes no session under another credential than the one it was made with', async () => {
    await using server = await startServer({
      credentials: {
        pskFor: async (identity) => {
          const found = await new ServerCredentials().pskFor(deviceIdentity);
          return found && { ...found, credentialId: identity };
        },
        trusts: () => Promise.resolve(undefined),
      },
    });
    let identity = 'first';
    await using client = await startClient({ credentialFor: () => keyOfClient(deviceKey, identity) });
    const first = await reach(client, server.port);
    client.role.shell.disconnect?.(first);
    identity = 'second';
    await reach(client, server.port);
    assert.deepEqual(server.handshakes, ['full', 'full']);
    assert.deepEqual(
      server.log.ofKind('established').map(({ credentialId }) => credentialId),
      ['first', 'second'],
    );
  });

  it('is told when the server ends the association', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const peer = await reach(client, server.port);
    await client.role.ask(peer, 'x');
    const from = server.role.received[0]?.from;
    assert.ok(from);
    server.role.shell.disconnect?.(from);
    await until(() => client.role.lost.length === 1);
    assert.equal(client.role.lost[0]?.key, peer.key);
  });

  it('tells its role that nothing can be sent on an association that is gone', async () => {
    await using server = await startServer();
    await using client = await startClient();
    const peer = await reach(client, server.port);
    client.role.shell.disconnect?.(peer);
    const before = client.role.lost.length;
    assert.equal(await client.role.ask(peer, 'x'), 'cancelled');
    assert.ok(client.role.lost.length > before);
    assert.equal(client.log.ofKind('not-sent')[0]?.outcome, 'unknown-association');
  });

  it('answers no handshake of others', async () => {
    await using listening = await startClient();
    await using client = await startClient({
      protocol: { handshake: { handshakeTimeout: milliseconds(300) } },
    });
    await assert.rejects(reach(client, listening.port), (error) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.code, 'no-answer');
      assert.match(error.message, /^no DTLS association with localhost:\d+: /);
      return true;
    });
    await until(() => listening.log.ofKind('passed-over').length > 0);
  });

  it('says for which host it has no credential, and what does not resolve', async () => {
    await using client = await startClient({ credential: undefined });
    await assert.rejects(reach(client, 5684), (error) => {
      assert.ok(error instanceof SecurityError);
      assert.equal(error.message, 'There is no credential for localhost:5684.');
      return true;
    });
    await assert.rejects(
      client.role.shell.resolve('no-such-host.invalid', 5684),
      /no-such-host\.invalid does not resolve/,
    );
  });

  it('passes on what the look-up of its credential rejects with', async () => {
    const problem = new Error('the key store is locked');
    await using client = await startClient({ credentialFor: () => Promise.reject(problem) });
    await assert.rejects(reach(client, 5684), problem);
  });
});

describe('a DTLS server binding', () => {
  it('begins no association itself', async () => {
    await using server = await startServer();
    await assert.rejects(server.role.shell.resolve('localhost', 5684), (error) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.code, 'not-sent');
      assert.match(error.message, /waits for its peers; .*localhost:5684/);
      return true;
    });
  });

  it('sends nothing to a peer without an association, and tells its role so', async () => {
    await using server = await startServer();
    const nobody = server.role.shell.peer('127.0.0.1', 9);
    assert.equal(await server.role.ask(nobody, 'x'), 'cancelled');
    assert.equal(server.role.lost[0]?.key, nobody.key);
    assert.equal(server.log.ofKind('not-sent')[0]?.outcome, 'unknown-association');
  });
});

describe('closing a DTLS binding', () => {
  it('says goodbye to every peer, and may be done twice', async () => {
    await using server = await startServer();
    const client = await startClient();
    await reach(client, server.port);
    await client[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    client.role.shell.flush();
    await until(() => server.role.lost.length === 1);

    await using other = await startClient();
    const peer = await reach(other, server.port);
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await until(() => other.role.lost.length === 1);
    assert.equal(other.role.lost[0]?.key, peer.key);
  });

  it('still sends what the role said last', async () => {
    await using server = await startServer();
    const client = await startClient();
    const peer = await reach(client, server.port);
    const asked = client.role.ask(peer, 'goodbye', '', 50);
    await client[Symbol.asyncDispose]();
    await until(() => server.role.received.length === 1);
    assert.equal(server.role.received[0]?.path, 'goodbye');
    asked.catch(() => undefined);
  });

  it('gives up what is under way, in words that say so', async () => {
    await using server = await startServer();
    await using relay = await NatRelay.open(server.port);
    relay.passes = ({ towards }) => towards === 'server';
    const client = await startClient();
    const reached = assert.rejects(reach(client, relay.port), (error) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.code, 'closed');
      return true;
    });
    await until(() => relay.relayed.length > 0);
    await client[Symbol.asyncDispose]();
    await reached;
    await assert.rejects(reach(client, relay.port), /closed before localhost:\d+ was reached/);
  });
});
