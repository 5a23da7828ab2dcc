import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseCode } from '@dunlin/coap';
import { Device, encodeContent, pathOf } from '@dunlin/lwm2m';
import { SimulatedNetwork } from '@dunlin/simulation';
import { LwM2mServer } from '@dunlin/server';
import { RawDevice } from './support/raw-device.ts';

test('a raw device registers and is read', async () => {
  const network = new SimulatedNetwork(1);
  await using server = await LwM2mServer.open({ listen: [network.binding('10.0.0.1', 5683)] });
  const device = await RawDevice.open(network, { address: '10.0.0.1', port: 5683 });
  device.behaviour = () => {
    const payload = encodeContent(11542, pathOf(3, 0, 0), {
      kind: 'resource',
      resource: { kind: 'single', type: 'string', value: 'Acme' },
    });
    assert(payload instanceof Uint8Array);
    return { code: ResponseCode.content, contentFormat: 11542, payload };
  };
  const location = await device.registered('node-1');
  console.log(location, await server.registrations());
  const reading = server.device('node-1').read(Device.manufacturer);
  await network.run(1000 as never);
  assert.equal(await reading, 'Acme');
});
