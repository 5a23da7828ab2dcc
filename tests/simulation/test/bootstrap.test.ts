import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, milliseconds, type Random, seconds, seededRandom } from '@dunlin/base';
import {
  type BootstrapConfiguration,
  type BootstrapSessionRecord,
  LwM2mBootstrapServer,
  MemoryBootstrapConfigurationStore,
} from '@dunlin/bootstrap';
import { device, LwM2mClient } from '@dunlin/client';
import type { Binding } from '@dunlin/coap';
import { LwM2mServer, type Registration } from '@dunlin/server';
import { roughConditions, SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

import { forEachSeed, note, traceWhenAsked } from './support/seeds.ts';

const file = 'bootstrap.test.ts';
const name = 'node-1';

/** Where the device is sent to, as `first` or `second`. */
const places = { first: '10.0.1.1', second: '10.0.1.2' } as const;
type Place = keyof typeof places;

function configurationTo(place: Place): BootstrapConfiguration {
  const shortServerId = place === 'first' ? 101 : 102;
  return {
    target: { kind: 'pattern', pattern: 'node-*' },
    servers: [
      {
        uri: `coap://${places[place]}:5683`,
        shortServerId,
        lifetime: seconds(shortServerId),
        security: { kind: 'none' },
      },
    ],
  };
}

/** A device, its Bootstrap-Server and two servers, any of which may fall over. */
class BootstrapWorld {
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly store = new MemoryBootstrapConfigurationStore();
  readonly servers = new Map<Place, LwM2mServer>();
  readonly records: BootstrapSessionRecord[] = [];
  readonly start: number;
  client: LwM2mClient | undefined;
  bootstrapServer: LwM2mBootstrapServer | undefined;
  #clientShell: SimulatedShell | undefined;
  #bootstrapShell: SimulatedShell | undefined;

  constructor(seed: number) {
    this.network = new SimulatedNetwork(seed, roughConditions);
    this.random = seededRandom(seed * 7919);
    this.start = this.network.clock.now;
    traceWhenAsked(this.network);
  }

  async open(): Promise<void> {
    for (const place of ['first', 'second'] as const) {
      const listen = [this.network.binding(places[place], 5683)];
      this.servers.set(place, await LwM2mServer.open({ listen }));
    }
    this.sendTo('first');
    await this.openBootstrapServer();
    await this.openClient();
  }

  sendTo(place: Place): void {
    this.store.put({ configuration: configurationTo(place), updatedAt: this.network.clock.now });
  }

  async openBootstrapServer(): Promise<void> {
    const server = await LwM2mBootstrapServer.open({
      listen: [
        this.#watched(this.network.binding('10.0.0.1', 5783), (shell) => (this.#bootstrapShell = shell)),
      ],
      configurations: this.store,
    });
    for (const ended of [server.finished, server.failed]) {
      ended.subscribe(({ session }) => {
        this.records.push(session);
        note(this.network, this.start, `session ${session.outcome}: ${session.failure?.reason ?? ''}`);
      });
    }
    this.bootstrapServer = server;
  }

  async openClient(): Promise<void> {
    const binding = this.#watched(
      this.network.binding('10.0.0.2', 40_000),
      (shell) => (this.#clientShell = shell),
    );
    this.client = await LwM2mClient.open({
      endpoint: name,
      servers: [],
      bootstrapServer: { uri: 'coap://10.0.0.1:5783' },
      objects: [device({ manufacturer: 'Acme', onReboot: () => undefined })],
      binding,
      retry: { maxDelay: milliseconds(30_000), refusedDelay: milliseconds(30_000) },
    });
  }

  /** Something goes wrong, or somebody asks for something. */
  async disturb(): Promise<void> {
    const { network, random } = this;
    const what = Math.floor(random.fraction() * 5);
    note(network, this.start, `disturbance ${what}`);
    switch (what) {
      case 0:
        this.#bootstrapShell?.kill();
        await this.bootstrapServer?.close();
        await this.openBootstrapServer();
        break;
      case 1:
        this.#clientShell?.kill();
        await this.openClient();
        break;
      case 2: {
        network.setConditionsAt('10.0.0.2', { loss: 1 });
        const until = addDuration(network.clock.now, milliseconds(random.fraction() * 300_000));
        network.at(until, () => network.setConditionsAt('10.0.0.2', undefined));
        break;
      }
      case 3:
        this.sendTo(random.fraction() < 0.5 ? 'first' : 'second');
        break;
      case 4:
        await this.bootstrapServer?.start(name, 'coap://10.0.0.2:40000').catch(() => undefined);
        break;
    }
  }

  async registrationAt(place: Place): Promise<Registration | undefined> {
    return await this.servers.get(place)?.device(name).registration();
  }

  async close(): Promise<void> {
    this.#clientShell?.kill();
    await this.bootstrapServer?.close();
    for (const server of this.servers.values()) await server.close();
  }

  #watched(binding: Binding, opened: (shell: SimulatedShell) => void): Binding {
    return {
      open: async (driven) => {
        const shell = await binding.open(driven);
        if (shell instanceof SimulatedShell) opened(shell);
        return shell;
      },
    };
  }
}

describe('A client and a Bootstrap-Server on a rough network', () => {
  it('come to the server that the configuration names, whatever happened before', async () => {
    await forEachSeed(60, file, async (seed) => {
      const world = new BootstrapWorld(seed);
      const { network } = world;
      await world.open();
      for (let round = 0; round < 12; round += 1) {
        await network.run(milliseconds(world.random.fraction() * 40_000));
        await world.disturb();
      }

      // Quiet: nothing goes wrong any more, and the device is told once more where to go.
      network.setConditions({ loss: 0, duplication: 0, reordering: 0 });
      network.setConditionsAt('10.0.0.2', undefined);
      world.sendTo('second');
      await network.run(milliseconds(600_000));
      await world.bootstrapServer?.start(name, 'coap://10.0.0.2:40000');
      await network.run(milliseconds(600_000));

      const [latest] = world.bootstrapServer?.sessions() ?? [];
      assert.equal(latest?.outcome, 'finished', latest?.failure?.reason);
      assert.equal((await world.registrationAt('second'))?.lifetime, 102);
      assert.equal(await world.registrationAt('first'), undefined, 'it has left the other server');
      const sizes = world.bootstrapServer?.coapSizes[0];
      assert.equal(sizes?.requests, 0);
      assert.equal(sizes?.exchanges, 0);
      await world.close();
    });
  });

  it('never leave the client at a server that no configuration it was given names', async () => {
    await forEachSeed(30, file, async (seed) => {
      const world = new BootstrapWorld(seed);
      await world.open();
      await world.network.run(milliseconds(world.random.fraction() * 20_000));
      await world.disturb();
      await world.network.run(milliseconds(1_200_000));
      const registrations = await Promise.all([
        world.registrationAt('first'),
        world.registrationAt('second'),
      ]);
      const lifetimes = registrations.flatMap((registration) => registration?.lifetime ?? []);
      assert.equal(lifetimes.length, 1, `registered with ${lifetimes.join(' and ')}`);
      for (const { outcome, failure } of world.records) {
        assert.ok(outcome === 'finished' || (failure !== undefined && failure.kind !== 'misbehaved'));
      }
      await world.close();
    });
  });
});
