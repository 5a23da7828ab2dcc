import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seededRandom } from '@dunlin/base';

describe('a seeded source of randomness', () => {
  it('repeats itself for the same seed and differs for another', () => {
    assert.deepEqual(seededRandom(5).bytes(32), seededRandom(5).bytes(32));
    assert.notDeepEqual(seededRandom(5).bytes(32), seededRandom(6).bytes(32));
  });

  it('spreads fractions evenly over 0 to 1', () => {
    const random = seededRandom(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const fraction = random.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
      const tenth = Math.floor(fraction * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(count > 850 && count < 1150, `${count}`);
  });
});
