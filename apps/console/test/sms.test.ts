import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isNumber } from '../src/pages/sms/is-number.ts';

describe('the number of a device', () => {
  it('is 3 to 15 digits, as the server takes it', () => {
    for (const typed of ['112', '491700000001', '123456789012345']) assert.equal(isNumber(typed), true);
    for (const typed of ['', '12', '+49170', '49 170', '1234567890123456', '１２３'])
      assert.equal(isNumber(typed), false, typed);
  });
});
