import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { failureFrom, positionFrom } from '../../src/client/device-flags.ts';

describe('the options of a simulated device', () => {
  it('take a position in degrees', () => {
    assert.deepEqual(positionFrom('52.52,13.405'), { latitude: 52.52, longitude: 13.405 });
    assert.deepEqual(positionFrom('-27,+153.0251'), { latitude: -27, longitude: 153.0251 });
    assert.deepEqual(positionFrom('90,-180'), { latitude: 90, longitude: -180 });
  });

  for (const text of ['', '52', '52,', ',13', '91,0', '0,181', '1e3,0', '52.5 13.4', '52,13,4', 'NaN,0']) {
    it(`take no position that is not on Earth: ${JSON.stringify(text)}`, () => {
      assert.throws(() => positionFrom(text), /latitude and longitude in degrees/);
    });
  }

  it('take every result of an update that fails (1.0 §E.6)', () => {
    assert.deepEqual(['2', '3', '4', '5', '6', '7', '8', '9'].map(failureFrom), [2, 3, 4, 5, 6, 7, 8, 9]);
  });

  for (const text of ['', '0', '1', '10', '02', 'eight']) {
    it(`take no other: ${JSON.stringify(text)}`, () => {
      assert.throws(() => failureFrom(text), /one of 2, 3, 4, 5, 6, 7, 8, 9/);
    });
  }
});
