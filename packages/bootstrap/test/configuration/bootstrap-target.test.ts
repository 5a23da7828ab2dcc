import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { compareParticularity } from '@dunlin/bootstrap';

describe('A pattern', () => {
  test('that says more comes before one that says less; of equals the order is always the same', () => {
    const sorted = ['*', 'b*', 'a*', 'node-*', '*-1', '***'].sort(compareParticularity);
    assert.deepEqual(sorted, ['node-*', '*-1', 'a*', 'b*', '*', '***']);
  });
});
