import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { AlertDescription, alertName } from '../../src/wire/alert-description.ts';

describe('alerts in words', () => {
  it('are called as the RFCs call them, with their number', () => {
    assert.equal(alertName(AlertDescription.decryptError), 'decrypt_error (51)');
    assert.equal(alertName(AlertDescription.unknownPskIdentity), 'unknown_psk_identity (115)');
    assert.equal(alertName(255), 'alert 255');
  });
});
