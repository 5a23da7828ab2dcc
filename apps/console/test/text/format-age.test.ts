import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { formatAge } from '../../src/text/format-age.ts';

describe('an age', () => {
  const ages: readonly (readonly [number, string])[] = [
    [0, 'just now'],
    [-45, '45 s ago'],
    [45, 'in 45 s'],
    [-600, '10 min ago'],
    [-7200, '2 h ago'],
    [-172_800, '2 d ago'],
  ];
  for (const [seconds, expected] of ages) {
    it(`is told in the unit that says enough: ${expected}`, () => {
      assert.equal(formatAge(1_000_000_000 + seconds * 1000, 1_000_000_000), expected);
    });
  }
});
