import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { format, inspect } from 'node:util';

import { Secret, UsageError } from '@dunlin/base';

const bytes = (): Uint8Array => Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

describe('Secret', () => {
  it('prints [secret] in every way of printing (checklist 29)', () => {
    const secret = new Secret(bytes());
    const printings = [
      String(secret),
      // oxlint-disable-next-line typescript/restrict-template-expressions -- the mistake that must not leak
      `${secret}`,
      secret.toString(),
      inspect(secret),
      inspect(secret, { showHidden: true, depth: 10 }),
      format('%s', secret),
      format('%o', secret),
      format('%O', secret),
    ];
    for (const printing of printings) assert.equal(printing, '[secret]');
    assert.equal(JSON.stringify({ key: secret }), '{"key":"[secret]"}');
    assert.equal(inspect({ deep: [{ key: secret }] }, { showHidden: true }), inspectedDeep);
    assert.deepEqual(Object.keys(secret), []);
    assert.deepEqual(Object.getOwnPropertyNames(secret), []);
    assert.deepEqual(Object.assign({}, secret), {});
  });

  it('does not survive a structured clone with its bytes (checklist 29)', () => {
    assert.deepEqual(structuredClone(new Secret(bytes())), {});
  });

  it('overwrites its bytes when destroyed, and gives none from then on (checklist 29)', () => {
    const held = bytes();
    const secret = new Secret(held);
    assert.equal(secret.reveal(), held);
    secret.destroy();
    secret.destroy();
    assert.deepEqual(held, new Uint8Array(4));
    assert.throws(() => secret.reveal(), UsageError);
  });
});

const inspectedDeep = '{ deep: [ { key: [secret] }, [length]: 1 ] }';
