import assert from 'node:assert/strict';

import { type EnablerCase, runCases } from './support/cases.ts';
import {
  complete,
  deviceFacts,
  extended,
  minimal,
  portfolioConfiguration,
  powered,
  sampled,
} from './support/configurations.ts';
import type { EnablerWorld } from './support/enabler-world.ts';
import {
  expectCode,
  expectLink,
  expectValues,
  hex,
  instanceOf,
  instancesOf,
  json,
  linksOf,
  text,
  tlv,
  utf8,
  valueOf,
  type Values,
} from './support/verdicts.ts';

const deviceValues: Values = {
  0: deviceFacts.manufacturer,
  1: deviceFacts.modelNumber,
  2: deviceFacts.serialNumber,
  3: deviceFacts.firmwareVersion,
  11: { 0: 0 },
  16: 'U',
};

/** What 215, 220 and 551 write to `/1/0`. */
const serverValues: Values = { 2: 101, 3: 1010, 5: 2000, 6: true, 7: 'U' };

const opaque = 42;

/** Writes to `/1/0` with the payload, sees the values, writes back what was there, sees that. */
async function setAndRestore(
  world: EnablerWorld,
  format: number,
  payloads: readonly [Uint8Array, Uint8Array],
): Promise<void> {
  const [payload, restoring] = payloads;
  const saved = instanceOf(await world.read('/1/0', tlv));
  expectCode(await world.post('/1/0', format, payload), '2.04');
  expectValues(instanceOf(await world.read('/1/0', tlv)), serverValues);
  expectCode(await world.put('/1/0', format, restoring), '2.04');
  assert.deepEqual(instanceOf(await world.read('/1/0', tlv)), saved);
}

const cases: readonly EnablerCase[] = [
  {
    name: '1.0-int-201: reads Resources as plain text',
    configuration: minimal,
    run: async (world) => {
      for (const [path, value] of [
        ['/3/0/0', deviceFacts.manufacturer],
        ['/3/0/1', deviceFacts.modelNumber],
        ['/3/0/2', deviceFacts.serialNumber],
      ] as const) {
        const answer = await world.read(path, text);
        assert.equal(valueOf(answer), value);
        assert.deepEqual([answer.contentFormat, answer.text], [text, value]);
      }
    },
  },
  {
    name: '1.0-int-202: reads an opaque Resource as it is',
    configuration: sampled,
    run: async (world) => {
      const answer = await world.read('/26400/0/2', opaque);
      assert.deepEqual(valueOf(answer), Uint8Array.of(1, 2, 3));
      assert.deepEqual([answer.contentFormat, answer.payload], [opaque, Uint8Array.of(1, 2, 3)]);
    },
  },
  {
    name: '1.0-int-203: reads an instance as TLV',
    configuration: minimal,
    run: async (world) => {
      const answer = await world.read('/3/0', tlv);
      assert.equal(answer.contentFormat, tlv);
      expectValues(instanceOf(answer), deviceValues);
      assert.equal((answer.payload[0] ?? 0) >> 6, 3, 'Resource TLVs without a wrapper');
    },
  },
  {
    name: '1.0-int-204: reads an instance as JSON',
    configuration: minimal,
    run: async (world) => {
      const answer = await world.read('/3/0', json);
      assert.equal(answer.contentFormat, json);
      expectValues(instanceOf(answer), deviceValues);
      assert.equal(typeof JSON.parse(answer.text), 'object');
    },
  },
  {
    name: '1.0-int-205: sets Resources by plain text, and sets them back',
    configuration: extended,
    run: async (world) => {
      for (const values of [
        { 2: 101, 3: 1010, 5: 2000 },
        { 2: 1, 3: 10, 5: 86_400 },
      ]) {
        for (const [id, value] of Object.entries(values))
          expectCode(await world.put(`/1/0/${id}`, text, utf8(String(value))), '2.04');
        expectValues(instanceOf(await world.read('/1/0', tlv)), values);
      }
    },
  },
  {
    name: '1.0-int-210: writes an opaque Resource as it is',
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.put('/26400/0/2', opaque, Uint8Array.of(0, 255, 7)), '2.04');
      assert.deepEqual(valueOf(await world.read('/26400/0/2', opaque)), Uint8Array.of(0, 255, 7));
    },
  },
  {
    name: '1.0-int-215: updates an instance by TLV, and replaces it',
    configuration: extended,
    run: async (world) => {
      const set = hex('C1 02 65 C2 03 03 F2 C2 05 07 D0 C1 06 01 C1 07 55');
      const restore = hex('C4 01 00 01 51 80 C1 02 01 C1 03 0A C4 05 00 01 51 80 C1 06 00 C1 07 55');
      await setAndRestore(world, tlv, [set, restore]);
    },
  },
  {
    name: '1.0-int-220: updates an instance by JSON, and replaces it',
    configuration: extended,
    run: async (world) => {
      const set = {
        bn: '/1/0/',
        e: [
          { n: '2', v: 101 },
          { n: '3', v: 1010 },
          { n: '5', v: 2000 },
          { n: '6', bv: true },
          { n: '7', sv: 'U' },
        ],
      };
      const restore = {
        bn: '/1/0/',
        e: [
          { n: '1', v: 86_400 },
          { n: '2', v: 1 },
          { n: '3', v: 10 },
          { n: '5', v: 86_400 },
          { n: '6', bv: false },
          { n: '7', sv: 'U' },
        ],
      };
      await setAndRestore(world, json, [utf8(JSON.stringify(set)), utf8(JSON.stringify(restore))]);
    },
  },
  {
    name: '1.1-int-222: reads an Object with all its instances',
    configuration: minimal,
    run: async (world) => {
      const servers = instancesOf(await world.read('/1', tlv));
      assert.deepEqual(Object.keys(servers), ['0']);
      expectValues(servers[0] ?? {}, { 0: 1, 1: 86_400, 6: false, 7: 'U' });
      expectValues(instancesOf(await world.read('/3', tlv))[0] ?? {}, deviceValues);
    },
  },
  {
    name: '1.1-int-223: reads instances',
    configuration: minimal,
    run: async (world) => {
      expectValues(instanceOf(await world.read('/1/0')), { 0: 1, 1: 86_400, 6: false, 7: 'U' });
      expectValues(instanceOf(await world.read('/3/0')), deviceValues);
    },
  },
  {
    name: '1.1-int-224: reads Resources of every type that is there',
    configuration: minimal,
    run: async (world) => {
      assert.equal(valueOf(await world.read('/1/0/0')), 1);
      assert.equal(valueOf(await world.read('/1/0/1')), 86_400);
      assert.equal(valueOf(await world.read('/1/0/6')), false);
      assert.equal(valueOf(await world.read('/1/0/7')), 'U');
      assert.equal(valueOf(await world.read('/3/0/16')), 'U');
    },
  },
  {
    name: '1.1-int-226: updates some Resources of an instance in one message, and tells the new lifetime',
    configuration: minimal,
    run: async (world) => {
      const before = world.sent.length;
      expectCode(await world.post('/1/0', tlv, hex('C1 01 3D C1 06 01')), '2.04');
      const update = await world.nextRequest(before);
      assert.deepEqual(update.query, ['lt=61']);
      expectValues(instanceOf(await world.read('/1/0')), { 0: 1, 1: 61, 6: true, 7: 'U' });
    },
  },
  {
    name: '1.1-int-227: replaces the lifetime, and tells it',
    configuration: minimal,
    run: async (world) => {
      for (const lifetime of [63, 86_400]) {
        const before = world.sent.length;
        expectCode(await world.put('/1/0/1', text, utf8(String(lifetime))), '2.04');
        assert.deepEqual((await world.nextRequest(before)).query, [`lt=${lifetime}`]);
        assert.equal(valueOf(await world.read('/1/0/1')), lifetime);
      }
    },
  },
  {
    name: '1.1-int-237: reads Objects without Accept, in the format that the device likes',
    configuration: minimal,
    run: async (world) => {
      assert.equal(instancesOf(await world.read('/1'))[0]?.[1], 86_400);
      assert.equal(instancesOf(await world.read('/3'))[0]?.[0], deviceFacts.manufacturer);
    },
  },
  {
    name: '1.1-int-256: refuses to write a read-only Resource with 4.05 and keeps its value',
    configuration: minimal,
    run: async (world) => {
      expectCode(await world.put('/1/0/0', text, utf8('123')), '4.05');
      assert.equal(valueOf(await world.read('/1/0/0')), 1);
    },
  },
  {
    name: '1.0-int-260: discovers an Object, an instance and a Resource with their attributes',
    configuration: powered,
    run: async (world) => {
      const resources = [0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 16].map((id) => `/3/0/${id}`);
      const plain = linksOf(await world.discover('/3'));
      for (const target of ['/3', ...resources]) expectLink(plain, target, {});

      expectCode(await world.writeAttributes('/3/0', 'pmin=10', 'pmax=200'), '2.04');
      expectLink(linksOf(await world.discover('/3')), '/3/0', { pmin: '10', pmax: '200' });

      expectCode(await world.writeAttributes('/3/0/7', 'lt=1', 'gt=6', 'st=1'), '2.04');
      const instance = linksOf(await world.discover('/3/0'));
      expectLink(instance, '/3/0', { pmin: '10', pmax: '200' });
      expectLink(instance, '/3/0/7', { dim: '2', lt: '1', gt: '6', st: '1' });
      expectLink(instance, '/3/0/6', { dim: '2' });

      const resource = linksOf(await world.discover('/3/0/7'));
      assert.deepEqual(Object.keys(resource), ['/3/0/7']);
      expectLink(resource, '/3/0/7', { dim: '2', pmin: '10', pmax: '200', lt: '1', gt: '6', st: '1' });
    },
  },
  {
    name: '1.0-int-270: creates an instance with the id that the payload names (int-1630)',
    configuration: portfolioConfiguration,
    run: async (world) => {
      expectLink(linksOf(await world.discover('/16')), '/16/0/0', {});
      const created = await world.create(
        '/16',
        tlv,
        Uint8Array.of(
          ...hex('08 01 2E 88 00 2B 48 00 11'),
          ...utf8('Host Device ID #2'),
          ...hex('48 01 14'),
          ...utf8('Host Device Model #2'),
        ),
      );
      expectCode(created, '2.01');
      expectLink(linksOf(await world.discover('/16/1')), '/16/1/0', { dim: '2' });
      const instances = instancesOf(await world.read('/16', tlv));
      assert.deepEqual(instances, {
        0: {
          0: {
            0: 'Host Device ID #1',
            1: 'Host Device Manufacturer #1',
            2: 'Host Device Model #1',
            3: 'Host Device Software Version #1',
          },
        },
        1: { 0: { 0: 'Host Device ID #2', 1: 'Host Device Model #2' } },
      });
    },
  },
  {
    name: '1.0-int-271: creates Resource Instances by replacing a multiple Resource',
    configuration: portfolioConfiguration,
    run: async (world) => {
      expectCode(await world.put('/16/0/0', tlv, hex('86 00 41 02 61 41 05 62')), '2.04');
      assert.deepEqual(instanceOf(await world.read('/16/0', tlv))[0], { 2: 'a', 5: 'b' });
    },
  },
  {
    name: '1.0-int-290: deletes each instance, so that only the Object is left (int-1635)',
    configuration: portfolioConfiguration,
    run: async (world) => {
      const before = world.sent.length;
      expectCode(await world.delete('/16/0'), '2.02');
      assert.deepEqual(Object.keys(linksOf(await world.discover('/16'))), ['/16']);
      const update = await world.nextRequest(before);
      assert.match(update.text, /<\/16>(,|$)/, 'the Server is told');
      expectCode(await world.read('/16/0'), '4.04');
    },
  },
  {
    name: '1.0-int-651: updates the writable Resources of the Device Object, and restores them',
    configuration: complete,
    run: async (world) => {
      const saved = instanceOf(await world.read('/3/0', tlv));
      const set = hex(
        'C4 0D 51 82 42 8F C6 0E 2B 30 32 3A 30 30 C8 0F 0C 45 75 72 6F 70 65 2F 50 61 72 69 73',
      );
      expectCode(await world.post('/3/0', tlv, set), '2.04');
      const changed = instanceOf(await world.read('/3/0', tlv));
      assert.ok(
        Number(changed[13]) >= 1_367_491_215 && Number(changed[13]) < 1_367_491_300,
        'the clock runs on',
      );
      expectValues(changed, { 14: '+02:00', 15: 'Europe/Paris' });

      const clock = Number(saved[13]).toString(16).padStart(8, '0');
      const restore = Uint8Array.of(
        ...hex(`C4 0D ${clock} C6 0E`),
        ...utf8('+01:00'),
        ...hex('C8 0F 0D'),
        ...utf8('Europe/Berlin'),
      );
      expectCode(await world.put('/3/0', tlv, restore), '2.04');
      const restored = instanceOf(await world.read('/3/0', tlv));
      assert.ok(Math.abs(Number(restored[13]) - Number(saved[13])) < 60);
      assert.deepEqual({ ...restored, 13: 0 }, { ...saved, 13: 0 });
    },
  },
  {
    name: '1.0-int-652: reads the firmware version without Accept',
    configuration: complete,
    run: async (world) => {
      assert.equal(valueOf(await world.read('/3/0/3')), '1.0');
    },
  },
  {
    name: '1.0-int-680: refuses to create an instance of the Device Object with 4.05',
    configuration: minimal,
    run: async (world) => {
      expectCode(await world.create('/3', tlv, hex('C6 0E 2B 30 32 3A 30 30')), '4.05');
    },
  },
  {
    name: '1.0-int-685: refuses to delete the instance of the Device Object with 4.05',
    configuration: minimal,
    run: async (world) => {
      expectCode(await world.delete('/3/0'), '4.05');
      assert.equal(valueOf(await world.read('/3/0/16')), 'U');
    },
  },
];

runCases('Device management (int-201 to 290, 651 to 685)', cases);
