import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  configurationText,
  newConfiguration,
  readConfiguration,
  targetText,
} from '../src/pages/bootstrap/configuration-text.ts';

/** Without the prototypes that parsed JSON does not have. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a bootstrap configuration that is edited', () => {
  it('begins with a key that is made anew for this server', () => {
    const read = readConfiguration(newConfiguration('dunlin.example'));
    assert.deepEqual(plain(read.kind === 'input' ? read.input.servers : undefined), [
      {
        uri: 'coaps://dunlin.example:5684',
        shortServerId: 1,
        security: { kind: 'issued', proof: 'psk' },
        lifetime: 86_400,
      },
    ]);
  });

  it('comes back from its text as it was, without whom it is for and when it was changed', () => {
    const terms = { servers: [{ uri: 'coap://h', shortServerId: 1 }], deletes: ['/0'] };
    const json = configurationText({
      ...terms,
      target: { pattern: 'lamp-*' },
      updatedAt: '2026-11-26T12:00:00.000Z',
    });
    assert.deepEqual(plain(readConfiguration(json)), { kind: 'input', input: terms });
    assert.equal(targetText({ pattern: 'lamp-*' }), 'lamp-*');
    assert.equal(targetText({ endpoint: 'lamp-1' }), 'lamp-1');
  });

  for (const json of ['', '{', '[]', '5', 'null', '{"servers":1}']) {
    it(`is told to be none before it is sent: ${JSON.stringify(json)}`, () => {
      assert.equal(readConfiguration(json).kind, 'problem');
    });
  }
});
