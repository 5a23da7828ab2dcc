import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { FollowedFiles } from '../../src/server/followed-files.ts';

let folder = '';
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-followed-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A pair of files that say the same, or make no sense. */
async function openPair() {
  count += 1;
  const paths = [join(folder, `${count}.key`), join(folder, `${count}.crt`)];
  const write = (...texts: readonly string[]): void => {
    for (const [index, path] of paths.entries()) writeFileSync(path, texts[index] ?? texts[0] ?? '');
  };
  write('one');
  const lines: string[] = [];
  const line = (facts: unknown, text?: string): void => {
    lines.push(text === undefined ? String(facts) : `${text}: ${(facts as { reason: string }).reason}`);
  };
  const files = await FollowedFiles.open({
    name: 'certificate of X',
    paths,
    contentOf: (both) => {
      const [key, certificate] = both.map((bytes) => new TextDecoder().decode(bytes));
      if (key !== certificate) throw new Error(`${certificate} is not of ${key}`);
      return key;
    },
    log: { info: line, warn: line },
  });
  const told: (string | undefined)[] = [];
  files.renewed.subscribe((content) => told.push(content));
  return { files, paths, write, lines, told };
}

describe('files that are followed', () => {
  it('are told when they have become something else, and not before', async () => {
    const { files, write, lines, told } = await openPair();
    await files.look();
    assert.deepEqual([files.content, told, lines], ['one', [], []]);
    write('two');
    await files.look();
    await files.look();
    assert.deepEqual([files.content, told], ['two', ['two']]);
    assert.deepEqual(lines, ['the certificate of X was read anew']);
  });

  it('stay what they were while they make no sense, which is said once, and again to who asks', async () => {
    const { files, paths, write, lines, told } = await openPair();
    write('two', 'one');
    await files.look();
    await files.look();
    const problem = 'the new certificate of X cannot be used; the one before stays: one is not of two';
    assert.deepEqual([files.content, told, lines], ['one', [], [problem]]);
    await files.look({ isAsked: true });
    assert.deepEqual(lines, [problem, problem]);
    rmSync(paths[0] ?? '');
    await files.look();
    assert.match(lines[2] ?? '', /key: there is no such file/);
    write('two');
    await files.look();
    assert.deepEqual([files.content, told], ['two', ['two']]);
  });

  it('stay what they were when who follows them cannot use what they become', async () => {
    const { files, write, lines } = await openPair();
    files.renewed.subscribe(() => {
      throw new Error('no such curve here');
    });
    write('two');
    await files.look();
    assert.equal(files.content, 'one');
    assert.match(lines[0] ?? '', /the one before stays: no such curve here/);
  });

  it('have to make sense at the start', async () => {
    await assert.rejects(
      FollowedFiles.open({
        name: 'x',
        paths: [join(folder, 'none')],
        contentOf: () => 1,
        log: { info: () => undefined, warn: () => undefined },
      }),
      /none: there is no such file/,
    );
  });
});
