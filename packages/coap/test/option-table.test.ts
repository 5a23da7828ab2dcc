import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  decodeMessage,
  findBadOption,
  formatCode,
  isCriticalOption,
  Message,
  optionDefinitions,
  ResponseCode,
} from '@dunlin/coap';

/** Number, name, format, lengths in bytes, `R` when it may be repeated. */
const table: readonly (readonly [number, string, string, string, string?])[] = [
  [1, 'If-Match', 'opaque', '0-8', 'R'],
  [3, 'Uri-Host', 'string', '1-255'],
  [4, 'ETag', 'opaque', '1-8', 'R'],
  [5, 'If-None-Match', 'empty', '0-0'],
  [6, 'Observe', 'uint', '0-3'],
  [7, 'Uri-Port', 'uint', '0-2'],
  [8, 'Location-Path', 'string', '0-255', 'R'],
  [9, 'OSCORE', 'opaque', '0-255'],
  [11, 'Uri-Path', 'string', '0-255', 'R'],
  [12, 'Content-Format', 'uint', '0-2'],
  [14, 'Max-Age', 'uint', '0-4'],
  [15, 'Uri-Query', 'string', '0-255', 'R'],
  [16, 'Hop-Limit', 'uint', '1-1'],
  [17, 'Accept', 'uint', '0-2'],
  [19, 'Q-Block1', 'uint', '0-3'],
  [20, 'Location-Query', 'string', '0-255', 'R'],
  [21, 'EDHOC', 'empty', '0-0'],
  [23, 'Block2', 'uint', '0-3'],
  [27, 'Block1', 'uint', '0-3'],
  [28, 'Size2', 'uint', '0-4'],
  [31, 'Q-Block2', 'uint', '0-3'],
  [35, 'Proxy-Uri', 'string', '1-1034'],
  [39, 'Proxy-Scheme', 'string', '1-255'],
  [60, 'Size1', 'uint', '0-4'],
  [252, 'Echo', 'opaque', '1-40'],
  [258, 'No-Response', 'uint', '0-1'],
  [292, 'Request-Tag', 'opaque', '0-8', 'R'],
];

/** A delta or length: the nibble, and the bytes that extend it (RFC 7252 §3.1). */
function extend(value: number): readonly [nibble: number, more: readonly number[]] {
  if (value < 13) return [value, []];
  if (value < 269) return [13, [value - 13]];
  return [14, [(value - 269) >> 8, (value - 269) & 0xff]];
}

/** Option number and value as they stand on the wire, whatever they are; the encoder would refuse some of them. */
function rawOption(delta: number, length: number): number[] {
  const [deltaNibble, deltaMore] = extend(delta);
  const [lengthNibble, lengthMore] = extend(length);
  const value = Array.from({ length }, () => 0x61);
  return [(deltaNibble << 4) | lengthNibble, ...deltaMore, ...lengthMore, ...value];
}

/** What is wrong with a GET of these options, given by their numbers and lengths. */
function problemOf(...options: readonly (readonly [number: number, length: number])[]): string | undefined {
  let previous = 0;
  const bytes = options.flatMap(([number, length]) => {
    const delta = number - previous;
    previous = number;
    return rawOption(delta, length);
  });
  const message = decodeMessage(Uint8Array.of(0x40, 1, 0, 1, ...bytes));
  assert.ok(message instanceof Message);
  return findBadOption(message.options)?.problem;
}

describe('CR-3: the table of options (RFC 7252 §5.10, RFC 7641 §2, RFC 7959 §2.1, RFC 9175)', () => {
  it('has the format, the lengths and the repeatability of each (CR-3)', () => {
    const known = optionDefinitions.map(({ number, name, format, minLength, maxLength, isRepeatable }) => {
      const row = [number, name, format, `${minLength}-${maxLength}`];
      return isRepeatable ? [...row, 'R'] : row;
    });
    assert.deepEqual(known, table);
  });

  it('refuses critical options outside their lengths, passes over elective ones (CR-3, RFC 7252 §5.4.3)', () => {
    for (const { number, name, minLength, maxLength, isUnderstood } of optionDefinitions) {
      if (!isUnderstood) continue;
      const wrong = isCriticalOption(number) ? 'length' : undefined;
      assert.equal(problemOf([number, minLength]), undefined, name);
      assert.equal(problemOf([number, maxLength]), undefined, name);
      assert.equal(problemOf([number, maxLength + 1]), wrong, name);
      if (minLength > 0) assert.equal(problemOf([number, minLength - 1]), wrong, name);
    }
  });

  it('refuses critical options that come once too often, takes repeatable ones (CR-3, RFC 7252 §5.4.5)', () => {
    for (const { number, name, minLength, isRepeatable, isUnderstood } of optionDefinitions) {
      if (!isUnderstood) continue;
      const isRefused = isCriticalOption(number) && !isRepeatable;
      const twice = problemOf([number, minLength], [number, minLength]);
      assert.equal(twice, isRefused ? 'surplus' : undefined, name);
    }
  });

  it('knows the response codes of the registry (CR-3)', () => {
    const codes =
      '2.01 2.02 2.03 2.04 2.05 2.31 4.00 4.01 4.02 4.03 4.04 4.05 4.06 4.08 4.09 4.12 4.13 4.15 4.22 4.29 ' +
      '5.00 5.01 5.02 5.03 5.04 5.05 5.08';
    assert.equal(
      Object.values(ResponseCode)
        .map((code) => formatCode(code))
        .join(' '),
      codes,
    );
  });
});
