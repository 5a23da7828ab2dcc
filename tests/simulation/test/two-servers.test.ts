import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, type Random, seconds, seededRandom } from '@dunlin/base';
import { accessControl, device, LwM2mClient } from '@dunlin/client';
import { AccessControl, pathOf } from '@dunlin/lwm2m';
import { type Device, LwM2mServer } from '@dunlin/server';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { Counters, countersObject, definitions } from './support/counter-object.ts';
import { forEachSeed, traceWhenAsked } from './support/seeds.ts';

const objectId = Counters.definition.id;

/** What one Server did, and what came of it. */
interface Deed {
  readonly by: 1 | 2;
  readonly what: string;
  readonly value: number;
  code: string | undefined;
}

/** A device that two Servers use at once: the first may do everything, the second reads, and has what it creates. */
class TwoServersScene {
  readonly network: SimulatedNetwork;
  readonly deeds: Deed[] = [];
  readonly committed: number[] = [];
  readonly #random: Random;
  readonly #servers: LwM2mServer[] = [];
  client: LwM2mClient | undefined;
  #lastValue = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed ^ 0x2b);
    this.network = new SimulatedNetwork(seed, { ...roughConditions, loss: 0.1 });
    traceWhenAsked(this.network);
  }

  async start(): Promise<void> {
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      this.#servers.push(
        await LwM2mServer.open({ listen: [this.network.binding(address, 5683)], definitions }),
      );
    }
    this.client = await LwM2mClient.open({
      endpoint: 'shared',
      servers: [
        { uri: 'coap://10.0.0.1', shortServerId: 1, lifetime: seconds(600) },
        { uri: 'coap://10.0.0.2', shortServerId: 2, lifetime: seconds(600) },
      ],
      objects: [
        device({ onReboot: () => undefined }),
        countersObject(0, {
          executed: () => undefined,
          committed: ({ origin, written }) => {
            if (origin.kind !== 'server') return;
            for (const { path, content } of written) {
              if (path.resourceId === 4 && content?.kind === 'single')
                this.committed.push(Number(content.value));
            }
          },
        }),
        accessControl([
          { objectId, objectInstanceId: 0, owner: 1, rights: { 2: 'R' } },
          { objectId, rights: { 1: 'C', 2: 'C' } },
        ]),
      ],
      binding: this.network.binding('10.0.1.1', 5683),
    });
    await this.network.runUntil(
      () => this.client?.servers.every(({ location }) => location !== undefined) === true,
      milliseconds(600_000),
    );
  }

  /** One thing that one of them does. */
  act(): void {
    const by = this.#random.fraction() < 0.5 ? 1 : 2;
    const handle = this.#servers[by - 1]?.device('shared');
    if (handle === undefined) throw new Error('there is no such server');
    this.#lastValue += 1;
    const value = this.#lastValue;
    const deed = this.#draw(handle, value);
    const entry: Deed = { by, what: deed.what, value, code: undefined };
    this.deeds.push(entry);
    const note = async (): Promise<void> => {
      entry.code = await outcomeOf(deed.doing);
    };
    note().catch((error: unknown) => assert.fail(String(error)));
  }

  #draw(handle: Device, value: number): { readonly what: string; readonly doing: Promise<unknown> } {
    const id = 1 + Math.floor(this.#random.fraction() * 3);
    const draw = this.#random.fraction();
    if (draw < 0.3) return { what: 'write', doing: handle.write(Counters(0).lonely, value) };
    if (draw < 0.5) return { what: 'read', doing: handle.readContent(pathOf(objectId, 0)) };
    if (draw < 0.7) {
      return {
        what: 'create',
        doing: handle.create(pathOf(objectId), { 0: value, 1: value }, { objectInstanceId: id }),
      };
    }
    if (draw < 0.9) return { what: 'delete', doing: handle.delete(pathOf(objectId, id)) };
    return {
      what: 'attributes',
      doing: handle.writeAttributes(Counters(0).reading, { pmin: seconds(value) }),
    };
  }

  /** All that must hold once everything is over. */
  check(): void {
    const { client } = this;
    assert.ok(client !== undefined);
    assert.ok(
      this.deeds.every(({ code }) => code !== undefined),
      'something never ended',
    );
    const forbidden = this.deeds.filter(({ by, what }) => by === 2 && what === 'write');
    for (const { code, value } of forbidden) {
      assert.notEqual(code, 'success', `the second Server wrote ${value}`);
      assert.ok(!this.committed.includes(value), `what the second Server wrote took place: ${value}`);
    }
    const written = this.deeds.filter(
      ({ by, what, code }) => by === 1 && what === 'write' && code === 'success',
    );
    for (const { value } of written)
      assert.ok(this.committed.includes(value), `Write ${value} was acknowledged and lost`);
    assert.ok(
      this.deeds.every(({ what, code }) => what !== 'read' || code !== '4.01'),
      'a Read is refused',
    );
    const entries = client.objects
      .instanceIds(2)
      .map(
        (id) => `${client.get(AccessControl(id).objectId)}/${client.get(AccessControl(id).objectInstanceId)}`,
      );
    assert.equal(new Set(entries).size, entries.length, 'an instance has two entries');
    for (const id of client.objects.instanceIds(objectId))
      assert.ok(entries.includes(`${objectId}/${id}`), `${id} has no entry`);
    for (const entry of entries.filter(
      (each) => each.startsWith(`${objectId}/`) && !each.endsWith('/65535'),
    )) {
      const id = Number(entry.split('/')[1]);
      assert.ok(client.objects.instanceIds(objectId).includes(id), `the entry of ${id} outlived it`);
    }
  }
}

describe('two Servers that act at once', () => {
  it('each do what they may, and nothing else; rights come and go with instances (R-611, R-614, R-620)', async () => {
    await forEachSeed(150, 'two-servers.test.ts', async (seed) => {
      const scene = new TwoServersScene(seed);
      await scene.start();
      for (let step = 0; step < 30; step += 1) {
        scene.act();
        await scene.network.run(milliseconds(200));
      }
      await scene.network.run(milliseconds(600_000));
      scene.check();
    });
  });
});

/** `success`, or the code of the refusal. */
async function outcomeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return 'success';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'coapCode' in error
    ? String(error.coapCode)
    : String(error);
}
