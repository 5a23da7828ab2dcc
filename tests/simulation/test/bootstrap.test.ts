import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, seconds } from '@dunlin/base';
import {
  type BootstrapConfiguration,
  LwM2mBootstrapServer,
  MemoryBootstrapConfigurationStore,
} from '@dunlin/bootstrap';
import { device, LwM2mClient } from '@dunlin/client';
import { pathOf, Security, Server } from '@dunlin/lwm2m';
import { LwM2mServer } from '@dunlin/server';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { forEachSeed, traceWhenAsked } from './support/seeds.ts';

const endpointName = 'device-0';
const managementUri = 'coap://10.0.0.1:5683';
const oldUri = 'coap://10.0.0.9:5683';

/** What the Bootstrap-Server gives: another Server than the device has, and a lifetime to know it by. */
const configuration: BootstrapConfiguration = {
  target: { kind: 'endpoint', endpointName },
  deletes: [pathOf(0), pathOf(1)],
  servers: [{ uri: managementUri, shortServerId: 7, security: { kind: 'none' }, lifetime: seconds(777) }],
};

/** A device that has a Server which is gone, its Bootstrap-Server, and the Server that it is given. */
class BootstrapScene {
  readonly network: SimulatedNetwork;
  readonly #configurations = new MemoryBootstrapConfigurationStore();
  client: LwM2mClient | undefined;
  server: LwM2mServer | undefined;

  constructor(network: SimulatedNetwork) {
    this.network = network;
    traceWhenAsked(network);
  }

  async start(): Promise<void> {
    this.#configurations.put({ configuration, updatedAt: this.network.clock.now });
    this.server = await LwM2mServer.open({ listen: [this.network.binding('10.0.0.1', 5683)] });
    await LwM2mBootstrapServer.open({
      listen: [this.network.binding('10.0.0.2', 5783)],
      configurations: this.#configurations,
    });
    this.client = await LwM2mClient.open({
      endpoint: endpointName,
      servers: [{ uri: oldUri, shortServerId: 3, lifetime: seconds(333) }],
      bootstrapServer: { uri: 'coap://10.0.0.2:5783' },
      objects: [device({ onReboot: () => undefined })],
      binding: this.network.binding('10.0.1.1', 5683),
    });
  }

  /** Checks that the device is wholly what it was, or wholly what it was given; says which. */
  check(): 'old' | 'new' {
    const { client } = this;
    assert.ok(client !== undefined);
    const accounts = client.objects
      .instanceIds(0)
      .flatMap((id) =>
        client.get(Security(id).bootstrapServer) === true
          ? []
          : [[client.get(Security(id).lwm2mServerUri), client.get(Security(id).shortServerId)]],
      );
    const servers = client.objects
      .instanceIds(1)
      .map((id) => [client.get(Server(id).shortServerId), client.get(Server(id).lifetime)]);
    const isOld = JSON.stringify([accounts, servers]) === JSON.stringify([[[oldUri, 3]], [[3, 333]]]);
    if (isOld) return 'old';
    assert.deepEqual([accounts, servers], [[[managementUri, 7]], [[7, 777]]]);
    return 'new';
  }

  get isRegistered(): boolean {
    return (
      this.client?.servers.some(
        ({ shortServerId, location }) => shortServerId === 7 && location !== undefined,
      ) === true
    );
  }
}

describe('a bootstrap that is cut', () => {
  it('after any datagram leaves the device as it was or as it is to be, and another one succeeds (R-263)', async () => {
    const total = await lengthOfUndisturbed();
    assert.ok(total > 10, `only ${total} datagrams`);
    for (let cut = 1; cut <= total; cut += 1) {
      const network = new SimulatedNetwork(1);
      const scene = new BootstrapScene(network);
      await scene.start();
      let count = 0;
      using _watch = network.watch(({ from, to }) => {
        const isBootstrap = from.address === '10.0.0.2' || to.address === '10.0.0.2';
        if (isBootstrap) count += 1;
        if (count === cut) network.setConditionsAt('10.0.0.2', { loss: 1 });
      });
      await network.run(milliseconds(600_000));
      scene.check();
      network.setConditionsAt('10.0.0.2', undefined);
      await network.runUntil(() => scene.isRegistered, milliseconds(7_200_000));
      assert.equal(scene.check(), 'new', `cut after ${cut} datagrams`);
    }
  });

  it('by restarts of the network at random on a rough one ends well all the same', async () => {
    await forEachSeed(200, 'bootstrap.test.ts', async (seed) => {
      const network = new SimulatedNetwork(seed, { ...roughConditions, loss: 0.2 });
      const scene = new BootstrapScene(network);
      await scene.start();
      for (let phase = 0; phase < 5 && !scene.isRegistered; phase += 1) {
        await network.run(milliseconds(20_000 + seed * 37));
        network.setConditionsAt('10.0.1.1', { loss: 1 });
        await network.run(milliseconds(30_000));
        scene.check();
        network.setConditionsAt('10.0.1.1', undefined);
      }
      await network.runUntil(() => scene.isRegistered, milliseconds(14_400_000));
      assert.equal(scene.check(), 'new');
      await network.run(milliseconds(300_000));
      const page = await scene.server?.registrations();
      assert.deepEqual(
        page?.registrations.map(({ endpointName: name, lifetime }) => [name, lifetime]),
        [[endpointName, 777]],
      );
    });
  });
});

/** How many datagrams to and from the Bootstrap-Server a bootstrap takes when nothing goes wrong. */
async function lengthOfUndisturbed(): Promise<number> {
  const network = new SimulatedNetwork(1);
  const scene = new BootstrapScene(network);
  await scene.start();
  let count = 0;
  using _watch = network.watch(({ from, to }) => {
    if (from.address === '10.0.0.2' || to.address === '10.0.0.2') count += 1;
  });
  await network.runUntil(() => scene.isRegistered, milliseconds(3_600_000));
  assert.equal(scene.check(), 'new');
  return count;
}
