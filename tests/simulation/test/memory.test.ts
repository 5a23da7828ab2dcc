import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, seconds, seededRandom } from '@dunlin/base';
import { device, LwM2mClient } from '@dunlin/client';
import { Device } from '@dunlin/lwm2m';
import { LwM2mServer } from '@dunlin/server';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { objectBytes } from '../../support/object-bytes.ts';
import { EchoNode } from './support/echo-node.ts';

/** Bytes in use after `warmUp` rounds and again after `rounds` more. */
async function growthOver(
  warmUp: number,
  rounds: number,
  round: (index: number) => Promise<void> | void,
): Promise<number> {
  for (let index = 0; index < warmUp; index += 1) await round(index);
  const before = objectBytes();
  for (let index = 0; index < rounds; index += 1) await round(warmUp + index);
  return objectBytes() - before;
}

describe('memory over a long run', () => {
  it('of CoAP endpoints does not grow with the requests, bodies and observations that were', async () => {
    const random = seededRandom(1);
    const network = new SimulatedNetwork(1, roughConditions);
    const a = new EchoNode(network, 'a', random);
    const b = new EchoNode(network, 'b', random);
    await a.open('10.0.0.1', { behindNat: false, nstart: 1 });
    await b.open('10.0.0.2', { behindNat: false, nstart: 1 });
    const growth = await growthOver(15, 60, (index) => {
      for (let step = 0; step < 40; step += 1) {
        const [from, to] = step % 2 === 0 ? [a, b] : [b, a];
        const responseLength = step % 10 === 0 ? 3000 : 20;
        from.ask(to, index * 1000 + step, {
          isConfirmable: true,
          length: 10,
          responseLength,
          delay: 0,
          timeout: 0,
          blockSize: 0,
          reuseToken: false,
        });
        if (step % 8 === 0) from.watch(to, 0);
        from.count(0, step % 3 === 0);
        network.runSynchronously(milliseconds(3000));
      }
      network.runSynchronously(milliseconds(600_000));
      for (const node of [a, b]) {
        assert.deepEqual(node.violations, []);
        node.forgetAll();
        node.forgetRecords();
      }
    });
    assert.ok(growth < 300_000, `2,400 requests later there are ${growth} bytes more`);
  });

  it('of a server does not grow with the devices, operations and observations that were', async () => {
    const network = new SimulatedNetwork(1);
    await using server = await LwM2mServer.open({ listen: [network.binding('10.0.0.1', 5683)] });
    const growth = await growthOver(30, 120, async (index) => {
      const client = await LwM2mClient.open({
        // The same come again and again: a server remembers those that were.
        endpoint: `device-${index % 30}`,
        servers: [{ uri: 'coap://10.0.0.1', shortServerId: 1, lifetime: seconds(60) }],
        objects: [device({ manufacturer: 'Dunlin', batteryLevel: 1, onReboot: () => undefined })],
        binding: network.binding('10.0.0.2', 0),
      });
      await network.run(milliseconds(100));
      const handle = server.device(client.endpoint);
      const observation = handle.observe(Device.batteryLevel);
      const read = handle.read(Device.manufacturer);
      await network.run(milliseconds(100));
      assert.equal(await read, 'Dunlin');
      await observation.started();
      for (let level = 2; level < 20; level += 1) {
        client.set(Device.batteryLevel, level);
        await network.run(milliseconds(1000));
      }
      // One in two leaves without a word, and its registration expires.
      if (index % 2 === 0) {
        network.setConditionsAt('10.0.0.2', { loss: 1 });
        observation.next().catch(() => undefined);
      }
      const closed = client.close();
      await network.run(milliseconds(400_000));
      await closed;
      network.setConditionsAt('10.0.0.2', undefined);
      assert.equal(await server.registrationCount(), 0);
    });
    assert.ok(growth < 300_000, `120 devices later there are ${growth} bytes more`);
  });
});
