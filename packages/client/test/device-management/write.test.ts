import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noBytes } from '@dunlin/base';
import { ContentFormat, Method, ResponseCode } from '@dunlin/coap';
import { type Content, encodeContent, isFormatFailure, parsePath, refusal, type Value } from '@dunlin/lwm2m';

import { objectInstances } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Portfolio, portfolioObject, Probe } from '../support/reference-device.ts';
import { bytes, hex, json, segments, text, tlv, World } from '../support/world.ts';

const open = (probe = probeObject()) =>
  World.registered({ objects: [completeDevice(), probe, portfolioObject()] });

describe('Write of a Resource (1.0 §5.4.3)', () => {
  test('a value in plain text, opaque, TLV and JSON (R-442)', async () => {
    const world = await open();
    const value = () => world.client.get(Probe(0).blob);
    assert.equal((await world.put('/26241/0/9', text, bytes('AQI='))).code, '2.04');
    assert.deepEqual(value(), hex('0102'));
    assert.equal((await world.put('/26241/0/9', ContentFormat.opaque, hex('0a0b'))).code, '2.04');
    assert.deepEqual(value(), hex('0a0b'));
    assert.equal((await world.put('/26241/0/9', tlv, hex('c3090c0d0e'))).code, '2.04');
    assert.deepEqual(value(), hex('0c0d0e'));
    const document = bytes('{"bn":"/26241/0/9","e":[{"sv":"Dw=="}]}');
    assert.equal((await world.put('/26241/0/9', json, document)).code, '2.04');
    assert.deepEqual(value(), hex('0f'));
  });

  test('a Multiple Resource is replaced as a whole array (R-440)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/5', tlv, hex('83 05 41 07 01'))).code, '2.04');
    assert.deepEqual(world.client.get(Probe(0).flags), new Map([[7, true]]));
  });

  test('bare Resource Instances are accepted for a Multiple Resource (R-447)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/5', tlv, hex('41 03 01'))).code, '2.04');
    assert.deepEqual(world.client.get(Probe(0).flags), new Map([[3, true]]));
  });

  test('a Multiple Resource takes no plain text: 4.15 (R-442)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/5', text, bytes('1'))).code, '4.15');
  });

  test('another Resource in the payload is 4.00 (R-447)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/6', tlv, hex('c1 07 05'))).code, '4.00');
    assert.equal(
      (await world.put('/26241/0/6', tlv, hex('86 06 41 00 01 41 01 02'))).code,
      '4.00',
      'an array for a single one',
    );
    assert.equal(
      (await world.put('/26241/0/5', tlv, hex('c1 05 01'))).code,
      '4.00',
      'a single one for an array',
    );
    assert.equal(world.client.get(Probe(0).limit), 50);
  });

  test('an optional Resource that is supported comes into being (R-446)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/3/1', text, bytes('new'))).code, '2.04');
    assert.equal((await world.read('/26241/3/1', text)).text, 'new');
  });

  test('an optional Resource that the device does not support is 4.04 (R-446)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/8', text, bytes('1'))).code, '4.04');
  });

  test('a read-only Resource is 4.05, and keeps its value (R-449)', async () => {
    const world = await open();
    assert.equal((await world.put('/1/0/0', text, bytes('123'))).code, '4.05');
    assert.equal((await world.read('/1/0/0', text)).text, '101');
  });

  for (const [name, path, format, payload] of [
    ['a value outside of the range: too large', '/26241/0/6', text, '101'],
    ['a value outside of the range: negative', '/26241/0/6', text, '-1'],
    ['a text that is too long', '/26241/0/1', text, 'ninechars'],
    ['a text where an integer belongs', '/26241/0/6', text, 'five'],
    ['an empty text where an integer belongs', '/26241/0/6', text, ''],
    ['a fraction where an integer belongs', '/26241/0/6', text, '1.5'],
    ['no Base64', '/26241/0/9', text, '***'],
    ['no link', '/26241/0/7', text, '1-2'],
    ['a JSON that ends early', '/26241/0/6', json, '{"e":[{"v":1'],
    ['a TLV that ends early', '/26241/0/6', tlv, '\u00c1'],
  ] as const) {
    test(`a payload that does not fit is 4.00 and changes nothing: ${name} (R-135)`, async () => {
      const world = await open();
      const before = (await world.read('/26241')).payload;
      assert.equal((await world.put(path, format, bytes(payload))).code, '4.00');
      assert.deepEqual((await world.read('/26241')).payload, before);
    });
  }

  test('X-DM-5: a truncated TLV is 4.00', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0', tlv, hex('c8 00 08 40'))).code, '4.00');
  });

  test('PUT on a Resource with a payload and no Content-Format is 4.00, not a Write-Attributes (R-402)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/1', undefined, bytes('x'))).code, '4.00');
    assert.equal(world.client.get(Probe(0).label), 'probe');
  });

  test('a zero-length text is a value (R-1136)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0/1', text, noBytes)).code, '2.04');
    assert.equal(world.client.get(Probe(0).label), '');
  });

  test('a large value comes in blocks', async () => {
    const world = await open();
    const image = new Uint8Array(5000).fill(7);
    assert.equal((await world.put('/26241/0/9', ContentFormat.opaque, image)).code, '2.04');
    assert.deepEqual(world.client.get(Probe(0).blob), image);
  });
});

describe('Write of an Object Instance (1.0 §5.4.3)', () => {
  test('a partial update changes what it names and keeps the rest (R-441)', async () => {
    const world = await open();
    const payload = encoded('/26241/0', [
      [1, 'string', 'new'],
      [6, 'integer', 60],
    ]);
    assert.equal((await world.post('/26241/0', tlv, payload)).code, '2.04');
    assert.deepEqual([world.client.get(Probe(0).label), world.client.get(Probe(0).limit)], ['new', 60]);
    assert.equal(world.client.get(Probe(0).level), 20.5);
  });

  test('a partial update of a Multiple Resource adds and replaces the Resource Instances it names (R-441, R-107)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241/0', tlv, hex('86 05 41 01 01 41 04 01'))).code, '2.04');
    assert.deepEqual(
      world.client.get(Probe(0).flags),
      new Map([
        [0, true],
        [1, true],
        [4, true],
      ]),
    );
  });

  test('a Replace removes writable Resources that it leaves out, and keeps what only the device sets (R-440)', async () => {
    const world = await open();
    const payload = encoded('/26241/0', [
      [0, 'float', 1.5],
      [6, 'integer', 60],
    ]);
    assert.equal((await world.put('/26241/0', tlv, payload)).code, '2.04');
    assert.equal(world.client.get(Probe(0).level), 1.5);
    assert.equal(world.client.get(Probe(0).label), undefined);
    assert.equal(world.client.get(Probe(0).flags), undefined);
    assert.equal(world.client.get(Probe(0).count), 7);
    assert.equal((await world.execute('/26241/0/4')).code, '2.04');
  });

  test('a Replace replaces the whole array of a Multiple Resource (R-440)', async () => {
    const world = await open();
    assert.equal((await world.put('/26241/0', tlv, hex('c4003f800000 8305410901'))).code, '2.04');
    assert.deepEqual(world.client.get(Probe(0).flags), new Map([[9, true]]));
  });

  test('a Replace without a mandatory writable Resource is 4.00 and changes nothing (R-440)', async () => {
    const world = await open();
    assert.equal(
      (await world.put('/26241/0', tlv, encoded('/26241/0', [[1, 'string', 'new']]))).code,
      '4.00',
    );
    assert.equal(world.client.get(Probe(0).label), 'probe');
  });

  test('X-DM-3: an instance Write with one read-only Resource changes nothing, 4.05 (R-443)', async () => {
    const world = await open();
    const payload = encoded('/26241/0', [
      [1, 'string', 'new'],
      [2, 'integer', 8],
    ]);
    assert.equal((await world.post('/26241/0', tlv, payload)).code, '4.05');
    assert.equal((await world.put('/26241/0', tlv, payload)).code, '4.05');
    assert.equal(world.client.get(Probe(0).label), 'probe');
  });

  test('one value out of range refuses the whole Write (R-444)', async () => {
    const world = await open();
    const payload = encoded('/26241/0', [
      [1, 'string', 'new'],
      [6, 'integer', 500],
    ]);
    assert.equal((await world.post('/26241/0', tlv, payload)).code, '4.00');
    assert.equal(world.client.get(Probe(0).label), 'probe');
  });

  test('Resources that are unknown or not supported are ignored (R-445)', async () => {
    const world = await open();
    const payload = hex('c1 63 05 c1 08 05 c3 01 6e6577');
    assert.equal((await world.post('/26241/0', tlv, payload)).code, '2.04');
    assert.equal(world.client.get(Probe(0).label), 'new');
    assert.equal((await world.read('/26241/0/8')).code, '4.04');
  });

  test('an Object Instance TLV with the same id is accepted, with another 4.00 (R-447)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241/0', tlv, hex('05 00 c3 01 6e6577'))).code, '2.04');
    assert.equal((await world.post('/26241/0', tlv, hex('05 03 c3 01 6e6577'))).code, '4.00');
  });

  test('a Write in JSON', async () => {
    const world = await open();
    const document = bytes(
      '{"bn":"/26241/0/","e":[{"n":"1","sv":"json"},{"n":"5/0","bv":false},{"n":"6","v":77}]}',
    );
    assert.equal((await world.post('/26241/0', json, document)).code, '2.04');
    assert.deepEqual(
      [
        world.client.get(Probe(0).label),
        world.client.get(Probe(0).limit),
        world.client.get(Probe(0).flags)?.get(0),
      ],
      ['json', 77, false],
    );
  });

  test('a Write in one datagram and a Read of it agree for every data type', async () => {
    const world = await open();
    const link = { objectId: 66, objectInstanceId: 0 };
    const payload = encoded('/26241/3', [
      [0, 'float', -2.25],
      [7, 'objlnk', link],
      [9, 'opaque', hex('00ff')],
    ]);
    assert.equal((await world.post('/26241/3', tlv, payload)).code, '2.04');
    assert.equal((await world.read('/26241/3/0', text)).text, '-2.25');
    assert.equal((await world.read('/26241/3/7', text)).text, '66:0');
    assert.equal((await world.read('/26241/3/9', text)).text, 'AP8=');
  });
});

describe('what the device makes of a Write', () => {
  test('a hook may refuse before anything is changed, with a code and a reason', async () => {
    const probe = probeObject({
      beforeCommit: ({ written, origin }) =>
        origin.kind === 'server' && written.some(({ path }) => path.resourceId === 6)
          ? refusal(ResponseCode.methodNotAllowed, 'the limit is locked')
          : undefined,
    });
    const world = await open(probe);
    const payload = encoded('/26241/0', [
      [1, 'string', 'new'],
      [6, 'integer', 60],
    ]);
    const answer = await world.post('/26241/0', tlv, payload);
    assert.deepEqual([answer.code, answer.text], ['4.05', 'the limit is locked']);
    assert.equal(world.client.get(Probe(0).label), 'probe');
  });

  test('a hook is told what was committed, and by whom', async () => {
    const told: unknown[] = [];
    const world = await open(
      probeObject({
        afterCommit: ({ origin, written }) =>
          void told.push([origin, written.map(({ path }) => path.resourceId)]),
      }),
    );
    await world.put('/26241/0/1', text, bytes('new'));
    assert.deepEqual(told, [[{ kind: 'server', shortServerId: 101 }, [1]]]);
  });

  test('a dynamic value takes a Write when its author gave it the means, otherwise it is 4.05', async () => {
    let level = 1;
    const probe = objectInstances(Probe, {
      0: {
        level: { read: () => level, write: (value) => void (level = value) },
        count: 0,
        label: () => 'fixed',
      },
    });
    const world = await open(probe);
    assert.equal((await world.put('/26241/0/0', text, bytes('2.5'))).code, '2.04');
    assert.equal(level, 2.5);
    assert.equal((await world.put('/26241/0/1', text, bytes('x'))).code, '4.05');
  });

  test('an array longer than the device holds is 5.00, and nothing changes', async () => {
    const world = await World.registered({
      objects: [completeDevice(), portfolioObject()],
      limits: { resourceInstances: 4 },
    });
    const values = new Map<number, Value>(Array.from({ length: 5 }, (_, id) => [id, 'x']));
    const payload = encodeContent(tlv, segmentsPath('/16/0/0'), {
      kind: 'resource',
      resource: { kind: 'multiple', type: 'string', values },
    });
    assert.ok(!isFormatFailure(payload));
    const answer = await world.send({
      method: Method.put,
      uriPath: segments('/16/0/0'),
      contentFormat: tlv,
      payload,
    });
    assert.equal(answer.code, '5.00');
    assert.equal(world.client.get(Portfolio(0).identity)?.size, 4);
  });
});

type Entry = readonly [id: number, type: 'string' | 'integer' | 'float' | 'objlnk' | 'opaque', value: Value];

function encoded(path: string, entries: readonly Entry[]): Uint8Array {
  const content: Content = {
    kind: 'object-instance',
    resources: new Map(entries.map(([id, type, value]) => [id, { kind: 'single', type, value }])),
  };
  const payload = encodeContent(tlv, segmentsPath(path), content);
  assert.ok(!isFormatFailure(payload));
  return payload;
}

function segmentsPath(path: string) {
  const parsed = parsePath(path);
  assert.ok(parsed !== undefined);
  return parsed;
}
