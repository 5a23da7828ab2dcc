import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  contentFromJson,
  contentToJson,
  equalContents,
  isFormatFailure,
  type JsonValue,
  parseJsonExactly,
  resourceContentFromJson,
  stringifyJsonExactly,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

import { arbitrarySituation } from './support/arbitrary-contents.ts';
import { problemOf } from './support/payloads.ts';

describe('JSON of content for stores', () => {
  test('gives back the same content with the same data types, without a definition', () => {
    fc.assert(
      fc.property(arbitrarySituation(), ({ content }) => {
        const text = stringifyJsonExactly(contentToJson(content));
        const json = parseJsonExactly(text);
        assert.ok(!isFormatFailure(json));
        const back = contentFromJson(json);
        assert.ok(!isFormatFailure(back));
        assert.ok(equalContents(back, content));
        assert.equal(stringifyJsonExactly(contentToJson(back)), text);
      }),
    );
  });

  test('refuses JSON that is no content', () => {
    const refused: readonly JsonValue[] = [
      null,
      [],
      {},
      { kind: 'root' },
      { kind: 'resource' },
      { kind: 'resource', resource: { type: 'integer' } },
      { kind: 'resource', resource: { type: 'integer', value: 'x' } },
      { kind: 'resource', resource: { type: 'text', value: 'x' } },
      { kind: 'resource', resource: { type: 'none', value: 'x' } },
      { kind: 'resource', resource: { type: 'integer', values: { 0: 'x' } } },
      { kind: 'resource', resource: { type: 'integer', values: { '01': 1 } } },
      { kind: 'resource', resource: { type: 'integer', values: { 65536: 1 } } },
      { kind: 'resource-instance', type: 'integer', values: { 0: 1 } },
      { kind: 'object-instance', resources: { 0: 1 } },
      { kind: 'object', instances: { 0: { 0: {} } } },
    ];
    for (const json of refused)
      assert.equal(problemOf(contentFromJson(json)), 'malformed', stringifyJsonExactly(json));
    assert.equal(problemOf(resourceContentFromJson(undefined)), 'malformed');
  });

  test('is read without a failure that throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const json = parseJsonExactly(text);
        if (!isFormatFailure(json)) contentFromJson(json);
      }),
    );
  });
});
