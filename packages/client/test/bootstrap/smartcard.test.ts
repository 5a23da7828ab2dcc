import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, type Instant } from '@dunlin/base';
import { type ClientDiagnostic, decodeProvisioningFile, type Smartcard } from '@dunlin/client';
import { coreDefinitions, isRefusal, Server, type Value } from '@dunlin/lwm2m';
import fc from 'fast-check';

import { instancePayload, managementUri, security, server } from '../support/bootstrap-world.ts';
import { acceptAll, ScriptedServer } from '../support/scripted-server.ts';
import { hex, lifetime, serverUri, World } from '../support/world.ts';

const definitionOf = (objectId: number): ReturnType<typeof coreDefinitions.find> =>
  coreDefinitions.find(objectId);

/** One Object of the collection: id, version, length, instances in TLV. */
function entry(objectId: number, payload: Uint8Array, version: readonly number[] = [0]): Uint8Array {
  return concatBytes([
    Uint8Array.of(objectId >> 8, objectId & 0xff, ...version, payload.length >> 8, payload.length & 0xff),
    payload,
  ]);
}

/** An instance in TLV: type, id, length of 16 bits, Resources. */
function instance(objectId: number, id: number, values: Readonly<Record<number, Value>>): Uint8Array {
  const resources = instancePayload(`/${objectId}/${id}`, values);
  return concatBytes([Uint8Array.of(0x10, id, resources.length >> 8, resources.length & 0xff), resources]);
}

function file(count: number, collection: Uint8Array): Uint8Array {
  return concatBytes([
    Uint8Array.of(count >> 8, count & 0xff, collection.length >> 8, collection.length & 0xff),
    collection,
  ]);
}

const account = (uri: string, seconds: number): Uint8Array =>
  file(
    2,
    concatBytes([
      entry(0, instance(0, 0, { ...security, 0: uri })),
      entry(1, instance(1, 0, { ...server, 1: seconds }), [1, 0]),
    ]),
  );

describe('the file LwM2M_Bootstrap of a smartcard (R-291)', () => {
  test('holds Objects with their versions and instances, and filler behind', () => {
    const objects = decodeProvisioningFile(
      concatBytes([account(managementUri, 300), Uint8Array.of(0xff, 0xff)]),
      definitionOf,
    );
    assert.ok(!isRefusal(objects));
    assert.deepEqual(
      objects.map(({ objectId, version }) => [objectId, version]),
      [
        [0, '1.0'],
        [1, '1.0'],
      ],
    );
    const lifetimeOf = objects[1]?.instances.get(0)?.get(1);
    assert.equal(lifetimeOf?.kind === 'single' && lifetimeOf.value, 300);
  });

  test('passes over Objects that the device does not have', () => {
    const objects = decodeProvisioningFile(file(1, entry(9999, hex('c10001'), [2, 5])), definitionOf);
    assert.deepEqual(objects, []);
  });

  test('is refused when it is cut, too long, or not what its header says', () => {
    const whole = account(managementUri, 300);
    for (const [bad, reason] of [
      [new Uint8Array(0), /header/],
      [whole.subarray(0, whole.length - 1), /shorter than its header/],
      [concatBytes([whole, Uint8Array.of(1)]), /behind/],
      [file(3, whole.subarray(4)), /cut/],
      [file(1, whole.subarray(4)), /shorter than its header/],
      [file(1, entry(1, hex('c8'))), /Object 1/],
      [new Uint8Array(40_000), /longer/],
    ] as const) {
      const result = decodeProvisioningFile(bad, definitionOf);
      assert.ok(isRefusal(result), String(reason));
      assert.match(result.reason, reason);
    }
  });

  test('never makes the decoder throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeProvisioningFile(bytes, definitionOf);
      }),
    );
  });
});

/** A card that can be changed and taken out. */
class TestCard implements Smartcard {
  content: Uint8Array | undefined;

  constructor(content: Uint8Array | undefined) {
    this.content = content;
  }

  read(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.content);
  }
}

async function withCard(
  card: Smartcard,
  servers: Parameters<typeof World.open>[0] = { servers: [] },
): Promise<{ readonly world: World; readonly management: ScriptedServer }> {
  const made: ScriptedServer[] = [];
  const world = await World.open({ smartcard: card, ...servers }, (_server, network) => {
    made.push(new ScriptedServer((): Instant => network.clock.now));
  });
  const [management] = made;
  assert.ok(management !== undefined);
  await management.open(world.network.binding('192.0.2.2', 5683));
  return { world, management };
}

const refusals = (world: World): readonly ClientDiagnostic[] =>
  world.diagnostics.filter(({ kind }) => kind === 'smartcard-refused');

describe('a client with a smartcard (R-212)', () => {
  test('registers with the Server that the card names, before all other information (R-220)', async () => {
    const { world, management } = await withCard(new TestCard(account(managementUri, 300)));
    await world.until(() => management.lines.length > 0);
    assert.deepEqual(management.lines, ['POST /rd']);
    assert.equal(world.client.get(Server(0).lifetime), 300);
  });

  test('uses what the factory gave it when there is no card, or one of no use', async () => {
    const servers = { servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(500) }] };
    for (const content of [undefined, hex('ffff')]) {
      const { world } = await withCard(new TestCard(content), servers);
      await world.until(() => world.events.length > 0);
      assert.equal(world.client.get(Server(0).lifetime), 500);
    }
  });

  test('looks at it with each registration, and takes what is new', async () => {
    const card = new TestCard(account(managementUri, 300));
    const { world, management } = await withCard(card);
    await world.until(() => management.lines.length > 0);
    await world.pass(1);
    card.content = account(serverUri, 400);
    world.client.update();
    await world.until(() => world.server.lines.length > 0);
    assert.equal(world.client.get(Server(0).lifetime), 400);
    assert.ok(management.lines.includes('DELETE /rd/1'));
  });

  test('forgets what came from a card that is taken out', async () => {
    const card = new TestCard(account(managementUri, 300));
    const { world, management } = await withCard(card);
    await world.until(() => management.lines.length > 0);
    await world.pass(1);
    card.content = undefined;
    world.client.update();
    await world.until(() => management.lines.includes('DELETE /rd/1'));
    assert.deepEqual(world.client.objects.instanceIds(0), []);
    assert.deepEqual(world.client.objects.instanceIds(1), []);
  });

  test('disables the old information when the new one cannot be used, and says why', async () => {
    const card = new TestCard(account(managementUri, 300));
    const { world, management } = await withCard(card);
    management.script = acceptAll();
    await world.until(() => management.lines.length > 0);
    await world.pass(1);
    card.content = file(1, entry(1, instance(1, 0, server)));
    world.client.update();
    await world.until(() => refusals(world).length > 0);
    assert.deepEqual(world.client.objects.instanceIds(1), []);
    const [refusal] = refusals(world);
    assert.match(refusal?.kind === 'smartcard-refused' ? refusal.reason : '', /no account/);
  });
});
