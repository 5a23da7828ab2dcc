import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concatBytes, utf8Encode } from '@dunlin/base';
import {
  type Content,
  decodeContent,
  decodeTimestampedContent,
  encodeContent,
  encodeTimestampedContent,
  equalContents,
  type FormatFailure,
  formatValueText,
  isFormatFailure,
  parseValueText,
  pathOf,
  type TimestampedContent,
  valueFromJson,
  valueToJson,
} from '@dunlin/lwm2m';
import fc from 'fast-check';
import {
  arbitrarySingle,
  arbitrarySituation,
  arbitraryValue,
  type Situation,
  valueTypes,
} from '../support/arbitrary-contents.ts';
import { definitionOf } from '../support/contents.ts';
import {
  jsonFormat,
  opaqueFormat,
  problemOf,
  succeeded,
  textFormat,
  tlvFormat,
} from '../support/payloads.ts';
import { referenceContent, referenceDefinition } from '../support/reference-device.ts';

const formats = [textFormat, opaqueFormat, tlvFormat, jsonFormat];
const everyType = definitionOf(1000, {
  0: 'integer',
  1: 'unsigned-integer',
  2: 'float',
  3: 'boolean',
  4: 'string',
  5: 'opaque',
  6: 'objlnk',
  7: 'time',
  8: 'corelnk',
  9: 'integer[]',
  10: 'string[]',
  11: 'none',
});
const paths = [
  pathOf(1000),
  pathOf(1000, 0),
  ...Array.from({ length: 13 }, (_, id) => pathOf(1000, 0, id)),
  pathOf(1000, 0, 9, 0),
];

function assertRoundTrip(format: number, { path, content, definition }: Situation): void {
  const payload = succeeded(encodeContent(format, path, content));
  const back = succeeded(decodeContent(format, path, payload, definition));
  assert.deepEqual(back, content);
  assert.ok(equalContents(back, content));
  assert.deepEqual(encodeContent(format, path, back), payload);
}

/** Decodes as every format at every path; whatever is accepted can be written again and means the same. */
function assertHarmless(payload: Uint8Array, format: number): void {
  for (const path of paths) {
    for (const definition of [everyType, undefined]) {
      const content = decodeContent(format, path, payload, definition);
      if (isFormatFailure(content)) {
        assert.ok(['malformed', 'not-expressible'].includes(problemOf(content)));
        continue;
      }
      const again = rewritten(format, path, content, definition);
      // What JSON has no entries for is left out, and an instance without id must be told from others.
      if (format !== jsonFormat) assert.deepEqual(succeeded(again), content);
    }
  }
}

function rewritten(
  format: number,
  path: Situation['path'],
  content: Content,
  definition: Situation['definition'] | undefined,
): Content | FormatFailure {
  const payload = encodeContent(format, path, content);
  return isFormatFailure(payload) ? payload : decodeContent(format, path, payload, definition);
}

/** Payloads like real ones, damaged: bytes replaced, removed or put in, and the end cut off. */
function damaged(payloads: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const damage = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('replace', 'remove', 'insert', 'cut'),
    byte: fc.nat(255),
  });
  return fc.tuple(payloads, fc.array(damage, { minLength: 1, maxLength: 4 })).map(([payload, damages]) =>
    damages.reduce((bytes, { at, kind, byte }) => {
      const offset = at % (bytes.length + 1);
      const head = bytes.subarray(0, offset);
      if (kind === 'cut') return head;
      const rest = bytes.subarray(kind === 'insert' ? offset : offset + 1);
      return concatBytes(kind === 'remove' ? [head, rest] : [head, Uint8Array.of(byte), rest]);
    }, payload),
  );
}

describe('Every format, as properties', () => {
  test('TLV gives back any content of any type at any level (R-1110 to R-1116)', () => {
    fc.assert(
      fc.property(arbitrarySituation(), (situation) => assertRoundTrip(tlvFormat, situation)),
      { numRuns: 300 },
    );
  });

  test('JSON gives back any content of any type at any level (R-1130 to R-1135)', () => {
    fc.assert(
      fc.property(arbitrarySituation({ nonFinite: true, empty: true }), (situation) =>
        assertRoundTrip(jsonFormat, situation),
      ),
      { numRuns: 300 },
    );
  });

  test('plain text gives back any single value (R-130 to R-134)', () => {
    fc.assert(
      fc.property(arbitrarySingle(valueTypes, { nonFinite: true }), (situation) =>
        assertRoundTrip(textFormat, situation),
      ),
    );
  });

  test('opaque gives back any bytes (R-1141)', () => {
    fc.assert(
      fc.property(arbitrarySingle(['opaque'], {}), (situation) => assertRoundTrip(opaqueFormat, situation)),
    );
  });

  test('JSON gives back any history, newest first (R-1134)', () => {
    const times = fc.uniqueArray(fc.integer({ min: 1_000_000_000_000, max: 2_200_000_000_000 }), {
      minLength: 1,
      maxLength: 5,
    });
    const situation = arbitrarySituation({ nonFinite: true, empty: true }).filter(
      ({ content }) => content.kind !== 'object' || content.instances.size > 0,
    );
    fc.assert(
      fc.property(
        situation,
        times,
        fc.boolean(),
        ({ path, content, definition }, milliseconds, isRelative) => {
          const contents: readonly TimestampedContent[] = milliseconds
            .map((time) => (isRelative ? -time : time) / 1000)
            .sort((a, b) => b - a)
            .map((time) => ({ time, content }));
          const payload = succeeded(encodeTimestampedContent(jsonFormat, path, contents));
          assert.deepEqual(
            succeeded(decodeTimestampedContent(jsonFormat, path, payload, definition)),
            contents,
          );
        },
      ),
    );
  });

  test('the texts of values give back any value of any type', () => {
    for (const type of valueTypes) {
      fc.assert(
        fc.property(arbitraryValue(type, { nonFinite: true }), (value) => {
          assert.deepEqual(parseValueText(type, formatValueText(type, value)), value);
        }),
        { numRuns: 50 },
      );
    }
  });

  test('arbitrary bytes never throw, in whatever format and at whatever path', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(0x00, 0x01, 0x03, 0x08, 0x41, 0x83, 0x86, 0x88, 0xc1, 0xc4, 0xc8, 0xe1, 0xff),
          { maxLength: 30 },
        )
        .map((some) => Uint8Array.from(some)),
      fc.string({ maxLength: 40 }).map(utf8Encode),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(...formats), (payload, format) => assertHarmless(payload, format)),
      { numRuns: 300 },
    );
  });

  test('damaged payloads never throw, and are refused or understood', () => {
    const device = referenceContent({ kind: 'object-instance', objectId: 3, objectInstanceId: 0 });
    const path = pathOf(3, 0);
    for (const format of [tlvFormat, jsonFormat]) {
      const payload = succeeded(encodeContent(format, path, device));
      fc.assert(
        fc.property(damaged(fc.constant(payload)), (bytes) => {
          const content = decodeContent(format, path, bytes, referenceDefinition(3));
          if (isFormatFailure(content)) assert.equal(problemOf(content), 'malformed');
          else assert.equal(content.kind, 'object-instance');
        }),
        { numRuns: 300 },
      );
    }
  });

  test('damaged payloads of any content never throw', () => {
    for (const format of [tlvFormat, jsonFormat]) {
      fc.assert(
        fc.property(
          arbitrarySituation({ nonFinite: true, empty: true }),
          fc.nat(),
          ({ path, content, definition }, seed) => {
            const payload = succeeded(encodeContent(format, path, content));
            const [bytes = payload] = fc.sample(damaged(fc.constant(payload)), { numRuns: 1, seed });
            const outcome = decodeContent(format, path, bytes, definition);
            if (!isFormatFailure(outcome)) assert.ok(outcome.kind === path.kind || path.kind === 'object');
          },
        ),
      );
    }
  });

  test('JSON of values for programs gives back any value of any type', () => {
    for (const type of valueTypes) {
      fc.assert(
        fc.property(arbitraryValue(type), (value) => {
          assert.deepEqual(valueFromJson(type, valueToJson(type, value)), value);
        }),
        { numRuns: 50 },
      );
    }
  });
});
