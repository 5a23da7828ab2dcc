import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds, utf8Encode } from '@dunlin/base';
import { ContentFormat, formatCode, Method, type Response, ResponseCode } from '@dunlin/coap';
import { Device, pathOf } from '@dunlin/lwm2m';
import { type Device as ManagedDevice, ResponseError } from '@dunlin/server';

import { endpointName, serverAddress } from './support/places.ts';
import { RawDeviceWorld, registration } from './support/raw-device.ts';
import { hex, json, text, tlv } from './support/verdicts.ts';

/** Runs a case with a device of plain CoAP that is registered. */
async function registered(
  run: (world: RawDeviceWorld, device: ManagedDevice) => Promise<void>,
): Promise<void> {
  await using world = await RawDeviceWorld.open();
  assert.equal(formatCode((await world.register()).code), '2.01');
  await run(world, world.server.device(endpointName));
}

function content(contentFormat: number, payload: Uint8Array): Response {
  return { code: ResponseCode.content, contentFormat, payload };
}

/** The query of a Register in queue mode, as 1.0 writes it. */
const inQueueMode = [`ep=${endpointName}`, 'lt=86400', 'lwm2m=1.0', 'b=UQ'];

/** A battery level as TLV. */
function level(value: number): Response {
  return content(tlv, Uint8Array.of(0xc1, 9, value));
}

describe('Our server and a device of plain CoAP: registration', () => {
  it('1.0-int-101: answers a Register with 2.01 and a location, and knows what it said', async () => {
    await using world = await RawDeviceWorld.open();
    const response = await world.register();
    assert.equal(formatCode(response.code), '2.01');
    const known = await world.server.device(endpointName).registration();
    assert.deepEqual(response.locationPath, ['rd', known?.id]);
    assert.deepEqual([known?.lifetime, known?.bindingMode, known?.version], [86_400, 'U', '1.0']);
    assert.deepEqual([...(known?.objects.keys() ?? [])], [1, 3]);
  });

  it('1.0-int-102: answers an Update with 2.04, and drops the registration after the new lifetime', async () => {
    await using world = await RawDeviceWorld.open();
    const { locationPath = [] } = await world.register();
    const update = await world.send({ method: Method.post, uriPath: locationPath, uriQuery: ['lt=20'] });
    assert.equal(formatCode(update.code), '2.04');
    await world.pass(19);
    assert.equal((await world.server.device(endpointName).registration())?.lifetime, 20);
    await world.pass(3);
    assert.equal(await world.server.device(endpointName).registration(), undefined);
  });

  it('1.0-int-103: answers a De-register with 2.02, and forgets the device', async () => {
    await using world = await RawDeviceWorld.open();
    const { locationPath = [] } = await world.register();
    assert.equal(
      formatCode((await world.send({ method: Method.delete, uriPath: locationPath })).code),
      '2.02',
    );
    assert.equal(await world.server.device(endpointName).registration(), undefined);
  });

  it('1.0-int-104: executes the trigger, and counts the lifetime from the Update', async () => {
    await using world = await RawDeviceWorld.open();
    const { locationPath = [] } = await world.register([`ep=${endpointName}`, 'lt=20', 'lwm2m=1.0', 'b=U']);
    world.behaviour = () => ({ code: ResponseCode.changed });
    await world.pass(15);
    await world.settled(world.server.device(endpointName).execute('/1/0/8'));
    assert.equal(world.lastAsked.line, 'POST /1/0/8');
    assert.equal(formatCode((await world.send({ method: Method.post, uriPath: locationPath })).code), '2.04');
    await world.pass(15);
    assert.ok((await world.server.device(endpointName).registration()) !== undefined);
  });

  it('1.1-int-105: answers an Update of a forgotten registration with 4.04', async () => {
    await using world = await RawDeviceWorld.open();
    const { locationPath = [] } = await world.register();
    await world.server.deregister(endpointName);
    assert.equal(formatCode((await world.send({ method: Method.post, uriPath: locationPath })).code), '4.04');
  });

  it('1.0-int-241: lets a second Register take the place of the first (X-RD-2, R-313)', async () => {
    await registered(async (world, device) => {
      const before = await device.registration();
      world.behaviour = () => content(text, utf8Encode('Acme'));
      await world.settled(device.observe('/3/0/0').started());
      const again = await world.register();
      assert.equal(formatCode(again.code), '2.01');
      assert.notEqual((await device.registration())?.id, before?.id);
      assert.deepEqual(await device.observations(), [], 'its observations are void');
      world.notify(world.relations[0], content(text, utf8Encode('Acme 2')), false);
      await world.pass(1);
      assert.equal(world.ended.length, 1, 'a notification of the old time is rejected');
    });
  });

  it('1.1-int-108: takes a device for one in queue mode whose binding has a Q', async () => {
    await using world = await RawDeviceWorld.open();
    assert.equal(formatCode((await world.register(inQueueMode)).code), '2.01');
    const device = world.server.device(endpointName);
    assert.equal((await device.registration())?.bindingMode, 'UQ');
    assert.equal((await device.reachability())?.kind, 'awake');
    await world.pass(94);
    assert.equal((await device.reachability())?.kind, 'asleep');
  });

  it('1.1-int-109: asks a device in queue mode nothing while it sleeps, and what waits after its Update', async () => {
    await using world = await RawDeviceWorld.open();
    world.behaviour = ({ method }) =>
      method === Method.get ? content(tlv, hex('c1 01 f0')) : { code: ResponseCode.changed };
    const { locationPath = [] } = await world.register(inQueueMode);
    const device = world.server.device(endpointName);
    await world.settled(device.write('/1/0/1', 240));
    const asked = world.wire.from(serverAddress).length;
    await world.pass(120);
    const reading = device.read('/1/0/1');
    await world.pass(60);
    assert.equal(world.wire.from(serverAddress).length, asked, 'nothing leaves the server before the Update');
    await world.send({ method: Method.post, uriPath: locationPath });
    await world.settled(reading);
    assert.equal(world.wire.from(serverAddress).length, asked + 1);
    assert.equal(world.lastAsked.line, 'GET /1/0/1');
  });

  it('X-QM-1: asks one at a time, each after the response to the one before (R-802, R-805)', async () => {
    await using world = await RawDeviceWorld.open();
    world.behaviour = () => ({ code: ResponseCode.changed });
    const { locationPath = [] } = await world.register(inQueueMode);
    await world.pass(94);
    const { operations } = world.server.device(endpointName);
    for (const target of ['/3/0/4', '/3/0/5', '/3/0/12'])
      await operations.enqueue({ name: 'execute', target });
    await world.pass(600);
    assert.equal(world.wire.from(serverAddress).length, 0);
    await world.send({ method: Method.post, uriPath: locationPath });
    await world.pass(1);
    const exchanges = world.wire.from(serverAddress);
    assert.deepEqual(
      exchanges.map(({ line }) => line),
      ['POST /3/0/4', 'POST /3/0/5', 'POST /3/0/12'],
    );
    for (const [index, { responses }] of exchanges.entries()) {
      const next = exchanges[index + 1];
      assert.ok(next === undefined || (responses[0]?.at ?? Infinity) < next.at, `answer ${index}`);
    }
  });

  for (const [problem, query, code] of [
    ['without an endpoint name', ['lt=60', 'lwm2m=1.0'], '4.00'],
    ['without a lifetime', ['ep=a', 'lwm2m=1.0'], '4.00'],
    ['without a version', ['ep=a', 'lt=60'], '4.00'],
    ['of a lifetime that is no number', ['ep=a', 'lt=soon', 'lwm2m=1.0'], '4.00'],
    ['of a higher version', ['ep=a', 'lt=60', 'lwm2m=2.0'], '4.12'],
  ] as const) {
    it(`X-RD-1: refuses a Register ${problem} with ${code} (R-311, R-312)`, async () => {
      await using world = await RawDeviceWorld.open();
      assert.equal(formatCode((await world.register(query)).code), code);
      assert.equal(await world.server.registrationCount(), 0);
    });
  }

  it('X-RD-3: takes an alternate path, formats, versions in quotes and unknown attributes, and asks below the path', async () => {
    await using world = await RawDeviceWorld.open();
    const links =
      '</lwm2m>;rt="oma.lwm2m";ct=11543, </lwm2m/1/0>;obscure="x",</lwm2m/3/0>,</lwm2m/16>;ver="1.0",</lwm2m/16/0>';
    assert.equal(formatCode((await world.register(registration, links)).code), '2.01');
    const known = await world.server.device(endpointName).registration();
    assert.equal(known?.rootPath, '/lwm2m');
    assert.deepEqual([...known.objects.keys()], [1, 3, 16]);
    assert.ok(known.contentFormats.includes(json));
    world.behaviour = () => content(text, utf8Encode('Acme'));
    assert.equal(await world.settled(world.server.device(endpointName).read(Device.manufacturer)), 'Acme');
    assert.equal(world.lastAsked.line, 'GET /lwm2m/3/0/0');
  });
});

/** What the server must send for an operation (1.0 §8.2.5 Table 25). */
interface Expected {
  readonly line: string;
  readonly query?: readonly string[];
  readonly accept?: number;
  readonly contentFormat?: number;
  readonly payload?: Uint8Array;
}

const asked: readonly (readonly [
  name: string,
  ask: (device: ManagedDevice) => Promise<unknown>,
  answer: Response,
  expected: Expected,
])[] = [
  [
    '1.0-int-201: asks for plain text',
    (device) => device.read(Device.manufacturer, { format: text }),
    content(text, utf8Encode('Acme')),
    { line: 'GET /3/0/0', accept: text },
  ],
  [
    '1.0-int-203: asks for an instance as TLV',
    (device) => device.read('/3/0', { format: tlv }),
    content(tlv, hex('C1 10 55')),
    { line: 'GET /3/0', accept: tlv },
  ],
  [
    '1.0-int-204: asks for an instance as JSON',
    (device) => device.read('/3/0', { format: json }),
    content(json, utf8Encode('{"bn":"/3/0/","e":[{"n":"16","sv":"U"}]}')),
    { line: 'GET /3/0', accept: json },
  ],
  [
    '1.0-int-205: writes a Resource as plain text',
    (device) => device.write('/1/0/2', 101, { format: text }),
    { code: ResponseCode.changed },
    { line: 'PUT /1/0/2', contentFormat: text, payload: utf8Encode('101') },
  ],
  [
    '1.0-int-215: updates an instance by TLV',
    (device) =>
      device.write('/1/0', { 2: 101, 3: 1010, 5: 2000, 6: true, 7: 'U' }, { mode: 'update', format: tlv }),
    { code: ResponseCode.changed },
    {
      line: 'POST /1/0',
      contentFormat: tlv,
      payload: hex('C1 02 65 C2 03 03 F2 C2 05 07 D0 C1 06 01 C1 07 55'),
    },
  ],
  [
    '1.0-int-215: replaces an instance by TLV',
    (device) => device.write(pathOf(1, 0), { 1: 60 }, { format: tlv }),
    { code: ResponseCode.changed },
    { line: 'PUT /1/0', contentFormat: tlv, payload: hex('C1 01 3C') },
  ],
  [
    '1.0-int-241: executes without arguments',
    (device) => device.execute('/3/0/4'),
    { code: ResponseCode.changed },
    { line: 'POST /3/0/4', payload: new Uint8Array(0) },
  ],
  [
    'X-DM-2: executes with arguments (R-461)',
    (device) => device.execute('/3/0/4', "2='10.3',5"),
    { code: ResponseCode.changed },
    { line: 'POST /3/0/4', contentFormat: text, payload: utf8Encode("2='10.3',5") },
  ],
  [
    '1.0-int-260: discovers',
    (device) => device.discover('/3'),
    content(ContentFormat.linkFormat, utf8Encode('</3>,</3/0>;pmin=10;pmax=200,</3/0/1>')),
    { line: 'GET /3', accept: ContentFormat.linkFormat },
  ],
  [
    '1.0-int-260: writes attributes',
    (device) => device.writeAttributes('/3/0/7', { lt: 1, gt: 6, st: 1, pmin: seconds(10), pmax: null }),
    { code: ResponseCode.changed },
    { line: 'PUT /3/0/7', query: ['pmin=10', 'pmax', 'gt=6', 'lt=1', 'st=1'], payload: new Uint8Array(0) },
  ],
  [
    '1.0-int-270: creates an instance with an id',
    (device) =>
      device.create(
        '/16',
        {
          0: new Map([
            [0, 'Host Device ID #2'],
            [1, 'Host Device Model #2'],
          ]),
        },
        { objectInstanceId: 1, format: tlv },
      ),
    { code: ResponseCode.created },
    {
      line: 'POST /16',
      contentFormat: tlv,
      payload: Uint8Array.of(
        ...hex('08 01 2E 88 00 2B 48 00 11'),
        ...utf8Encode('Host Device ID #2'),
        ...hex('48 01 14'),
        ...utf8Encode('Host Device Model #2'),
      ),
    },
  ],
  [
    '1.0-int-290: deletes an instance',
    (device) => device.delete('/16/1'),
    { code: ResponseCode.deleted },
    { line: 'DELETE /16/1' },
  ],
];

describe('Our server and a device of plain CoAP: device management', () => {
  for (const [name, ask, answer, expected] of asked) {
    it(name, async () => {
      await registered(async (world, device) => {
        world.behaviour = () => answer;
        await world.settled(ask(device));
        const { line, query, accept, contentFormat, payload } = world.lastAsked;
        assert.equal(line, expected.line);
        assert.deepEqual(query.toSorted(), (expected.query ?? []).toSorted());
        assert.equal(accept, expected.accept);
        assert.equal(contentFormat, expected.contentFormat);
        if (expected.payload !== undefined) assert.deepEqual(payload, expected.payload);
      });
    });
  }

  it('1.0-int-680: reports a refusal with its code (int-685, 1.1-int-256)', async () => {
    await registered(async (world, device) => {
      world.behaviour = () => ({ code: ResponseCode.methodNotAllowed });
      for (const attempt of [
        device.create('/3', { 14: '+02:00' }, { objectInstanceId: 0 }),
        device.delete('/3/0'),
        device.write('/1/0/0', 123),
      ]) {
        const error = await world.settled(
          attempt.then(
            () => undefined,
            (reason: unknown) => reason,
          ),
        );
        assert.ok(error instanceof ResponseError);
        assert.deepEqual([error.coapCode, error.blame], ['4.05', 'caller']);
      }
    });
  });

  it('X-DM-5: decodes the Device Object of the enabler, wrapped in an instance or bare (R-1112)', async () => {
    const bare = hex(
      'C8 00 14 4F 70 65 6E 20 4D 6F 62 69 6C 65 20 41 6C 6C 69 61 6E 63 65 86 06 41 00 01 41 01 05 C1 09 64 83 0B 41 00 00 C4 0D 51 82 42 8F C1 10 55',
    );
    const wrapped = Uint8Array.of(...hex('08 00'), bare.length, ...bare);
    await registered(async (world, device) => {
      for (const payload of [bare, wrapped]) {
        world.behaviour = () => content(tlv, payload);
        const read = await world.settled(device.read('/3/0'));
        assert.ok(read.kind === 'object-instance');
        assert.deepEqual(read.resources.get(0), {
          kind: 'single',
          type: 'string',
          value: 'Open Mobile Alliance',
        });
        assert.deepEqual(read.resources.get(13), { kind: 'single', type: 'time', value: 1_367_491_215 });
        const sources = read.resources.get(6);
        assert.deepEqual(sources?.kind === 'multiple' ? [...sources.values] : undefined, [
          [0, 1],
          [1, 5],
        ]);
      }
    });
  });
});

describe('Our server and a device of plain CoAP: reporting', () => {
  it('1.0-int-301: observes with Observe 0, and tells the application each notification', async () => {
    await registered(async (world, device) => {
      world.behaviour = () => level(100);
      const observation = device.observe(Device.batteryLevel);
      assert.equal((await world.settled(observation.started())).value, 100);
      assert.deepEqual([world.lastAsked.line, world.lastAsked.observe], ['GET /3/0/9', 0]);
      for (const isConfirmable of [false, true]) {
        world.notify(world.relations[0], level(isConfirmable ? 98 : 99), isConfirmable);
        await world.pass(1);
      }
      const values: number[] = [];
      for (let count = 0; count < 3; count += 1) {
        const { value } = await world.settled(observation.next());
        assert.equal(value?.isFresh, true);
        values.push(Number(value.value));
      }
      assert.deepEqual(values, [100, 99, 98]);
    });
  });

  for (const isConfirmable of [false, true]) {
    const kind = isConfirmable ? 'confirmable' : 'non-confirmable';
    it(`1.0-int-302: cancels by a Reset to the next ${kind} notification`, async () => {
      await registered(async (world, device) => {
        world.behaviour = () => level(100);
        await world.settled(device.observe(Device.batteryLevel).started());
        await world.settled(device.cancelObservation(Device.batteryLevel, { way: 'passive' }));
        assert.deepEqual(world.wire.resets, [], 'nothing is sent until then');
        world.notify(world.relations[0], level(99), isConfirmable);
        await world.pass(1);
        assert.deepEqual(
          world.wire.resets.map(({ from }) => from),
          [serverAddress],
        );
        assert.equal(world.ended.length, 1);
      });
    });
  }

  it('1.0-int-303: cancels by GET with Observe 1 and the token of the observation', async () => {
    await registered(async (world, device) => {
      world.behaviour = () => level(100);
      const observation = device.observe(Device.batteryLevel);
      await world.settled(observation.started());
      const { token } = world.lastAsked;
      await world.settled(observation.return());
      await world.pass(1);
      assert.deepEqual(
        [world.lastAsked.line, world.lastAsked.observe, world.lastAsked.token],
        ['GET /3/0/9', 1, token],
      );
      assert.deepEqual(await device.observations(), []);
      assert.equal(world.ended.length, 1);
    });
  });
});
