// Associations over a stop and a start of a server.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { type Instant, instantFrom, milliseconds } from '@dunlin/base';
import type { Driven, Peer } from '@dunlin/coap';
import { dtls, type FoundKey } from '@dunlin/node';

import {
  type CredentialKind,
  deviceKey,
  deviceSecurity,
  ServerCredentials,
} from '../../support/dtls-credentials.ts';
import { type DtlsParty, reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { NatRelay } from '../../support/nat-relay.ts';
import { StateFolder } from '../../support/state-folder.ts';
import { until } from '../../support/until.ts';

/** A role that has something to do from the first moment on. */
class DueRole implements Driven {
  wakes = 0;
  datagrams = 0;

  get deadline(): Instant | undefined {
    return this.wakes === 0 ? instantFrom(0) : undefined;
  }

  handle(): void {
    this.datagrams += 1;
  }

  wake(): void {
    this.wakes += 1;
  }

  poll(): undefined {
    return undefined;
  }
}

/** How a client’s first requests to a restarted server went. */
interface Survival {
  readonly before: Peer;
  readonly after: DtlsParty;
  readonly client: DtlsParty;
  readonly peer: Peer;
}

/**
 * Stops a server with one client and starts another one in its place, with `meanwhile` in between; then lets the test
 * look at what became of the association.
 */
async function restartServer(
  test: (survival: Survival) => Promise<void>,
  options: {
    readonly kind?: CredentialKind;
    readonly credentials?: ServerCredentials;
    readonly first?: Parameters<typeof startServer>[0];
    readonly second?: Parameters<typeof startServer>[0];
    readonly secondState?: Parameters<StateFolder['state']>[0];
    readonly meanwhile?: (folder: StateFolder) => void;
  } = {},
): Promise<void> {
  const { kind = 'psk', credentials = new ServerCredentials(kind), first, second, secondState } = options;
  using folder = new StateFolder();
  const server = await startServer({ credentials, savedState: folder.state(), ...first });
  await using client = await startClient({ kind, reach: { maxUnanswered: 2 } });
  const peer = await reach(client, server.port);
  assert.equal(await client.role.ask(peer, 'before'), 'before: ');
  const before = server.role.lastSource;
  const { port } = server;
  await server[Symbol.asyncDispose]();
  options.meanwhile?.(folder);
  const savedState = folder.state(secondState);
  await using after = await startServer({ port, credentials, savedState, ...second });
  await test({ before, after, client, peer });
}

/** The client is not known any more: what it sends is lost, and it has to make a handshake. */
async function assertForgotten({ after, client, peer }: Survival): Promise<void> {
  // With all its retransmissions: so many unanswered messages make the client begin anew, however slow the machine is.
  assert.equal(await client.role.ask(peer, 'lost'), 'no-answer');
  assert.deepEqual(after.role.received, []);
  const again = await reach(client, after.port);
  assert.equal(await client.role.ask(again, 'again'), 'again: ');
  assert.deepEqual(after.handshakes, ['full']);
}

describe('a DTLS server that is stopped and started', () => {
  for (const kind of ['psk', 'raw-public-key', 'certificate'] as const) {
    it(`goes on with its peers without a handshake: ${kind} (checklist 30)`, async () => {
      await restartServer(
        async ({ before, after, client, peer }) => {
          assert.equal(await client.role.ask(peer, 'after'), 'after: ');
          const from = after.role.lastSource;
          assert.equal(from.key, before.key);
          assert.deepEqual(from.security, deviceSecurity[kind]);
          assert.deepEqual(from.association, {
            isResumed: true,
            hasConnectionId: true,
            credentialId: kind,
          });
          assert.deepEqual(after.handshakes, []);
          assert.equal(after.log.ofKind('state-restored')[0]?.associations, 1);
          assert.deepEqual(client.role.lost, []);
        },
        { kind },
      );
    });
  }

  it('may be the first to speak, to the peer it knew before', async () => {
    await restartServer(async ({ before, after }) => {
      assert.equal(await after.role.ask(before, '3/0/0'), '3/0/0: ');
      assert.deepEqual(after.handshakes, []);
    });
  });

  it('goes on again and again', async () => {
    using folder = new StateFolder();
    await using client = await startClient();
    let port = 0;
    let peer: Peer | undefined;
    for (let round = 0; round < 4; round += 1) {
      await using server = await startServer({ port, savedState: folder.state() });
      ({ port } = server);
      peer ??= await reach(client, port);
      assert.equal(await client.role.ask(peer, `round${round}`), `round${round}: `);
      assert.deepEqual(server.handshakes, round === 0 ? ['full'] : []);
    }
  });

  it('takes nothing again that it took before it was stopped (checklist 9, checklist 30)', async () => {
    using folder = new StateFolder();
    const server = await startServer({ savedState: folder.state() });
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    const peer = await reach(client, relay.port);
    await client.role.ask(peer, 'one');
    await client.role.ask(peer, 'two');
    const { port } = server;
    await server[Symbol.asyncDispose]();
    await using after = await startServer({ port, savedState: folder.state() });
    for (const { towards, datagram } of relay.relayed) {
      if (towards === 'server') relay.inject(datagram);
    }
    assert.equal(await client.role.ask(peer, 'three'), 'three: ');
    assert.deepEqual(
      after.role.received.map(({ path }) => path),
      ['three'],
    );
  });

  it('has no state on the disk while it runs, so that a crash cannot bring an old one back', async () => {
    using folder = new StateFolder();
    const first = await startServer({ savedState: folder.state() });
    await using client = await startClient();
    await reach(client, first.port);
    assert.ok(!existsSync(folder.path));
    await first[Symbol.asyncDispose]();
    assert.ok(existsSync(folder.path));
    assert.equal(first.log.ofKind('state-saved')[0]?.associations, 1);
    await using second = await startServer({ port: first.port, savedState: folder.state() });
    assert.equal(second.log.ofKind('state-restored')[0]?.associations, 1);
    assert.ok(!existsSync(folder.path));
  });

  it('writes neither keys nor identities in the clear', async () => {
    const lines: string[] = [];
    await restartServer(async () => undefined, {
      first: { keyLog: (line) => lines.push(line) },
      meanwhile: ({ path }) => {
        const bytes = readFileSync(path);
        const masterSecret = lines[0]?.split(' ')[2] ?? '';
        assert.match(masterSecret, /^[0-9a-f]{96}$/);
        const needles = [masterSecret, Buffer.from(masterSecret, 'hex'), 'thermometer', deviceKey];
        for (const needle of needles) assert.equal(bytes.indexOf(needle), -1);
      },
    });
  });

  it('uses a state once: a copy that is put back is refused, and devices make handshakes', async () => {
    using folder = new StateFolder();
    const server = await startServer({ savedState: folder.state() });
    await using client = await startClient();
    const peer = await reach(client, server.port);
    await client.role.ask(peer, 'x');
    const { port } = server;
    await server[Symbol.asyncDispose]();
    copyFileSync(folder.path, folder.copy);
    await using second = await startServer({ port, savedState: folder.state() });
    assert.equal(await client.role.ask(peer, 'y'), 'y: ');
    assert.deepEqual(second.handshakes, []);
    copyFileSync(folder.copy, folder.path);
    await using third = await startServer({ savedState: folder.state() });
    assert.equal(third.log.ofKind('state-not-restored')[0]?.problem, 'already-used');
    assert.deepEqual(third.log.ofKind('state-restored'), []);
    assert.equal(await client.role.ask(await reach(client, third.port), 'z'), 'z: ');
    assert.deepEqual(third.handshakes, ['full']);
  });

  const damages: readonly {
    readonly name: string;
    readonly problem: string;
    readonly damage: (path: string) => void;
  }[] = [
    {
      name: 'with a changed byte',
      problem: 'not-authentic',
      damage: (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, at) => (at === 90 ? byte ^ 1 : byte)),
        ),
    },
    {
      name: 'cut short',
      problem: 'not-authentic',
      damage: (path) => writeFileSync(path, readFileSync(path).subarray(0, 120)),
    },
    {
      name: 'that is something else',
      problem: 'not-a-saved-state',
      damage: (path) => writeFileSync(path, 'not a saved state at all, but long enough to be one'.repeat(9)),
    },
    {
      name: 'of another version',
      problem: 'other-version',
      damage: (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, at) => (at === 4 ? byte + 1 : byte)),
        ),
    },
    {
      name: 'that cannot be read',
      problem: 'unreadable',
      damage: (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    },
  ];
  for (const { name, problem, damage } of damages) {
    it(`serves all the same when it finds a state ${name} (checklist 30)`, async () => {
      await restartServer(
        async (survival) => {
          assert.deepEqual(
            survival.after.log.ofKind('state-not-restored').map((each) => each.problem),
            [problem],
          );
          await assertForgotten(survival);
        },
        { meanwhile: ({ path }) => damage(path) },
      );
    });
  }

  it('drops what is too old (checklist 30)', async () => {
    await restartServer(
      async (survival) => {
        const [told] = survival.after.log.ofKind('state-restored');
        assert.deepEqual([told?.associations, told?.expired], [0, 1]);
        await assertForgotten(survival);
      },
      { secondState: { limits: { maxIdle: milliseconds(0) } } },
    );
  });

  for (const kind of ['psk', 'raw-public-key', 'certificate'] as const) {
    it(`goes on with nobody whose credential was revoked while it was stopped: ${kind}`, async () => {
      const credentials = new ServerCredentials(kind);
      await restartServer(
        async ({ after, client, peer }) => {
          const [told] = after.log.ofKind('state-restored');
          assert.equal(told?.associations, 0);
          assert.equal(told?.refused.length, 1);
          assert.equal(await client.role.ask(peer, 'x', '', 300), 'no-answer');
          assert.deepEqual(after.role.received, []);
        },
        { kind, credentials, meanwhile: () => credentials.revokeSilently(kind) },
      );
    });
  }

  it('passes over what comes before it is done with that, and is no role’s shell until then', async () => {
    const waiting = Promise.withResolvers<void>();
    const known = new ServerCredentials();
    class SlowCredentials extends ServerCredentials {
      override async pskFor(identity: string): Promise<FoundKey | undefined> {
        this.asked.push(identity);
        await waiting.promise;
        return known.pskFor(identity);
      }
    }
    using folder = new StateFolder();
    const server = await startServer({ savedState: folder.state() });
    const { port } = server;
    await using client = await startClient();
    const peer = await reach(client, port);
    await client.role.ask(peer, 'before');
    await server[Symbol.asyncDispose]();

    const role = new DueRole();
    const credentials = new SlowCredentials();
    const opening = dtls({
      port,
      address: '127.0.0.1',
      credentials,
      savedState: folder.state(),
    }).open(role);
    const asked = client.role.ask(peer, 'meanwhile', '', 1200);
    await using newcomer = await startClient();
    const reached = reach(newcomer, port);
    await until(() => !existsSync(folder.path));
    await delay(100);
    assert.deepEqual([role.wakes, role.datagrams], [0, 0]);
    assert.equal(credentials.asked.length, 1, 'for the saved association alone');
    waiting.resolve();
    await using _shell = await opening;
    await Promise.all([asked, reached]);
    await until(() => role.wakes > 0 && role.datagrams > 0);
  });

  it('goes on with nobody whose connection id it could not read any more', async () => {
    await restartServer(
      async ({ after }) => {
        assert.deepEqual(after.log.ofKind('state-restored')[0]?.refused, [
          'Connection ids have another length now.',
        ]);
      },
      { second: { connectionIdLength: 4 } },
    );
  });

  it('keeps the state when it cannot listen', async () => {
    using folder = new StateFolder();
    const server = await startServer({ savedState: folder.state() });
    await using client = await startClient();
    const peer = await reach(client, server.port);
    await client.role.ask(peer, 'x');
    const { port } = server;
    await server[Symbol.asyncDispose]();
    {
      await using _occupying = await startServer({ port });
      await assert.rejects(startServer({ port, savedState: folder.state() }), /the port is in use/);
    }
    await using after = await startServer({ port, savedState: folder.state() });
    assert.equal(await client.role.ask(peer, 'y'), 'y: ');
    assert.deepEqual(after.handshakes, []);
  });

  it('tells when it could not save, and stops all the same', async () => {
    using folder = new StateFolder();
    const server = await startServer({ savedState: folder.state() });
    await using client = await startClient();
    await reach(client, server.port);
    mkdirSync(folder.path);
    await server[Symbol.asyncDispose]();
    assert.match(server.log.ofKind('state-not-saved')[0]?.reason ?? '', /^Cannot write the saved state/);
    assert.deepEqual(server.log.ofKind('state-saved'), []);
  });
});
