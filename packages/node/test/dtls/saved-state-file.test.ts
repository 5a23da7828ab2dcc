import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';

import {
  hexEncode,
  instantFrom,
  milliseconds,
  Secret,
  seededRandom,
  UsageError,
  utf8Encode,
} from '@dunlin/base';
import type { RestoredState, SavedAssociation, SavedStateFailure } from '@dunlin/dtls';
import { type SavedState, savedStateFile, type SavedStateFileOptions } from '@dunlin/node';

import { makeAssociation, makeSession } from '../../../dtls/test/support/saved-associations.ts';
import { clearLine, ScratchFolder } from '../support/scratch-folder.ts';

const now = instantFrom(2_000_000);
const random = seededRandom(1);

function stateIn(folder: ScratchFolder, changes: Partial<SavedStateFileOptions> = {}): SavedState {
  const key = new Secret(new Uint8Array(32).fill(7));
  return savedStateFile({ path: folder.file('associations'), key, ...changes });
}

function association(number = 1): SavedAssociation {
  return makeAssociation({
    associationId: `association-${number}`,
    ownConnectionId: Uint8Array.of(number),
    session: makeSession({ peer: { kind: 'psk', identity: 'FINDABLE-identity' } }),
  });
}

/** What was taken, in short. */
function outcomeOf(state: RestoredState | SavedStateFailure | undefined): string {
  if (state === undefined) return 'nothing';
  return state.kind === 'failure' ? state.problem : `${state.associations.length} restored`;
}

describe('a saved state in a file', () => {
  it('is given once, and is gone from the folder before it is used (checklist 30)', async () => {
    using folder = new ScratchFolder();
    assert.equal(outcomeOf(await stateIn(folder).take(now)), 'nothing');
    await stateIn(folder).keep([association(1), association(2)], random);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), '2 restored');
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), 'nothing');
  });

  it('is for its owner alone, and nothing in it can be read', async () => {
    using folder = new ScratchFolder();
    await stateIn(folder).keep([association()], random);
    const names = readdirSync(folder.path).toSorted();
    assert.deepEqual(names, ['associations', 'associations.generation']);
    const masterSecret = new Uint8Array(48).fill(0xa5);
    for (const name of names) {
      assert.equal(statSync(folder.file(name)).mode & 0o777, 0o600, name);
      const bytes = readFileSync(folder.file(name));
      const needles = [masterSecret.subarray(0, 8), hexEncode(masterSecret), 'FINDABLE-identity'];
      for (const needle of needles) assert.equal(bytes.indexOf(needle), -1);
    }
  });

  it('goes to one of two who take it at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      using folder = new ScratchFolder();
      await stateIn(folder).keep([association()], random);
      const states = [stateIn(folder), stateIn(folder), stateIn(folder)];
      const outcomes = await Promise.all(states.map(async (state) => outcomeOf(await state.take(now))));
      assert.deepEqual(outcomes.toSorted(), ['1 restored', 'nothing', 'nothing']);
    }
  });

  it('is refused when a copy of it is put back, before and after it was saved anew (checklist 30)', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('associations');
    await stateIn(folder).keep([association()], random);
    copyFileSync(path, folder.file('copy'));
    assert.equal(outcomeOf(await stateIn(folder).take(now)), '1 restored');
    copyFileSync(folder.file('copy'), path);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), 'already-used');
    assert.ok(!existsSync(path));
    await stateIn(folder).keep([association(2)], random);
    copyFileSync(folder.file('copy'), path);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), 'already-used');
  });

  it('takes the place of an older one, also when there is nothing to keep', async () => {
    using folder = new ScratchFolder();
    await stateIn(folder).keep([association(1), association(2)], random);
    await stateIn(folder).keep([association(3)], random);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), '1 restored');
    await stateIn(folder).keep([association(4)], random);
    await stateIn(folder).keep([], random);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), 'nothing');
  });

  it('is nothing when the process was killed while it was written or taken (checklist 30)', async () => {
    const killedAt: Readonly<Record<string, (folder: ScratchFolder) => Promise<void> | void>> = {
      'the generation was noted, the state was not written': async (folder) => {
        await stateIn(folder).keep([association()], random);
        await stateIn(folder).keep([], random);
      },
      'the state was half written': (folder) => writeFileSync(folder.file('associations.new'), 'half'),
      'the state was taken but not read': async (folder) => {
        await stateIn(folder).keep([association()], random);
        renameSync(folder.file('associations'), folder.file('associations.taken'));
      },
    };
    for (const [moment, arrange] of Object.entries(killedAt)) {
      using folder = new ScratchFolder();
      await arrange(folder);
      assert.equal(outcomeOf(await stateIn(folder).take(now)), 'nothing', moment);
      await stateIn(folder).keep([association()], random);
      assert.deepEqual(
        readdirSync(folder.path).toSorted(),
        ['associations', 'associations.generation'],
        moment,
      );
      assert.equal(outcomeOf(await stateIn(folder).take(now)), '1 restored', moment);
    }
  });

  it('is refused when a byte of it was changed, and when it is cut at any place (checklist 30)', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('associations');
    await stateIn(folder).keep([association()], random);
    const whole = new Uint8Array(readFileSync(path));
    for (let at = 0; at < whole.length; at += 7) {
      writeFileSync(
        path,
        whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      );
      const changed = outcomeOf(await stateIn(folder).take(now));
      assert.match(changed, /^(not-authentic|not-a-saved-state|other-version)$/, `byte ${at}`);
      writeFileSync(path, whole.subarray(0, at));
      assert.match(outcomeOf(await stateIn(folder).take(now)), /^not-/, `${at} bytes`);
    }
    writeFileSync(path, whole);
    assert.equal(outcomeOf(await stateIn(folder).take(now)), '1 restored', 'none of that used it up');
  });

  it('is refused with another key, and when it is larger than anything that was saved', async () => {
    using folder = new ScratchFolder();
    await stateIn(folder).keep([association()], random);
    const otherKey = stateIn(folder, { key: new Secret(new Uint8Array(32).fill(8)) });
    assert.equal(outcomeOf(await otherKey.take(now)), 'not-authentic');
    await stateIn(folder).keep([association()], random);
    const small = stateIn(folder, { limits: { maxLength: 200 } });
    assert.equal(outcomeOf(await small.take(now)), 'too-large');
    await assert.rejects(small.keep([association()], random), UsageError);
  });

  it('comes without what is too old', async () => {
    using folder = new ScratchFolder();
    const limits = { maxIdle: milliseconds(1000) };
    await stateIn(folder).keep([association()], random);
    const state = await stateIn(folder, { limits }).take(instantFrom(2_001_000));
    assert.equal(outcomeOf(state), '0 restored');
    assert.equal(state?.kind === 'restored' ? state.expired : 0, 1);
  });

  it('follows no link to a file elsewhere, and leaves that file alone', async () => {
    using folder = new ScratchFolder();
    await stateIn(folder).keep([association()], random);
    copyFileSync(folder.file('associations'), folder.file('elsewhere'));
    using other = new ScratchFolder();
    symlinkSync(folder.file('elsewhere'), other.file('associations'));
    await assert.rejects(stateIn(other).take(now), clearLine(/^Cannot read the saved state .*ELOOP/));
    assert.ok(existsSync(folder.file('elsewhere')));
  });

  it('makes its folder, and says in one line what it cannot read or write', async () => {
    using folder = new ScratchFolder();
    const path = folder.file('deep', 'er', 'associations');
    await stateIn(folder, { path }).keep([association()], random);
    assert.equal(outcomeOf(await stateIn(folder, { path }).take(now)), '1 restored');
    mkdirSync(folder.file('folder'));
    await assert.rejects(
      stateIn(folder, { path: folder.file('folder') }).keep([association()], random),
      clearLine(/^Cannot write the saved state .*folder: /),
    );
    const inNoFolder = stateIn(folder, { path: '/proc/dunlin/associations' });
    await assert.rejects(inNoFolder.keep([association()], random), clearLine(/^Cannot write/));
    assert.equal(outcomeOf(await inNoFolder.take(now)), 'nothing');
  });

  it('needs a path and a key of 32 bytes', () => {
    assert.throws(() => savedStateFile({ path: '', key: new Secret(new Uint8Array(32)) }), UsageError);
    const short = { path: 'x', key: new Secret(utf8Encode('too short')) };
    assert.throws(() => savedStateFile(short), UsageError);
  });
});
