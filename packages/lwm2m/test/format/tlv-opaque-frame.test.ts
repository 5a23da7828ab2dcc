import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexDecode } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  encodeContent,
  FirmwareUpdate,
  isFormatFailure,
  pathOf,
  type ResourcePath,
  tlvOpaqueFrame,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const { path } = FirmwareUpdate.package;
const far: ResourcePath = pathOf(26_241, 300, 1000);

function frame(hex: string, at: ResourcePath = path): string {
  const found = tlvOpaqueFrame(hexDecode(hex) ?? new Uint8Array(), at);
  return isFormatFailure(found) ? found.reason : `${found.start} to ${found.end}`;
}

function encoded(at: ResourcePath, length: number): Uint8Array {
  const content: Content = {
    kind: 'resource',
    resource: { kind: 'single', type: 'opaque', value: new Uint8Array(length).fill(0xee) },
  };
  const payload = encodeContent(ContentFormat.tlv, at, content);
  assert.ok(payload instanceof Uint8Array);
  return payload;
}

describe('where an opaque value lies in TLV (1.0 §6.4.3)', () => {
  const bare: readonly (readonly [hex: string, expected: string])[] = [
    ['c000', '2 to 2'],
    ['c10000', '2 to 3'],
    ['c800ff', '3 to 258'],
    ['d0008000', '4 to 32772'],
    ['d800ffffff', '5 to 16777220'],
  ];
  for (const [hex, expected] of bare) {
    test(`${hex} is a header: ${expected}`, () => assert.equal(frame(hex), expected));
  }

  test('the Resource may be in the wrapper of its instance (R-1112)', () => {
    assert.equal(frame('1000 0204 d0000200'.replaceAll(' ', '')), '8 to 520');
    assert.equal(frame('28012c04 e103e811'.replaceAll(' ', ''), far), '7 to 8');
  });

  const wrong: readonly (readonly [name: string, hex: string, reason: RegExp])[] = [
    ['another Resource', 'c10100', /something else than the value of \/5\/0\/0/],
    ['a Multiple Resource', '80020041', /something else/],
    ['a Resource Instance', '410000', /something else/],
    ['another instance', '0801 0ac00000'.replaceAll(' ', ''), /Object Instance 1 is not the one/],
    ['more in the wrapper', '0800 06c000c101 00'.replaceAll(' ', ''), /other Resources/],
    ['a header that is cut', 'd80000', /in the middle/],
    ['nothing', '', /in the middle|something else/],
  ];
  for (const [name, hex, reason] of wrong) {
    test(`finds no value in ${name}`, () => assert.match(frame(hex), reason));
  }

  test('agrees with what is written, whatever the length and the ids', () => {
    const ids = fc.tuple(fc.nat(65_534), fc.nat(65_534), fc.nat(65_534));
    fc.assert(
      fc.property(ids, fc.integer({ min: 0, max: 70_000 }), ([object, instance, resource], length) => {
        const at = pathOf(object, instance, resource);
        const payload = encoded(at, length);
        const found = tlvOpaqueFrame(payload.subarray(0, 12), at);
        assert.ok(!isFormatFailure(found));
        assert.deepEqual([found.end - found.start, found.end], [length, payload.length]);
      }),
      { numRuns: 60 },
    );
  });

  test('takes any bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => void tlvOpaqueFrame(bytes, path)));
  });
});
