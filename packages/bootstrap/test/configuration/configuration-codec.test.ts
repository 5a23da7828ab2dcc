import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { utf8Decode, utf8Encode } from '@dunlin/base';
import { decodeConfiguration, encodeConfiguration } from '@dunlin/bootstrap';
import fc from 'fast-check';

import { configurationFor, patternConfiguration } from '../support/configurations.ts';
import { fullConfiguration, revealed } from '../support/configuration-store-contract.ts';

describe('A configuration as bytes', () => {
  test('is read back as it was written, keys and types of values included', () => {
    for (const configuration of [
      fullConfiguration('node-1'),
      configurationFor('☂'),
      patternConfiguration('*', { accessControl: 'shared', deletes: [] }),
    ]) {
      const decoded = decodeConfiguration(encodeConfiguration(configuration));
      assert.deepEqual(revealed(decoded), revealed(configuration));
    }
  });

  test('is none when it is anything else, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => decodeConfiguration(bytes) === undefined));
    fc.assert(fc.property(fc.json(), (text) => decodeConfiguration(utf8Encode(text)) === undefined));
  });

  test('is none, or another, with any member changed or missing: it never throws', () => {
    const text = utf8Decode(encodeConfiguration(fullConfiguration('node-1'))) ?? '';
    const document = JSON.parse(text) as Record<string, unknown>;
    for (const [name, value] of Object.entries(document)) {
      for (const other of [undefined, null, 0, '', [], {}, [null], [[]], { kind: 'x' }]) {
        const changed = JSON.stringify({ ...document, [name]: other });
        void decodeConfiguration(utf8Encode(changed));
        if (value !== undefined && other === null && name !== 'version')
          assert.equal(decodeConfiguration(utf8Encode(changed)), undefined, name);
      }
    }
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, piece) => {
        void decodeConfiguration(utf8Encode(text.slice(0, at) + piece + text.slice(at + piece.length)));
      }),
    );
  });

  test('of a later form is not taken for one of this', () => {
    const text = utf8Decode(encodeConfiguration(configurationFor('node-1'))) ?? '';
    assert.ok(text.includes('"version":1,'));
    assert.equal(decodeConfiguration(utf8Encode(text.replace('"version":1,', '"version":2,'))), undefined);
  });
});
