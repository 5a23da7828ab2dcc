import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { testApp } from '../support/test-app.ts';

describe('the definitions of Objects', () => {
  it('say what an Object has: names, operations, types, ranges and units', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('GET', '/api/v1/definitions/3?version=1.0');
    assert.equal(status, 200);
    assert.deepEqual([body['name'], body['isMultiple'], body['isMandatory']], ['Device', false, true]);
    const resources = body['resources'] as readonly { readonly id: number }[];
    assert.deepEqual(
      resources.find(({ id }) => id === 9),
      {
        id: 9,
        name: 'Battery Level',
        operations: 'R',
        isMultiple: false,
        isMandatory: false,
        type: 'integer',
        range: { kind: 'interval', minimum: 0, maximum: 100 },
        units: '%',
      },
    );
    const ids = resources.map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((left, right) => left - right),
    );
  });

  it('are 404 where none is known, also of another major version', async () => {
    const { ask } = await testApp();
    for (const url of [
      '/api/v1/definitions/65000',
      '/api/v1/definitions/70000',
      '/api/v1/definitions/3?version=9.0',
    ]) {
      const { status, body } = await ask('GET', url);
      assert.deepEqual([status, body['error']], [404, 'not-found'], url);
    }
  });

  it('are 400 for what is no Object id or version', async () => {
    const { ask } = await testApp();
    for (const url of [
      '/api/v1/definitions/x',
      '/api/v1/definitions/03',
      '/api/v1/definitions/3?version=1',
    ]) {
      assert.equal((await ask('GET', url)).status, 400, url);
    }
  });
});
