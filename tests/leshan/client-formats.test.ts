// A device on Leshan 1.5 is read, written and observed in each format that LwM2M 1.0 has.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { ContentFormat } from '@dunlin/coap';
import { type Content, coreDefinitions, ObjectDefinitionRegistry, type Value } from '@dunlin/lwm2m';
import { udp } from '@dunlin/node';
import { type Device, LwM2mServer, ResponseError } from '@dunlin/server';

import { everyType } from './support/every-type.ts';
import { LeshanProgram, skip } from './support/leshan-program.ts';

const { text, opaque, tlv, json } = ContentFormat;

/** Integers are those that JSON of Leshan has exactly: it writes them as floats. */
const singles: Readonly<Record<number, Value>> = {
  0: 'Grüße, 鳥',
  1: -(2 ** 53 - 1),
  2: -0.1,
  3: true,
  4: Uint8Array.of(0, 1, 255),
  5: 1_600_000_000,
  6: { objectId: 3, objectInstanceId: 0 },
};

describe('formats at a device on Leshan', { skip }, () => {
  let server: LwM2mServer;
  let program: LeshanProgram;
  let device: Device;

  before(async () => {
    const definitions = ObjectDefinitionRegistry.of([await everyType()], [coreDefinitions]);
    server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })], definitions });
    program = new LeshanProgram('Client', { endpoint: 'formats', server: server.local[0]?.uri ?? '' });
    await program.told(/^registered /);
    device = server.device('formats');
  });

  after(async () => {
    await program?.[Symbol.asyncDispose]();
    await server?.close();
  });

  const pathOf = (id: number | string): string => `/32800/0/${id}`;

  for (const [name, format] of Object.entries({ tlv, json, text })) {
    it(`takes and gives single values in ${name}, all types, and notifies in it (R-1100)`, async () => {
      for (const [id, value] of Object.entries(singles)) {
        await device.write(pathOf(id), value, { format });
        assert.deepEqual(valueOf(await device.read(pathOf(id), { format })), value, `${name} ${id}`);
      }
      await device.write(pathOf(21), 'hidden', { format });
      await using observation = device.observe(pathOf(20), { format });
      const notifications = observation[Symbol.asyncIterator]();
      await notifications.next();
      await program.ask('set', '/32800/0', `20=${format}.5`);
      const next = await notifications.next();
      assert.ok(next.done !== true);
      assert.equal(valueOf(next.value.value), format + 0.5);
    });
  }

  it('takes and gives bytes in opaque (1.0 §6.4.2)', async () => {
    const value = Uint8Array.of(255, 0, 127);
    await device.write(pathOf(4), value, { format: opaque });
    assert.deepEqual(valueOf(await device.read(pathOf(4), { format: opaque })), value);
  });

  it('rounds integers beyond 2^53 in json, and we refuse what is none of 64 bits then (R-1135)', async () => {
    const integers = new Map([[1, 2n ** 63n - 1n]]);
    await device.write(pathOf(11), integers, { format: tlv });
    assert.deepEqual(valueOf(await device.read(pathOf(11), { format: tlv })), integers);
    await assert.rejects(
      device.read(pathOf(11), { format: json }),
      /the value of \/32800\/0\/11\/1 of type integer is refused: it is outside/,
    );
    await device.write(pathOf(11), new Map([[1, 1]]), { format: tlv });
  });

  for (const [name, format] of Object.entries({ tlv, json })) {
    it(`takes and gives Multiple Resources, Object Instances and Objects in ${name} (R-442)`, async () => {
      const texts = new Map([
        [0, 'x'],
        [300, ''],
      ]);
      await device.write(pathOf(10), texts, { format });
      const links = new Map([[2, { objectId: 65_535, objectInstanceId: 65_535 }]]);
      await device.write(pathOf(16), links, { format });
      await device.write('/32800/0', { 1: 5, 2: 2.5 }, { format, mode: 'update' });
      const created = { 0: 'created', 10: texts, 16: links };
      await device.create('/32800', created, { format, objectInstanceId: format });
      const instance = await device.read(`/32800/${format}`, { format });
      assert.ok(instance.kind === 'object-instance');
      assert.deepEqual(
        new Map([...instance.resources].map(([id, resource]) => [id, contentsOf(resource)])),
        new Map(Object.entries(created).map(([id, value]) => [Number(id), value])),
      );
      const object = await device.read('/32800', { format });
      assert.ok(object.kind === 'object');
      assert.deepEqual(object.instances.get(format), instance.resources);
      const whole = await device.read('/32800/0', { format });
      assert.ok(whole.kind === 'object-instance');
      assert.deepEqual(object.instances.get(0), whole.resources);
      assert.deepEqual(
        [1, 2, 10].map((id) => contentsOf(whole.resources.get(id) ?? assert.fail())),
        [5, 2.5, texts],
      );
    });
  }

  it('refuses to give several values as text: with 5.00, where 4.06 is meant (1.0 §8.3)', async () => {
    for (const path of ['/32800/0/10', '/32800/0', '/32800']) {
      await assert.rejects(
        device.read(path, { format: text }),
        (error) => error instanceof ResponseError && error.coapCode === '5.00',
      );
    }
  });
});

function valueOf(content: Content): Value | ReadonlyMap<number, Value> {
  assert.ok(content.kind === 'resource');
  return contentsOf(content.resource);
}

function contentsOf(
  resource: Extract<Content, { readonly kind: 'resource' }>['resource'],
): Value | ReadonlyMap<number, Value> {
  return resource.kind === 'single' ? resource.value : resource.values;
}
