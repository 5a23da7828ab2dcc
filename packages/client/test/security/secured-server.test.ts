import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, Secret, utf8Encode } from '@dunlin/base';
import type { ServerAccount } from '@dunlin/client';
import { Method } from '@dunlin/coap';
import type { SimulatedNetwork } from '@dunlin/simulation';
import { Device } from '@dunlin/lwm2m';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Probe } from '../support/reference-device.ts';
import { type Handshake, ScriptedAssociations } from '../support/scripted-associations.ts';
import { acceptAll, ScriptedServer } from '../support/scripted-server.ts';
import { lifetime, serverUri, watched, World } from '../support/world.ts';

const account: ServerAccount = {
  uri: 'coaps://192.0.2.1:5683',
  shortServerId: 101,
  lifetime: lifetime(300),
  security: { mode: 'psk', identity: 'id', key: new Secret(utf8Encode('secret key')) },
};

/** A client with one secured Server, whose handshakes go as said. */
async function secured(
  script: readonly Handshake[] = [],
  servers: readonly ServerAccount[] = [account],
  { hasConnectionId = true } = {},
): Promise<{ readonly world: World; readonly associations: ScriptedAssociations }> {
  let network: SimulatedNetwork | undefined;
  const associations = new ScriptedAssociations(() => {
    if (network === undefined) throw new Error('the network is not there yet');
    return network.binding('192.0.2.8', 56_840);
  });
  associations.script.push(...script);
  associations.hasConnectionId = hasConnectionId;
  const objects = [completeDevice({ supportedBindingAndModes: 'UQ' }), probeObject()];
  const world = await World.open(
    { servers, objects, secureBinding: associations.binding },
    (_server, made) => {
      network = made;
    },
  );
  await world.until(() => world.events.length > 0);
  return { world, associations };
}

const kindsOf = (world: World): readonly string[] => world.events.map(({ kind }) => kind);

const seen =
  (world: World, kind: string, count = 1): (() => boolean) =>
  () =>
    kindsOf(world).filter((event) => event === kind).length >= count;

describe('a Server at coaps://', () => {
  test('is reached with the credential of its Security instance, and registered with (R-701, R-710)', async () => {
    const { world, associations } = await secured();
    assert.deepEqual(kindsOf(world), ['registered']);
    const [credential] = associations.credentials;
    assert.equal(credential?.kind === 'psk' && credential.identity, 'id');
    assert.deepEqual(credential?.kind === 'psk' && credential.key.reveal(), utf8Encode('secret key'));
    assert.equal((await world.read('/3/0/0')).code, '2.05');
  });

  test('that refuses the handshake is a failure with its reason, tried again as after any refusal: soon, then less and less often', async () => {
    const { world, associations } = await secured(['refused', 'refused', 'full']);
    const [first] = world.events;
    assert.ok(first?.kind === 'failed');
    assert.equal(first.failure.problem, 'unauthenticated');
    assert.equal(first.failure.operation, 'resolve');
    assert.match(first.failure.message, /wrong key/);
    const pause = first.nextAttemptAt - world.network.clock.now;
    assert.ok(pause > 14_900 && pause <= 30_000, String(pause));
    await world.network.runUntil(seen(world, 'registered'), milliseconds(90_000));
    assert.deepEqual(associations.handshakes, ['refused', 'refused', 'full']);
  });

  test('is told goodbye and left when the client closes', async () => {
    const { world, associations } = await secured();
    const closing = world.client.close();
    await world.pass(1);
    await closing;
    assert.deepEqual(world.server.lines, ['POST /rd', 'DELETE /rd/1']);
    assert.equal(associations.disconnects, 1);
  });
});

describe('a client in queue mode with a secured Server', () => {
  const sleepy: readonly ServerAccount[] = [{ ...account, lifetime: lifetime(600), binding: 'UQ' }];

  test('makes one handshake when it wakes and no connection id finds it: resumed, it updates (R-808)', async () => {
    const { world, associations } = await secured(['full', 'resumed'], sleepy, { hasConnectionId: false });
    const told: string[] = [];
    world.client.queueMode.subscribe(({ kind }) => told.push(kind));
    await world.until(seen(world, 'updated'));
    assert.deepEqual(associations.handshakes, ['full', 'resumed']);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
    assert.deepEqual(told, ['asleep', 'awake']);
    assert.equal((await world.read('/3/0/0')).code, '2.05');
  });

  test('makes one handshake when it wakes and no connection id finds it: as new, it registers (R-808)', async () => {
    const { world, associations } = await secured(['full', 'full'], sleepy, { hasConnectionId: false });
    await world.until(seen(world, 'registered', 2));
    assert.deepEqual(associations.handshakes, ['full', 'full']);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
  });

  test('makes none when a connection id finds it (RFC 9146 §2)', async () => {
    const { world, associations } = await secured(['full'], sleepy);
    await world.until(seen(world, 'updated'));
    assert.deepEqual(associations.handshakes, ['full']);
  });
});

describe('an association that ended', () => {
  test('and is resumed makes an Update, and observations go on where they were (R-342)', async () => {
    const { world, associations } = await secured(['full', 'resumed']);
    const watch = await world.observe('/3/0/13');
    associations.lose();
    await world.until(seen(world, 'updated'));
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
    const failed = world.events.find(({ kind }) => kind === 'failed');
    assert.equal(failed?.kind === 'failed' && failed.failure.problem, 'association-lost');
    const before = watch.notifications.length;
    world.client.set(Device.currentTime, 1_800_000_000);
    await world.until(() => watch.notifications.length > before);
    assert.equal((await world.read('/3/0/0')).code, '2.05');
  });

  test('and is made anew makes a Register, and observations are over (R-505)', async () => {
    const { world, associations } = await secured(['full', 'full']);
    await world.observe('/3/0/13');
    associations.lose();
    await world.until(seen(world, 'registered', 2));
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
    assert.equal(world.client.sizes.observations, 0);
  });

  test('is resumed in vain when the lifetime ran out meanwhile: then a Register follows (R-340)', async () => {
    const { world, associations } = await secured([
      'full',
      ...Array.from({ length: 12 }, (): Handshake => 'refused'),
      'resumed',
    ]);
    associations.lose();
    await world.network.runUntil(seen(world, 'registered', 2), milliseconds(40_000_000));
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd']);
  });

  test('while the client says goodbye makes it close without an answer', async () => {
    const { world, associations } = await secured();
    world.server.script = () => undefined;
    const closing = world.client.close();
    await world.pass(1);
    associations.lose();
    await world.pass(0.1);
    await closing;
    const last = world.events.at(-1);
    assert.equal(last?.kind === 'deregistered' && last.isAcknowledged, false);
  });
});

describe('an Update without an answer', () => {
  test('ends the association, for that may be what is dead; a resumed one is tried with another Update (R-736)', async () => {
    const { world, associations } = await secured(['full', 'resumed']);
    world.server.script = () => undefined;
    world.client.update();
    await world.until(seen(world, 'failed'));
    assert.equal(associations.disconnects, 1);
    world.server.script = acceptAll();
    await world.until(seen(world, 'updated'));
    assert.ok(!world.server.lines.slice(1).includes('POST /rd'));
  });

  test('however long is made up for at once when the session is resumed: the Server has answered the handshake', async () => {
    const { world } = await secured(['full', 'resumed']);
    world.network.setConditions({ loss: 1 });
    // Its list of objects takes minutes at the rate for those who do not respond (RFC 7252 §4.7).
    world.client.change((objects) => {
      for (let id = 1; id <= 50; id += 1) objects.createInstance(Probe, id * 1000, { level: 1, count: 1 });
    });
    await world.until(seen(world, 'failed'));
    const failedAt = world.network.clock.now;
    world.network.setConditions({ loss: 0 });
    await world.until(seen(world, 'updated'));
    // The first transmission was lost with the others.
    assert.ok(world.network.clock.now - failedAt < 4000);
  });

  test('on a resumed association leads to a Register', async () => {
    const { world } = await secured(['full', 'resumed', 'resumed']);
    world.server.script = () => undefined;
    world.client.update();
    await world.until(seen(world, 'failed', 2));
    world.server.script = acceptAll();
    await world.until(seen(world, 'registered', 2));
    assert.equal(world.server.lines.at(-1), 'POST /rd');
  });
});

describe('a new address (R-342)', () => {
  test('takes an Update where the association goes on', async () => {
    const { world, associations } = await secured();
    const changing = world.client.networkChanged();
    await world.until(seen(world, 'updated'));
    await changing;
    assert.deepEqual(associations.handshakes, ['full']);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1']);
  });
});

describe('a client with Servers of both kinds', () => {
  test('speaks to each over its own binding', async () => {
    let network: SimulatedNetwork | undefined;
    const associations = new ScriptedAssociations(() => {
      if (network === undefined) throw new Error('the network is not there yet');
      return network.binding('192.0.2.8', 56_840);
    });
    const plain = { uri: 'coap://192.0.2.2:5683', shortServerId: 102 };
    const second: ScriptedServer[] = [];
    const world = await World.open(
      { servers: [account, plain], secureBinding: associations.binding },
      (_server, made) => {
        network = made;
        const other = new ScriptedServer(() => made.clock.now);
        second.push(other);
      },
    );
    const [other] = second;
    assert.ok(other !== undefined);
    await other.open(world.network.binding('192.0.2.2', 5683));
    await world.until(seen(world, 'registered', 2));
    assert.equal(world.server.received[0]?.peer.address, '192.0.2.8');
    assert.equal(other.received[0]?.peer.address, '192.0.2.7');
    const answer = watched(other.send({ method: Method.get, uriPath: ['3', '0', '0'] }));
    assert.equal((await world.read('/3/0/0')).code, '2.05');
    await world.until(() => answer.value !== undefined);
    assert.equal(typeof answer.value === 'object' && answer.value.code, '2.05');
  });
});

describe('what a client with security cannot be opened with', () => {
  const refuses = async (servers: readonly ServerAccount[], message: RegExp): Promise<void> => {
    await assert.rejects(secured([], servers), message);
  };

  test('coaps:// without security', () =>
    refuses([{ uri: account.uri, shortServerId: 1 }], /takes security/));
  test('coap:// with security', () => refuses([{ ...account, uri: serverUri }], /coaps:\/\//));
  test('an empty identity or key', async () => {
    const key = new Secret(utf8Encode('key'));
    await refuses([{ ...account, security: { mode: 'psk', identity: '', key } }], /empty/);
    const empty = new Secret(new Uint8Array(0));
    await refuses([{ ...account, security: { mode: 'psk', identity: 'id', key: empty } }], /empty/);
  });
  test('a Server without the binding it needs', async () => {
    await assert.rejects(World.open({ servers: [account] }), /secureBinding/);
  });
});
