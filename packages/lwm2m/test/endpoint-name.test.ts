import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { problemOfEndpointName } from '@dunlin/lwm2m';

describe('An endpoint name', () => {
  it('is any text, a URN or not (R-113)', () => {
    for (const name of [
      'urn:dev:ops:32473-a-1',
      'node 1',
      '../../etc',
      '☂',
      '{"a":1}',
      '%00',
      '<b>',
      "'; --",
    ]) {
      assert.equal(problemOfEndpointName(name, 252), undefined);
    }
  });

  it('is not empty, and has no control characters', () => {
    assert.equal(problemOfEndpointName('', 252), 'is empty');
    for (const name of ['a\n', '\u0000', 'a\u007fb', '\u0085']) {
      assert.equal(problemOfEndpointName(name, 252), 'contains a control character');
    }
  });

  it('is bounded in bytes of UTF-8, not in characters', () => {
    assert.equal(problemOfEndpointName('ΩΩ', 4), undefined);
    assert.equal(problemOfEndpointName('ΩΩa', 4), 'is longer than 4 bytes');
    assert.equal(problemOfEndpointName('abcd', 4), undefined);
    assert.equal(problemOfEndpointName('abcde', 4), 'is longer than 4 bytes');
  });
});
