import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, noBytes } from '@dunlin/base';
import { Method, ResponseCode } from '@dunlin/coap';
import { objectInstances, type PartTaker, type ValuePart } from '@dunlin/client';
import {
  defineObject,
  encodeContent,
  type MultipleInstanceObject,
  pathOf,
  type Refusal,
  refusal,
} from '@dunlin/lwm2m';

import { completeDevice } from '../support/reference-device.ts';
import { bytes, json, segments, tlv, watched, World } from '../support/world.ts';

const vault = {
  id: 26_250,
  name: 'Vault',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    blob: { id: 0, name: 'Blob', operations: 'W', isMultiple: false, isMandatory: true, type: 'opaque' },
    note: { id: 1, name: 'Note', operations: 'RW', isMultiple: false, isMandatory: false, type: 'string' },
  },
} as const;

/** An Object with a Resource that takes its value in parts. */
const Vault: MultipleInstanceObject<typeof vault> = defineObject(vault);

const opaque = 42;

/** What a device that takes everything has been given. */
class Sink {
  readonly parts: ValuePart[] = [];
  readonly whole: Uint8Array[] = [];
  /** What becomes of a part. */
  judge: (part: ValuePart) => ReturnType<PartTaker> = () => undefined;

  get value(): Uint8Array {
    let length = 0;
    const taken: Uint8Array[] = [];
    for (const { offset, bytes: part } of this.parts) {
      if (offset === 0) {
        taken.length = 0;
        length = 0;
      }
      assert.equal(offset, length);
      taken.push(part);
      length += part.length;
    }
    return concatBytes(taken);
  }

  async open(): Promise<World> {
    const takePart: PartTaker = (part) => {
      this.parts.push({ ...part, bytes: part.bytes.slice() });
      return this.judge(part);
    };
    const blob = { read: () => noBytes, write: (given: Uint8Array) => this.whole.push(given), takePart };
    return await World.registered({
      objects: [completeDevice(), objectInstances(Vault, { 0: { blob, note: '' } })],
    });
  }
}

const path = pathOf(26_250, 0, 0);

function value(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

function inTlv(length: number): Uint8Array {
  const resource = { kind: 'single', type: 'opaque', value: value(length) } as const;
  const payload = encodeContent(tlv, path, { kind: 'resource', resource });
  assert.ok(payload instanceof Uint8Array);
  return payload;
}

describe('a Write whose Resource takes its value in parts (1.0 §5.4.3, RFC 7959 §2.5)', () => {
  for (const [name, format, payload] of [
    ['opaque', opaque, value(20_000)],
    ['TLV', tlv, inTlv(20_000)],
    ['legacy opaque', 1544, value(20_000)],
    ['legacy TLV', 1542, inTlv(20_000)],
  ] as const) {
    test(`takes a value above the limit of request bodies: ${name}`, async () => {
      const sink = new Sink();
      const world = await sink.open();
      assert.equal((await world.put('/26250/0/0', format, payload)).code, '2.04');
      assert.deepEqual(sink.value, value(20_000));
      assert.equal(sink.parts[0]?.size, 20_000);
      for (const { origin } of sink.parts) assert.deepEqual(origin, { kind: 'server', shortServerId: 101 });
      assert.deepEqual([sink.parts[0]?.end, sink.parts.at(-1)?.end], ['more', 'complete']);
      assert.deepEqual(sink.whole, []);
    });
  }

  test('a value that fits a message is written as any other', async () => {
    const sink = new Sink();
    const world = await sink.open();
    assert.equal((await world.put('/26250/0/0', opaque, value(100))).code, '2.04');
    assert.deepEqual([sink.whole, sink.parts], [[value(100)], []]);
  });

  test('in JSON it is put together first', async () => {
    const sink = new Sink();
    const world = await sink.open();
    const text = `{"e":[{"n":"","sv":"${Buffer.from(value(3000)).toString('base64')}"}]}`;
    assert.equal((await world.put('/26250/0/0', json, bytes(text))).code, '2.04');
    assert.deepEqual([sink.whole, sink.parts], [[value(3000)], []]);
  });

  test('the device may take its time for each part; the Server waits', async () => {
    const sink = new Sink();
    const world = await sink.open();
    const waiting: (() => void)[] = [];
    sink.judge = () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      waiting.push(() => resolve(undefined));
      return promise;
    };
    const uriPath = segments('/26250/0/0');
    const request = { method: Method.put, uriPath, contentFormat: opaque, payload: value(3000) };
    const done = watched(world.server.send(request));
    for (const expected of [1, 2, 3]) {
      await world.until(() => waiting.length === expected);
      await world.pass(30);
      assert.equal(waiting.length, expected, 'no further part comes before this one is taken');
      waiting.at(-1)?.();
    }
    await world.until(() => done.value !== undefined);
    assert.ok(typeof done.value === 'object' && done.value.code === '2.04');
    assert.deepEqual(sink.value, value(3000));
  });

  test('a refusal of the device is the answer, and ends it', async () => {
    const full = refusal(ResponseCode.requestEntityTooLarge, 'there is no more room');
    const verdicts: readonly ((value: Refusal) => ReturnType<PartTaker>)[] = [
      (verdict) => verdict,
      (verdict) => Promise.resolve(verdict),
    ];
    for (const verdict of verdicts) {
      const sink = new Sink();
      const world = await sink.open();
      sink.judge = ({ offset }) => (offset > 2000 ? verdict(full) : undefined);
      const answer = await world.put('/26250/0/0', opaque, value(20_000));
      assert.deepEqual([answer.code, answer.text], ['4.13', 'there is no more room']);
      assert.equal(sink.parts.length, 3);
      assert.ok(world.diagnostics.some(({ kind }) => kind === 'request-refused'));
    }
  });

  test('what the device throws is 5.00 to the Server, and told to the device', async () => {
    for (const fail of [
      () => {
        throw new Error('worn out');
      },
      () => Promise.reject(new Error('worn out')),
    ]) {
      const sink = new Sink();
      const world = await sink.open();
      sink.judge = fail;
      const answer = await world.put('/26250/0/0', opaque, value(3000));
      assert.equal(answer.code, '5.00');
      assert.doesNotMatch(answer.text, /worn/);
      const told = world.diagnostics.find(({ kind }) => kind === 'device-error');
      assert.match(String(told?.kind === 'device-error' && told.error), /worn out/);
    }
  });

  const broken: readonly (readonly [
    name: string,
    format: number | undefined,
    payload: Uint8Array,
    code: string,
  ])[] = [
    ['without a Content-Format', undefined, value(3000), '4.00'],
    ['in a format that is none', 60, value(3000), '4.15'],
    ['in link format', 40, value(3000), '4.15'],
    [
      'in TLV that begins with something else',
      tlv,
      concatBytes([Uint8Array.of(0xc1, 5, 0), inTlv(3000)]),
      '4.00',
    ],
    ['in TLV after which something follows', tlv, concatBytes([inTlv(3000), Uint8Array.of(0)]), '4.00'],
    ['in TLV that is cut short', tlv, inTlv(3000).subarray(0, 2500), '4.00'],
  ];
  for (const [name, format, payload, code] of broken) {
    test(`answers ${code} to a value ${name}`, async () => {
      const sink = new Sink();
      const world = await sink.open();
      sink.judge = ({ end }) =>
        end === 'truncated' ? refusal(ResponseCode.badRequest, 'it is cut short') : undefined;
      assert.equal((await world.put('/26250/0/0', format, payload)).code, code);
      assert.notEqual(sink.parts.at(-1)?.end, 'complete');
    });
  }

  test('answers 4.04 where there is no such instance, and 4.05 to a POST that executes', async () => {
    const sink = new Sink();
    const world = await sink.open();
    assert.equal((await world.put('/26250/7/0', opaque, value(3000))).code, '4.04');
    const uriPath = segments('/26250/0/0');
    const answer = await world.send({
      method: Method.post,
      uriPath,
      contentFormat: opaque,
      payload: value(3000),
    });
    assert.equal(answer.code, '4.05');
    assert.deepEqual(sink.parts, []);
  });

  test('rights are checked for parts as for values (R-406)', async () => {
    const sink = new Sink();
    const takePart: PartTaker = () => assert.fail('nobody may write');
    const blob = { read: () => noBytes, takePart };
    const world = await World.registered({
      objects: [completeDevice(), objectInstances(Vault, { 0: { blob } })],
      accessPolicy: () => ({ read: true, write: false, execute: true, delete: true, create: true }),
    });
    assert.equal((await world.put('/26250/0/0', opaque, value(3000))).code, '4.01');
    assert.deepEqual(sink.parts, []);
  });

  test('a value begins anew when the Server does', async () => {
    const sink = new Sink();
    const world = await sink.open();
    sink.judge = ({ offset }) =>
      offset > 2000 && sink.parts.length < 5 ? refusal(ResponseCode.serviceUnavailable, 'busy') : undefined;
    assert.equal((await world.put('/26250/0/0', tlv, inTlv(9000))).code, '5.03');
    assert.equal((await world.put('/26250/0/0', tlv, inTlv(9000))).code, '2.04');
    assert.deepEqual(sink.value, value(9000));
  });

  test('the blocks of a Server that has not registered the device go nowhere (R-343)', async () => {
    const sink = new Sink();
    const world = await sink.open();
    world.server.script = () => undefined;
    world.client.restart();
    await world.pass(10);
    const outcome = await world.attempt({
      method: Method.put,
      uriPath: segments('/26250/0/0'),
      contentFormat: opaque,
      payload: value(3000),
    });
    assert.equal(outcome, 'no-answer');
    assert.deepEqual(sink.parts, []);
  });
});
