import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { device, LwM2mClient } from '@dunlin/client';
import { Device } from '@dunlin/lwm2m';
import { LwM2mServer, MemoryRegistrationStore, type RegistrationStore } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

interface World extends AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly server: LwM2mServer;
  readonly client: LwM2mClient;
}

async function registered(
  network: SimulatedNetwork = new SimulatedNetwork(1),
  store: RegistrationStore = new MemoryRegistrationStore(),
): Promise<World> {
  const server = await LwM2mServer.open({ listen: [network.binding('10.0.0.1', 5683)], store });
  const client = await LwM2mClient.open({
    endpoint: 'device',
    servers: [{ uri: 'coap://10.0.0.1', shortServerId: 1 }],
    objects: [device({ manufacturer: 'Dunlin', onReboot: () => undefined })],
    binding: network.binding('10.0.0.2', 0),
  });
  await network.runUntil(() => client.servers[0]?.location !== undefined, milliseconds(5000));
  return { network, server, client, [Symbol.asyncDispose]: () => server.close() };
}

/** Lets time pass until the promise settles; throws when it does not within the time given. */
async function settles(network: SimulatedNetwork, promise: Promise<unknown>, limit: number): Promise<string> {
  let outcome: string | undefined;
  const follow = async (): Promise<void> => {
    try {
      await promise;
      outcome = 'fulfilled';
    } catch (error) {
      outcome = error instanceof Error ? error.message : String(error);
    }
  };
  const followed = follow();
  await network.runUntil(() => outcome !== undefined, milliseconds(limit));
  await followed;
  return outcome ?? 'never';
}

describe('closing a server', () => {
  it('settles an active cancellation that is under way', async () => {
    await using world = await registered();
    const { network, server } = world;
    const handle = server.device('device');
    const observation = handle.observe(Device.manufacturer);
    await settles(network, observation.started(), 5000);
    network.setConditions({ loss: 1 });
    const cancelled = handle.cancelObservation(Device.manufacturer);
    await network.run(milliseconds(100));
    const outcome = settles(network, cancelled, 1000);
    await server.close();
    assert.match(await outcome, /closed/);
  });

  it('settles requests and beginning observations that are under way', async () => {
    await using world = await registered();
    const { network, server } = world;
    const handle = server.device('device');
    network.setConditions({ loss: 1 });
    const read = handle.read(Device.manufacturer);
    const observation = handle.observe(Device.manufacturer);
    await network.run(milliseconds(100));
    const outcomes = Promise.all([
      settles(network, read, 1000),
      settles(network, observation.started(), 1000),
    ]);
    await server.close();
    for (const outcome of await outcomes) assert.match(outcome, /closed/);
  });

  it('settles what was asked while the store had not answered yet', async () => {
    const network = new SimulatedNetwork(1);
    const answers: (() => void)[] = [];
    let isSlow = false;
    const store = new Proxy(new MemoryRegistrationStore(), {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, args);
          if (!isSlow || property === Symbol.asyncDispose) return result;
          return new Promise((resolve) => answers.push(() => resolve(result)));
        };
      },
    });
    await using world = await registered(network, store);
    const { server } = world;
    isSlow = true;
    const read = server.device('device').read(Device.manufacturer);
    const observation = server.device('device').observe(Device.manufacturer);
    await network.run(milliseconds(10));
    const outcomes = Promise.all([
      settles(network, read, 200_000),
      settles(network, observation.started(), 200_000),
    ]);
    await server.close();
    while (answers.length > 0) {
      for (const answer of answers.splice(0)) answer();
      await network.run(milliseconds(10));
    }
    for (const outcome of await outcomes) assert.match(outcome, /closed/);
  });
});
