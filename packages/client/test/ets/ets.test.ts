// The cases of the OMA enabler test specification whose verdict is about the Client, with a scripted Server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  decodeContent,
  Device,
  isFormatFailure,
  parsePath,
  Server,
  type Value,
} from '@dunlin/lwm2m';
import type { ClientOptions } from '@dunlin/client';

import { completeDevice, Portfolio, portfolioObject } from '../support/reference-device.ts';
import type { Answer } from '../support/scripted-server.ts';
import { bytes, hex, json, lifetime, serverUri, text, tlv, World } from '../support/world.ts';

/** C.1 and C.3 in one: SRV-EXT and a complete device; configurations may have more than a case needs. */
const extended: Partial<ClientOptions> = {
  servers: [
    {
      uri: serverUri,
      shortServerId: 1,
      lifetime: lifetime(86_400),
      defaultMinimumPeriod: lifetime(1),
      defaultMaximumPeriod: lifetime(10),
      notificationStoring: false,
    },
  ],
  objects: [completeDevice(), portfolioObject()],
};
const open = () => World.registered(extended);

describe('ETS: registration', () => {
  test('int-101 Initial Registration', async () => {
    const world = await open();
    const [register] = world.server.received;
    assert.equal(register?.line, 'POST /rd');
    for (const part of ['ep=example-client', 'lt=86400', 'lwm2m=1.0', 'b=U']) {
      assert.ok(register?.request.uriQuery.includes(part), part);
    }
    assert.equal(register?.request.contentFormat, ContentFormat.linkFormat);
    assert.match(register?.payload ?? '', /<\/1\/0>.*<\/3\/0>/);
    assert.doesNotMatch(register?.payload ?? '', /<\/(0|21)[/>]/);
  });

  test('int-102 Registration Update', async () => {
    const world = await open();
    assert.equal((await world.put('/1/0/1', text, bytes('20'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    const [, update] = world.server.received;
    assert.deepEqual(
      [update?.line, update?.request.uriQuery, update?.payload],
      ['POST /rd/1', ['lt=20'], ''],
    );
    await world.until(() => world.server.lines.length === 3);
    const [, , refresh] = world.server.received;
    assert.deepEqual([refresh?.line, refresh?.request.uriQuery], ['POST /rd/1', []]);
    assert.ok((refresh?.at ?? 0) - (update?.at ?? 0) < 20_000);
  });

  test('int-103 Deregistration', async () => {
    const world = await open();
    assert.equal((await world.execute('/1/0/4')).code, '2.04');
    await world.until(() => world.server.lines.includes('DELETE /rd/1'));
  });

  test('int-104 Registration Update Trigger', async () => {
    const world = await World.registered({
      ...extended,
      servers: [{ uri: serverUri, shortServerId: 1, lifetime: lifetime(20) }],
    });
    await world.pass(5);
    assert.equal((await world.execute('/1/0/8')).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual([world.server.lines[1], world.server.received[1]?.request.uriQuery], ['POST /rd/1', []]);
    await world.pass(20);
    assert.equal(world.client.servers[0]?.location, '/rd/1');
    assert.equal(world.server.lines.filter((line) => line === 'POST /rd').length, 1);
  });

  test('int-105 Discarded register update', async () => {
    const world = await open();
    const accept = world.server.script;
    world.server.script = (received) => (received.line === 'POST /rd/1' ? { code: 0x84 } : accept(received));
    world.client.update();
    await world.until(() => world.server.lines.length === 3);
    assert.deepEqual(world.server.lines, ['POST /rd', 'POST /rd/1', 'POST /rd']);
  });

  test('int-107 Extending the lifetime of a registration', async () => {
    const world = await World.registered({
      ...extended,
      servers: [{ uri: serverUri, shortServerId: 1, lifetime: lifetime(60) }],
    });
    assert.equal((await world.put('/1/0/1', text, bytes('120'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, ['lt=120']);
    const told = world.server.received[1]?.at ?? 0;
    await world.until(() => world.server.lines.length === 3);
    assert.ok((world.server.received[2]?.at ?? 0) - told < 120_000);
  });
});

describe('ETS: device management', () => {
  test('int-201 Querying basic information in plain text', async () => {
    const world = await open();
    for (const [path, value] of [
      ['/3/0/0', 'Open Mobile Alliance'],
      ['/3/0/1', 'Lightweight M2M Client'],
      ['/3/0/2', '345000123'],
    ] as const) {
      const answer = await world.read(path, text);
      assert.deepEqual([answer.code, answer.contentFormat, answer.text], ['2.05', text, value]);
    }
  });

  test('int-203 Querying basic information in TLV', async () => {
    const answer = await (await open()).read('/3/0', tlv);
    assert.deepEqual([answer.code, answer.contentFormat], ['2.05', tlv]);
    assertBasicInformation(valuesOf(answer, '/3/0'));
  });

  test('int-204 Querying basic information in JSON', async () => {
    const answer = await (await open()).read('/3/0', json);
    assert.deepEqual([answer.code, answer.contentFormat], ['2.05', json]);
    assertBasicInformation(valuesOf(answer, '/3/0'));
  });

  test('int-205 Setting basic information in plain text', async () => {
    const world = await open();
    const set = async (values: readonly string[]) => {
      for (const [index, path] of ['/1/0/2', '/1/0/3', '/1/0/5'].entries()) {
        assert.equal((await world.put(path, text, bytes(values[index] ?? ''))).code, '2.04', path);
      }
    };
    await set(['0101', '1010', '2000']);
    const values = valuesOf(await world.read('/1/0', tlv), '/1/0');
    assert.deepEqual([values.get(2), values.get(3), values.get(5)], [101, 1010, 2000]);
    await set(['1', '10', '86400']);
    const restored = valuesOf(await world.read('/1/0', tlv), '/1/0');
    assert.deepEqual([restored.get(2), restored.get(3), restored.get(5)], [1, 10, 86_400]);
  });

  test('int-215 Setting basic information in TLV', async () => {
    const world = await open();
    const payload = hex('C1 02 65 C2 03 03 F2 C2 05 07 D0 C1 06 01 C1 07 55');
    assert.equal((await world.post('/1/0', tlv, payload)).code, '2.04');
    assertWritten(valuesOf(await world.read('/1/0', tlv), '/1/0'));
    // Lifetime 86400, periods 1 and 10, timeout 86400, storing off, binding U: all but the read-only Resource 0.
    const saved = hex('C4 01 00015180 C1 02 01 C1 03 0A C4 05 00015180 C1 06 00 C1 07 55');
    assert.equal((await world.put('/1/0', tlv, saved)).code, '2.04');
    const values = valuesOf(await world.read('/1/0', tlv), '/1/0');
    assert.deepEqual(
      [...values],
      [
        [0, 1],
        [1, 86_400],
        [2, 1],
        [3, 10],
        [5, 86_400],
        [6, false],
        [7, 'U'],
      ],
    );
  });

  test('int-220 Setting basic information in JSON', async () => {
    const world = await open();
    const payload =
      '{"bn":"/1/0/","e":[{"n":"2","v":101},{"n":"3","v":1010},{"n":"5","v":2000},{"n":"6","bv":true},{"n":"7","sv":"U"}]}';
    assert.equal((await world.post('/1/0', json, bytes(payload))).code, '2.04');
    assertWritten(valuesOf(await world.read('/1/0', json), '/1/0'));
  });

  test('int-221 Attempt to perform operations on Security', async () => {
    const world = await open();
    assert.equal((await world.read('/0')).code, '4.01');
    assert.equal((await world.put('/0/0/0', text, bytes('coap://x'))).code, '4.01');
    assert.equal((await world.writeAttributes('/0', 'pmin=30', 'pmax=45')).code, '4.01');
  });

  test('int-222 to int-224 Read of Object, Object Instance and Resource', async () => {
    const world = await open();
    for (const path of ['/1', '/3', '/1/0', '/3/0', '/1/0/0', '/1/0/1', '/1/0/6', '/1/0/7', '/3/0/16']) {
      assert.equal((await world.read(path)).code, '2.05', path);
    }
  });

  test('int-226 Write (Partial Update) on Object Instance', async () => {
    const world = await open();
    assert.equal((await world.post('/1/0', tlv, hex('C1 01 3D C1 06 01'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, ['lt=61']);
    assert.equal(world.client.get(Server(0).notificationStoringWhenDisabledOrOffline), true);
  });

  test('int-227 Write (Replace) on Resource', async () => {
    const world = await open();
    assert.equal((await world.put('/1/0/1', text, bytes('63'))).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriQuery, ['lt=63']);
    assert.equal((await world.read('/1/0/1', text)).text, '63');
  });

  test('int-241 Executable Resource: rebooting the device', async () => {
    const world: World = await World.registered({
      ...extended,
      objects: [completeDevice({ onReboot: () => world.client.restart() })],
    });
    assert.equal((await world.execute('/3/0/4')).code, '2.04');
    await world.until(() => world.server.lines.length === 2);
    assert.equal(world.server.lines[1], 'POST /rd');
  });

  test('int-256 Write operation failure', async () => {
    const world = await open();
    assert.equal((await world.put('/1/0/0', text, bytes('123'))).code, '4.05');
    assert.equal((await world.read('/1/0/0', text)).text, '1');
  });

  test('int-260 Discover command', async () => {
    const world = await open();
    const links = async (path: string) => (await world.discover(path)).text.split(',');
    const first = await links('/3');
    for (const link of [
      '</3>',
      '</3/0/1>',
      '</3/0/2>',
      '</3/0/3>',
      '</3/0/4>',
      '</3/0/6>;dim=2',
      '</3/0/7>;dim=2',
      '</3/0/8>;dim=2',
      '</3/0/9>',
      '</3/0/11>;dim=1',
      '</3/0/16>',
    ]) {
      assert.ok(first.includes(link), link);
    }
    assert.equal((await world.writeAttributes('/3/0', 'pmin=10', 'pmax=200')).code, '2.04');
    assert.ok((await links('/3')).includes('</3/0>;pmin=10;pmax=200'));
    assert.equal((await world.writeAttributes('/3/0/7', 'lt=1', 'gt=6', 'st=1')).code, '2.04');
    assert.ok((await links('/3/0')).includes('</3/0/7>;dim=2;gt=6;lt=1;st=1'));
    assert.deepEqual(await links('/3/0/7'), ['</3/0/7>;dim=2;pmin=10;pmax=200;gt=6;lt=1;st=1']);
  });
});

/** Observes /3/0/7 (pmin 5, pmax 15) and /3/0/8 (pmin 10, pmax 20) while both change each second. */
const reporting = async (seconds: number) => {
  const world = await open();
  assert.equal((await world.read('/3/0/6')).code, '2.05');
  assert.equal((await world.writeAttributes('/3/0/7', 'pmin=5', 'pmax=15')).code, '2.04');
  assert.equal((await world.writeAttributes('/3/0/8', 'pmin=10', 'pmax=20')).code, '2.04');
  const voltage = await world.observe('/3/0/7');
  const current = await world.observe('/3/0/8');
  const vary = async (count: number) => {
    for (let step = 0; step < count; step += 1) {
      world.client.set(
        Device.powerSourceVoltage,
        new Map([
          [0, 3800 + step],
          [1, 5000],
        ]),
      );
      world.client.set(
        Device.powerSourceCurrent,
        new Map([
          [0, 125 + step],
          [1, 900],
        ]),
      );
      await world.pass(1);
    }
  };
  await vary(seconds);
  return { world, voltage, current, vary };
};

describe('ETS: information reporting', () => {
  test('int-301 Observation and Notification of parameter values', async () => {
    const { world, voltage, current } = await reporting(41);
    await world.pass(60);
    for (const [watch, pmin, pmax] of [
      [voltage, 5, 15],
      [current, 10, 20],
    ] as const) {
      const times = world.times(watch);
      assert.ok(times.length >= 6);
      for (const [index, time] of times.slice(1).entries()) {
        const gap = time - (times[index] ?? 0);
        assert.ok(gap >= pmin - 0.1 && gap <= pmax + 1, `${gap}`);
      }
    }
  });

  test('int-302 Cancel Observations using the Reset message', async () => {
    const { world, voltage, current, vary } = await reporting(16);
    world.server.cancel(voltage, 'passive');
    await vary(16);
    const [before, others] = [voltage.notifications.length, current.notifications.length];
    await vary(30);
    assert.equal(voltage.notifications.length, before);
    assert.ok(current.notifications.length > others);
    world.server.cancel(current, 'passive');
    await vary(30);
    assert.equal(world.client.sizes.observations, 0);
  });

  test('int-303 Cancel observations using Observe with Cancel parameter', async () => {
    const { world, voltage, current, vary } = await reporting(16);
    for (const watch of [voltage, current]) {
      world.server.cancel(watch, 'active');
      await world.until(() => watch.ended !== undefined);
      assert.deepEqual([watch.ended?.code, watch.ended?.hasObserve], ['2.05', false]);
    }
    const counts = [voltage.notifications.length, current.notifications.length];
    await vary(40);
    assert.deepEqual([voltage.notifications.length, current.notifications.length], counts);
  });
});

describe('ETS: objects', () => {
  test('int-651 Setting Device Object Resources', async () => {
    const world = await open();
    const payload = hex(
      'C4 0D 51 82 42 8F C6 0E 2B 30 32 3A 30 30 C8 0F 0C 45 75 72 6F 70 65 2F 50 61 72 69 73',
    );
    assert.equal((await world.post('/3/0', tlv, payload)).code, '2.04');
    const values = valuesOf(await world.read('/3/0', tlv), '/3/0');
    assert.ok(Number(values.get(13)) >= 1_367_491_215);
    assert.deepEqual([values.get(14), values.get(15)], ['+02:00', 'Europe/Paris']);
    const saved = hex('C4 0D 52 82 42 8F C6 0E 2B 30 31 3A 30 30 C3 0F 55 54 43');
    assert.equal((await world.put('/3/0', tlv, saved)).code, '2.04');
    const restored = valuesOf(await world.read('/3/0', tlv), '/3/0');
    assert.deepEqual([restored.get(14), restored.get(15)], ['+01:00', 'UTC']);
  });

  test('int-652 Querying Firmware version', async () => {
    const answer = await (await open()).read('/3/0/3');
    assert.equal(answer.code, '2.05');
    assert.deepEqual(answer.payload, hex('C3 03 31 2E 30'));
  });

  test('int-680 Creation of the Device Object Instance', async () => {
    assert.equal((await (await open()).post('/3', tlv, hex('C1 00 41'))).code, '4.05');
  });

  test('int-685 Deletion of the Device Object Instance', async () => {
    assert.equal((await (await open()).delete('/3/0')).code, '4.05');
  });

  test('int-1630 Create Portfolio Object Instance', async () => {
    const world = await open();
    assert.match((await world.discover('/16')).text, /<\/16\/0\/0>;dim=4/);
    const identities =
      '48 00 11 486F737420446576696365204944202332 48 01 14 486F737420446576696365204D6F64656C202332';
    const created = await world.post('/16', tlv, hex(`08 01 2E 88 00 2B ${identities}`));
    assert.deepEqual([created.code, created.location], ['2.01', '/16/1']);
    assert.match((await world.discover('/16/1')).text, /<\/16\/1\/0>;dim=2/);
    const answer = await world.read('/16', tlv);
    assert.equal(answer.code, '2.05');
    assert.deepEqual(
      [...(world.client.get(Portfolio(1).identity) ?? [])],
      [
        [0, 'Host Device ID #2'],
        [1, 'Host Device Model #2'],
      ],
    );
    assert.equal(world.client.get(Portfolio(0).identity)?.size, 4);
  });

  test('int-1635 Delete Portfolio Object Instance', async () => {
    const world = await open();
    assert.equal((await world.delete('/16/0')).code, '2.02');
    assert.equal((await world.discover('/16')).text, '</16>');
  });
});

function valuesOf({ payload, contentFormat }: Answer, path: string): ReadonlyMap<number, Value> {
  const parsed = parsePath(path);
  assert.ok(parsed?.kind === 'object-instance');
  const definition = parsed.objectId === 1 ? Server.definition : Device.definition;
  const content: Content | { kind: 'failure' } = decodeContent(
    contentFormat ?? -1,
    parsed,
    payload,
    definition,
  );
  assert.ok(!isFormatFailure(content) && content.kind === 'object-instance');
  const values = new Map<number, Value>();
  for (const [id, resource] of content.resources) {
    if (resource.kind === 'single') values.set(id, resource.value);
  }
  return values;
}

function assertBasicInformation(values: ReadonlyMap<number, Value>): void {
  assert.deepEqual(
    [0, 1, 2, 3, 16].map((id) => values.get(id)),
    ['Open Mobile Alliance', 'Lightweight M2M Client', '345000123', '1.0', 'U'],
  );
}

function assertWritten(values: ReadonlyMap<number, Value>): void {
  assert.deepEqual(
    [2, 3, 5, 6, 7].map((id) => values.get(id)),
    [101, 1010, 2000, true, 'U'],
  );
}
