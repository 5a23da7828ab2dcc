// Who is let in over DTLS, and what becomes of those who were when they no longer are.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { milliseconds, Secret, SecurityError } from '@dunlin/base';
import { pskLimits } from '@dunlin/dtls';
import type { DtlsCredentials, FoundKey } from '@dunlin/node';

import {
  clientCredentials,
  deviceIdentity,
  deviceKey,
  keyOfClient,
  ServerCredentials,
} from '../../support/dtls-credentials.ts';
import { type DtlsParty, reach, startClient, startServer } from '../../support/dtls-pair.ts';
import { NatRelay } from '../../support/nat-relay.ts';
import { until } from '../../support/until.ts';

const foundKey = (credentialId = 'psk', key = deviceKey.slice()): FoundKey => ({
  key: new Secret(key),
  credentialId,
});

/** Credentials of pre-shared keys that are looked up like this. */
function lookedUp(pskFor: DtlsCredentials['pskFor'], more: Partial<DtlsCredentials> = {}): DtlsCredentials {
  return { pskFor, trusts: () => Promise.resolve(undefined), ...more };
}

/** Fails for want of the right credential, and says so. */
async function assertRefused(client: DtlsParty, port: number): Promise<string> {
  const refused: unknown = await reach(client, port).then(
    () => assert.fail('it was let in'),
    (error: unknown) => error,
  );
  assert.ok(refused instanceof SecurityError, String(refused));
  return refused.message;
}

describe('a device that nobody knows', () => {
  /** All that can be seen from outside of a handshake that fails: what the server sent, and what the client is told. */
  async function seenFromOutside(
    key: Uint8Array,
    identity: string,
  ): Promise<{ readonly sent: readonly string[]; readonly message: string; readonly told: unknown }> {
    // Nothing is sent twice, however busy the machine is.
    const protocol = { flight: { initialTimeout: milliseconds(1500) } };
    await using server = await startServer({ protocol });
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient({ credential: keyOfClient(key, identity), protocol });
    const message = await assertRefused(client, relay.port);
    const sent = relay.relayed
      .filter(({ towards }) => towards === 'client')
      .map(({ datagram }) => {
        return `${datagram[0]} ${datagram.length}`;
      });
    const told = server.log.ofKind('failed').map(({ reason, alert, detail }) => ({ reason, alert, detail }));
    return { sent, message: message.replace(/localhost:\d+/, 'localhost'), told };
  }

  it('cannot tell an unknown identity from a wrong key (checklist 25, RFC 4279 §2)', async () => {
    const wrongKey = await seenFromOutside(new Uint8Array(16).fill(9), deviceIdentity);
    const unknown = await seenFromOutside(deviceKey, deviceIdentity.replace('42', '43'));
    assert.deepEqual(unknown, wrongKey);
    assert.equal(wrongKey.sent.length > 2, true);
    assert.match(wrongKey.message, /^no DTLS association with localhost: /);
  });

  for (const kind of ['raw-public-key', 'certificate'] as const) {
    it(`is refused with a ${kind} that nobody vouches for, and is told so`, async () => {
      const credentials = new ServerCredentials(kind);
      const judged: DtlsCredentials = {
        ...lookedUp(credentials.pskFor.bind(credentials)),
        own: credentials.own,
      };
      await using server = await startServer({ credentials: judged });
      await using client = await startClient({ kind });
      assert.match(await assertRefused(client, server.port), /The peer refused the handshake with/);
      await until(() => server.log.ofKind('failed').length === 1);
      assert.equal(server.log.ofKind('failed')[0]?.reason, 'refused');
      assert.deepEqual(server.role.received, []);
    });

    it(`refuses a server whose ${kind} it does not trust`, async () => {
      await using server = await startServer({ credentials: new ServerCredentials(kind) });
      const { credential } = clientCredentials[kind];
      const trust = { kind: 'raw-public-key', publicKeys: [] } as const;
      await using client = await startClient({ credential: { credential, trust } });
      await assertRefused(client, server.port);
      await until(() => server.log.ofKind('failed').length === 1);
      assert.deepEqual(server.handshakes, []);
    });

    it(`trusts no server by ${kind} when it was not told whom to trust`, async () => {
      await using server = await startServer({ credentials: new ServerCredentials(kind) });
      const { credential } = clientCredentials[kind];
      await using client = await startClient({ credential: { credential } });
      assert.match(await assertRefused(client, server.port), /nothing to judge the server by/);
      assert.deepEqual(server.handshakes, []);
    });
  }

  it('is refused by a server whose certificate names another host, for the client leaves', async () => {
    await using server = await startServer({ credentials: new ServerCredentials('certificate') });
    await using client = await startClient({ kind: 'certificate' });
    await assert.rejects(client.role.shell.resolve('127.0.0.1', server.port), SecurityError);
    await reach(client, server.port);
  });
});

describe('the look-up of a credential', () => {
  it('may take its time', async () => {
    const credentials = lookedUp(async () => {
      await delay(100);
      return foundKey();
    });
    await using server = await startServer({ credentials });
    await using client = await startClient();
    assert.equal(await client.role.ask(await reach(client, server.port), 'x'), 'x: ');
  });

  it('is made once the client has shown that it is where it says, and once for a handshake', async () => {
    const credentials = new ServerCredentials();
    await using server = await startServer({ credentials });
    await using relay = await NatRelay.open(server.port);
    await using client = await startClient();
    relay.passes = ({ towards }) => towards === 'server';
    const reached = reach(client, relay.port);
    await until(() => relay.relayed.some(({ towards }) => towards === 'client'));
    assert.deepEqual(credentials.asked, []);
    relay.passes = () => true;
    await reached;
    assert.deepEqual(credentials.asked, [deviceIdentity]);
  });

  it('leaves no key behind: each copy is overwritten once it was used', async () => {
    const credentials = new ServerCredentials();
    await using server = await startServer({ credentials });
    await using client = await startClient();
    const peer = await reach(client, server.port);
    await client.role.ask(peer, 'x');
    client.role.shell.disconnect?.(peer);
    await reach(client, server.port);
    await until(() => server.handshakes.length === 2);
    assert.equal(credentials.given.length, 2);
    for (const key of credentials.given) assert.throws(() => key.reveal(), /destroyed/);
  });

  it('counts as not found when it does not answer in time; a late answer makes no difference (checklist 25)', async () => {
    const late = Promise.withResolvers<FoundKey | undefined>();
    const handshake = { answerTimeout: milliseconds(50) };
    await using server = await startServer({
      credentials: lookedUp(() => late.promise),
      protocol: { handshake },
    });
    await using client = await startClient();
    await assertRefused(client, server.port);
    const found = foundKey();
    late.resolve(found);
    await until(() => {
      try {
        return found.key.reveal().length === 0;
      } catch {
        return true;
      }
    });
    assert.deepEqual(server.handshakes, []);
    assert.deepEqual(
      server.log.ofKind('failed').map(({ reason }) => reason),
      ['wrong-key'],
    );
  });

  const failures: Readonly<Record<string, DtlsCredentials['pskFor']>> = {
    'it rejects': () => Promise.reject(new Error('the data base is away')),
    'it throws': () => {
      throw new Error('the data base is away');
    },
    'the key was destroyed before': () => {
      const found = foundKey();
      found.key.destroy();
      return Promise.resolve(found);
    },
    'the key is empty': () => Promise.resolve(foundKey('psk', new Uint8Array())),
    'the key is too long': () =>
      Promise.resolve(foundKey('psk', new Uint8Array(pskLimits.maxKeyLength + 1).fill(1))),
    'the credential has no id': () => Promise.resolve(foundKey('')),
    'the id is too long': () => Promise.resolve(foundKey('ü'.repeat(2049))),
  };
  for (const [name, pskFor] of Object.entries(failures)) {
    it(`counts as not found and is told when ${name}; the server goes on`, async () => {
      let isBroken = true;
      const credentials = lookedUp((identity) => (isBroken ? pskFor(identity) : Promise.resolve(foundKey())));
      await using server = await startServer({ credentials });
      await using client = await startClient();
      await assertRefused(client, server.port);
      const told = server.log.ofKind('lookup-failed');
      assert.equal(told.length, 1);
      assert.doesNotMatch(JSON.stringify(told), /0123456789abcdef/);
      isBroken = false;
      assert.equal(await client.role.ask(await reach(client, server.port), 'x'), 'x: ');
    });
  }

  for (const kind of ['raw-public-key', 'certificate'] as const) {
    it(`of a ${kind} counts as not trusted when it rejects or names no credential`, async () => {
      for (const trusts of [
        () => Promise.reject(new Error('the data base is away')),
        () => Promise.resolve({ credentialId: '' }),
      ]) {
        const { own } = new ServerCredentials(kind);
        const pskFor = (): Promise<undefined> => Promise.resolve(undefined);
        await using server = await startServer({ credentials: { own, pskFor, trusts } });
        await using client = await startClient({ kind });
        await assertRefused(client, server.port);
        assert.equal(server.log.ofKind('lookup-failed').length, 1);
      }
    });
  }

  it('is not begun when too many are under way, which end sooner or later (checklist 5)', async () => {
    const waiting: PromiseWithResolvers<FoundKey | undefined>[] = [];
    const credentials = lookedUp(() => {
      const lookup = Promise.withResolvers<FoundKey | undefined>();
      waiting.push(lookup);
      return lookup.promise;
    });
    await using server = await startServer({ credentials, maxLookups: 2 });
    await using first = await startClient();
    await using second = await startClient();
    await using third = await startClient();
    const reached = [reach(first, server.port), reach(second, server.port)];
    await until(() => waiting.length === 2);
    await assertRefused(third, server.port);
    assert.equal(waiting.length, 2);
    assert.equal(
      server.log.ofKind('lookup-failed')[0]?.reason,
      'There are 2 look-ups of credentials under way.',
    );
    for (const lookup of waiting) lookup.resolve(foundKey());
    await Promise.all(reached);
    const again = reach(third, server.port);
    await until(() => waiting.length === 3);
    waiting[2]?.resolve(foundKey());
    await again;
  });
});

describe('a credential that is revoked', () => {
  for (const kind of ['psk', 'raw-public-key', 'certificate'] as const) {
    it(`ends its associations and sessions, and those of no other: ${kind}`, async () => {
      const credentials = new ServerCredentials(kind);
      await using server = await startServer({ credentials });
      await using client = await startClient({ kind });
      const peer = await reach(client, server.port);
      await client.role.ask(peer, 'x');
      credentials.revoke('another');
      assert.equal(await client.role.ask(peer, 'y'), 'y: ');

      const { lastSource } = server.role;
      credentials.revoke(kind);
      await until(() => client.role.lost.length === 1);
      assert.deepEqual(
        server.role.lost.map(({ key }) => key),
        [lastSource.key],
      );
      assert.equal(await server.role.ask(lastSource, 'z'), 'cancelled');
      await assertRefused(client, server.port);
      assert.deepEqual(server.handshakes, ['full']);
    });
  }

  it('lets no session go on, even when nobody told of it', async () => {
    const credentials = new ServerCredentials();
    await using server = await startServer({ credentials });
    await using client = await startClient();
    client.role.shell.disconnect?.(await reach(client, server.port));
    credentials.revokeSilently('psk');
    await assertRefused(client, server.port);
    assert.deepEqual(server.handshakes, ['full']);
  });

  it('lets nobody in by an answer that was given before (checklist 21)', async () => {
    const credentials = new ServerCredentials();
    const before = foundKey();
    let lookups = 0;
    const slow = lookedUp(
      async (identity) => {
        lookups += 1;
        if (lookups > 1) return credentials.pskFor(identity);
        credentials.revoke('psk');
        return before;
      },
      { revoked: credentials.revoked },
    );
    await using server = await startServer({ credentials: slow });
    await using client = await startClient();
    await assertRefused(client, server.port);
    assert.equal(lookups, 2);
    assert.throws(() => before.key.reveal(), /destroyed/);
    assert.deepEqual(server.handshakes, []);
  });

  it('does not keep others out whose look-up it overtakes', async () => {
    const credentials = new ServerCredentials();
    let lookups = 0;
    const slow = lookedUp(
      (identity) => {
        lookups += 1;
        if (lookups < 3) credentials.revoke(`other ${lookups}`);
        return credentials.pskFor(identity);
      },
      { revoked: credentials.revoked },
    );
    await using server = await startServer({ credentials: slow });
    await using client = await startClient();
    await reach(client, server.port);
    assert.equal(lookups, 3);
  });

  it('is not asked for without end when there is always another one', async () => {
    const credentials = new ServerCredentials();
    const slow = lookedUp(
      (identity) => {
        credentials.revoke('other');
        return credentials.pskFor(identity);
      },
      { revoked: credentials.revoked },
    );
    await using server = await startServer({ credentials: slow });
    await using client = await startClient();
    await assertRefused(client, server.port);
    assert.match(server.log.ofKind('lookup-failed')[0]?.reason ?? '', /revoked faster than/);
  });

  it('is not listened for any more when the binding is closed, or could not be opened', async () => {
    const credentials = new ServerCredentials();
    const server = await startServer({ credentials });
    await assert.rejects(startServer({ port: server.port, credentials }));
    await server[Symbol.asyncDispose]();
    assert.equal(credentials.listeners, 0);
  });
});
