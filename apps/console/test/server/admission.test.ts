import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Admission } from '../../src/server/admission.ts';

describe('the door for whom the server knows', () => {
  it('holds those who come before it opens, and lets through who comes after', async () => {
    const door = new Admission();
    const { signal } = new AbortController();
    let passed = 0;
    const waiting = door.opened(signal).then(() => (passed += 1));
    await new Promise(setImmediate);
    assert.equal(passed, 0);
    door.set(true);
    await waiting;
    await door.opened(signal);
    door.set(false);
    void door.opened(signal).then(() => (passed += 1));
    await new Promise(setImmediate);
    assert.equal(passed, 1, 'closed again');
  });

  it('holds nobody who gave up', async () => {
    const door = new Admission();
    const giving = new AbortController();
    const waiting = door.opened(giving.signal);
    giving.abort();
    await waiting;
    await door.opened(giving.signal);
  });
});
