import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import { base64Encode, hexEncode } from '@dunlin/base';
import { loadMasterKey } from '@dunlin/node';

import { clearLine, ScratchFolder } from '../support/scratch-folder.ts';

const bytes = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
/** Nothing is looked at here. */
const nowhere = '/dev/null/no-such-key';

describe('a master key that is given as text', () => {
  const texts = [
    { name: '64 hexadecimal digits', text: hexEncode(bytes) },
    { name: '64 hexadecimal digits in capitals', text: hexEncode(bytes).toUpperCase() },
    { name: 'Base64', text: base64Encode(bytes) },
    { name: 'Base64 with a line break behind it', text: `${base64Encode(bytes)}\n` },
  ];
  for (const { name, text } of texts) {
    it(`is taken from ${name}, and no file is looked at`, async () => {
      const { key, origin } = await loadMasterKey({ text, path: nowhere });
      assert.deepEqual(key.reveal(), bytes);
      assert.equal(origin, 'text');
    });
  }

  const bad = [
    { name: 'too short', text: 'c0ffee00c0ffee00' },
    { name: 'too long', text: `${hexEncode(bytes)}c0ffee` },
    { name: 'no digits at all', text: 'correct horse battery staple' },
    { name: '32 bytes in Base64 without padding', text: base64Encode(bytes).replace('=', '') },
    { name: '32 characters that are not encoded', text: 'x'.repeat(32) },
    { name: 'blank', text: '   ' },
  ];
  for (const { name, text } of bad) {
    it(`is refused without being repeated: ${name}`, async () => {
      const refused = await loadMasterKey({ text, textName: 'DUNLIN_MASTER_KEY', path: nowhere }).then(
        () => assert.fail('it was taken'),
        (error: unknown) => error,
      );
      assert.ok(clearLine(/^DUNLIN_MASTER_KEY must be 32 bytes as 64 hexadecimal digits/)(refused));
      const shown = `${inspect(refused, { depth: 9 })} ${String(refused)}`;
      if (text.trim() !== '') assert.ok(!shown.includes(text.trim()), shown);
    });
  }
});

describe('a master key in a file', () => {
  it('is made when there is none, for its owner alone, and is the same from then on', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('data', 'deep', 'master.key');
    const made = await loadMasterKey({ path });
    assert.equal(made.origin, 'new-file');
    assert.equal(made.key.reveal().length, 32);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const found = await loadMasterKey({ path, mayCreate: false });
    assert.equal(found.origin, 'file');
    assert.deepEqual(found.key.reveal(), made.key.reveal());
    const other = await loadMasterKey({ path: folder.file('other.key') });
    assert.notDeepEqual(other.key.reveal(), made.key.reveal());
  });

  it('is made when the text is empty, as an environment variable that is set to nothing', async () => {
    using folder = new ScratchFolder();
    const { origin } = await loadMasterKey({ text: '', path: folder.file('master.key') });
    assert.equal(origin, 'new-file');
  });

  it('is not made again when secrets were sealed with the one that is missing', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('master.key');
    await assert.rejects(
      loadMasterKey({ path, mayCreate: false }),
      clearLine(/no master key in .*master\.key.*put the copy of the file back/),
    );
    assert.ok(!existsSync(path));
  });

  for (const mode of [0o640, 0o604, 0o644, 0o660, 0o620]) {
    it(`is refused when others may touch it (${mode.toString(8)})`, async () => {
      using folder = new ScratchFolder();
      const path = folder.file('master.key');
      await loadMasterKey({ path });
      chmodSync(path, mode);
      await assert.rejects(
        loadMasterKey({ path }),
        clearLine(/can be read by others than its owner: chmod 600 .*master\.key$/),
      );
      chmodSync(path, 0o400);
      assert.equal((await loadMasterKey({ path })).origin, 'file');
    });
  }

  it('is refused without being repeated when it holds something else, and is left as it is', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('master.key');
    const contents = ['', 'deadbeefdeadbeef', `${hexEncode(bytes)}\n${hexEncode(bytes)}`, '\0'.repeat(5000)];
    for (const content of contents) {
      writeFileSync(path, content, { mode: 0o600 });
      const refused: unknown = await loadMasterKey({ path }).catch((error: unknown) => error);
      assert.ok(clearLine(/master\.key must be 32 bytes/)(refused));
      assert.ok(content === '' || !inspect(refused).includes(content));
      assert.equal(readFileSync(path, 'utf8'), content);
    }
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0x00), { mode: 0o600 });
    await assert.rejects(loadMasterKey({ path }), clearLine(/must be 32 bytes/));
  });

  it('says in one line what it cannot read or write', async () => {
    using folder = new ScratchFolder();
    const directory = folder.file('is-a-folder');
    mkdirSync(directory, { mode: 0o700 });
    await assert.rejects(loadMasterKey({ path: directory }), clearLine(/cannot be read \(EISDIR\)/));
    await assert.rejects(
      loadMasterKey({ path: '/proc/dunlin/master.key' }),
      clearLine(/^the master key cannot be written to \/proc\/dunlin\/master\.key \(ENOENT\)$/),
    );
    if (process.getuid?.() === 0) return;
    const locked = folder.file('locked');
    mkdirSync(locked, { mode: 0o500 });
    await assert.rejects(
      loadMasterKey({ path: folder.file('locked', 'master.key') }),
      clearLine(/cannot be written to .* \(EACCES\)/),
    );
  });

  it('is made by one of two who start at the same moment; the other is told', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('master.key');
    const outcomes = await Promise.allSettled([loadMasterKey({ path }), loadMasterKey({ path })]);
    assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(clearLine(/EEXIST/)(outcome.reason));
    }
    const { key } = await loadMasterKey({ path, mayCreate: false });
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value.key.reveal(), key.reveal());
    }
  });
});
