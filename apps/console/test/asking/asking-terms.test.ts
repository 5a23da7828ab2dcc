import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { withTimeout } from '../../src/asking/asking-terms.ts';

describe('the timeout of what is asked', () => {
  it('is what was typed, beside the other terms', () => {
    assert.deepEqual(withTimeout({ format: 'json' }, '2.5'), { format: 'json', timeout: 2.5 });
    assert.deepEqual(withTimeout({ timeout: 5 }, ' 600 '), { timeout: 600 });
  });

  it('is that of the server when nothing is typed', () => {
    assert.deepEqual(withTimeout({ timeout: 5, format: 'tlv' }, ' '), { format: 'tlv' });
  });

  for (const typed of ['0', '0.05', '601', '-1', 'soon', 'NaN', 'Infinity']) {
    it(`is none that the server does not take: ${typed}`, () => {
      assert.equal(withTimeout({}, typed), undefined);
    });
  }
});
