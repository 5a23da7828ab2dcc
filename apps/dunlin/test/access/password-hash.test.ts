import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PasswordHash, passwordCostsDefaults } from '../../src/access/password-hash.ts';
import { cheapPasswords } from '../support/test-access.ts';

describe('the hash of a password', () => {
  const passwords = new PasswordHash(cheapPasswords);

  it('is Argon2id with a salt of its own, in the text form of the reference implementation', async () => {
    const hash = await passwords.make('secret words');
    assert.match(hash, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(await passwords.make('secret words'), hash);
  });

  it('costs what RFC 9106 §4 recommends where memory is not plenty', () => {
    assert.deepEqual(passwordCostsDefaults, { memory: 64 * 1024, passes: 3, parallelism: 4 });
  });

  it('tells the right password from a wrong one', async () => {
    const hash = await passwords.make('secret words');
    assert.deepEqual(await passwords.check('secret words', hash), { kind: 'right', upgraded: undefined });
    assert.deepEqual(await passwords.check('Secret words', hash), { kind: 'wrong' });
  });

  it('is the same however the keyboard composes letters (RFC 8265 §4.2)', async () => {
    const hash = await passwords.make('caf\u00e9 au lait');
    assert.equal((await passwords.check('cafe\u0301 au lait', hash)).kind, 'right');
  });

  it('is made anew at a sign-in when its costs were others', async () => {
    const hash = await new PasswordHash({ ...cheapPasswords, passes: 2 }).make('secret words');
    const check = await passwords.check('secret words', hash);
    assert.equal(check.kind, 'right');
    assert.match(check.kind === 'right' ? (check.upgraded ?? '') : '', /m=8,t=1,p=1/);
  });

  it('of nobody is wrong, and so is what is no hash', async () => {
    for (const hash of [undefined, '', 'x', '$argon2id$v=19$m=8,t=1,p=1$AAAA$', '$2b$10$abc']) {
      assert.deepEqual(await passwords.check('x', hash), { kind: 'wrong' });
    }
  });

  it('is not computed for more callers than may wait', async () => {
    const checks = await Promise.all(Array.from({ length: 40 }, () => passwords.check('x', undefined)));
    const busy = checks.filter(({ kind }) => kind === 'busy').length;
    assert.ok(busy > 0 && busy < 40, `${busy} were sent away`);
    assert.equal((await passwords.check('x', undefined)).kind, 'wrong', 'the others make room');
  });
});
