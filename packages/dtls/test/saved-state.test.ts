import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import {
  hexEncode,
  instantFrom,
  milliseconds,
  noBytes,
  Secret,
  seededRandom,
  UsageError,
} from '@dunlin/base';
import fc from 'fast-check';

import type { SavedAssociation } from '../src/saved-association.ts';
import { decodeSavedAssociation, encodeSavedAssociation } from '../src/saved-association-codec.ts';
import {
  type GenerationLedger,
  type RestoredState,
  restoreAssociations,
  saveAssociations,
  type SavedStateFailure,
  type SavedStateOptions,
} from '../src/saved-state.ts';
import { isMalformed } from '../src/wire/malformed.ts';
import { byteStrings } from './support/arbitraries.ts';
import { wellFormed } from './support/codec.ts';
import { memoryLedger } from './support/memory-ledger.ts';
import { makeAssociation, makeSession, revealed, savedAssociations } from './support/saved-associations.ts';

const now = instantFrom(2_000_000);
const headerLength = 65;

/** An association of these times, told apart from others by a number. */
const at = (lastActiveAt: number, establishedAt: number, number: number): SavedAssociation =>
  makeAssociation({
    associationId: `association-${number}`,
    ownConnectionId: Uint8Array.of(number),
    lastActiveAt: instantFrom(lastActiveAt),
    session: makeSession({ establishedAt: instantFrom(establishedAt) }),
  });

function makeOptions(
  changes: Partial<SavedStateOptions> = {},
): SavedStateOptions & { ledger: GenerationLedger } {
  return { key: new Secret(new Uint8Array(32).fill(7)), ledger: memoryLedger(), ...changes };
}

async function save(
  associations: readonly SavedAssociation[],
  options: SavedStateOptions,
): Promise<Uint8Array> {
  return saveAssociations(associations, seededRandom(1), options);
}

function restored(state: RestoredState | SavedStateFailure): readonly SavedAssociation[] {
  assert.equal(state.kind, 'restored', state.kind === 'failure' ? state.reason : '');
  return state.kind === 'restored' ? state.associations : [];
}

function problemOf(state: RestoredState | SavedStateFailure): string {
  return state.kind === 'failure' ? state.problem : 'none';
}

describe('saved state', () => {
  it('gives back every association exactly (checklist 30)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(savedAssociations, { maxLength: 5 }), fc.nat(), async (drawn, seed) => {
        const associations = drawn.map((association, index) =>
          Object.assign(association, {
            associationId: `${association.associationId}${index}`,
            ownConnectionId: Uint8Array.of(index, ...association.ownConnectionId),
          }),
        );
        const forever = milliseconds(2 ** 50);
        const options = makeOptions({ limits: { maxIdle: forever, maxAge: forever } });
        const sealed = await saveAssociations(associations, seededRandom(seed), options);
        const back = restored(await restoreAssociations(sealed, instantFrom(0), options));
        assert.deepEqual(back.map(revealed), associations.map(revealed));
      }),
      { numRuns: 30 },
    );
  });

  it('is restored once, and never after a newer one was saved (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    assert.equal(restored(await restoreAssociations(sealed, now, options)).length, 1);
    assert.equal(problemOf(await restoreAssociations(sealed, now, options)), 'already-used');

    const older = await saveAssociations([makeAssociation()], seededRandom(2), options);
    const newer = await saveAssociations([makeAssociation()], seededRandom(3), options);
    assert.equal(problemOf(await restoreAssociations(older, now, options)), 'already-used');
    assert.equal(restored(await restoreAssociations(newer, now, options)).length, 1);
  });

  it('is given to one of two that restore it at the same time (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    const states = await Promise.all([
      restoreAssociations(sealed, now, options),
      restoreAssociations(Uint8Array.from(sealed), now, options),
    ]);
    assert.deepEqual(states.map(problemOf).sort(), ['already-used', 'none']);
  });

  it('hands nothing out when the ledger fails (checklist 30)', async () => {
    const sealed = await save([makeAssociation()], makeOptions());
    const ledger: GenerationLedger = {
      issue: () => Promise.resolve(),
      consume: () => Promise.reject(new Error('The disk is full.')),
    };
    await assert.rejects(restoreAssociations(sealed, now, makeOptions({ ledger })), /disk is full/);
  });

  it('is refused whole, with nothing restored or used up, when any byte was changed (checklist 30)', async () => {
    const ledger = memoryLedger();
    const options = makeOptions({ ledger });
    const sealed = await save([makeAssociation(), makeAssociation(other)], options);
    for (let index = 0; index < sealed.length; index += 1) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const changed = sealed.slice();
        changed[index] = (changed[index] ?? 0) ^ bits;
        const state = await restoreAssociations(changed, now, options);
        const expected = index < 4 ? 'not-a-saved-state' : index === 4 ? 'other-version' : 'not-authentic';
        assert.equal(problemOf(state), expected, `byte ${index}`);
      }
    }
    assert.equal(ledger.consumed, 0);
    assert.equal(restored(await restoreAssociations(sealed, now, options)).length, 2);
  });

  it('is refused when it was cut short or lengthened anywhere (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    for (let length = 0; length < sealed.length; length += 1) {
      const state = await restoreAssociations(sealed.subarray(0, length), now, options);
      assert.equal(problemOf(state), length < headerLength + 16 ? 'not-a-saved-state' : 'not-authentic');
    }
    const longer = Uint8Array.from([...sealed, 0]);
    assert.equal(problemOf(await restoreAssociations(longer, now, options)), 'not-authentic');
  });

  it('never throws for arbitrary bytes, be they behind a right header or not (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    await fc.assert(
      fc.asyncProperty(
        byteStrings(0, 400),
        fc.integer({ min: 0, max: headerLength }),
        async (bytes, kept) => {
          const input = Uint8Array.from([...sealed.subarray(0, kept), ...bytes]);
          assert.equal((await restoreAssociations(input, now, options)).kind, 'failure');
        },
      ),
    );
  });

  it('is of one version only (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    for (const version of [0, 2, 255]) {
      const other = sealed.slice();
      other[4] = version;
      const state = await restoreAssociations(other, now, options);
      assert.equal(problemOf(state), 'other-version');
      assert.match(state.kind === 'failure' ? state.reason : '', new RegExp(`version ${version}`));
    }
  });

  it('opens with its own key only (checklist 30)', async () => {
    const options = makeOptions();
    const sealed = await save([makeAssociation()], options);
    const otherKey = new Secret(new Uint8Array(32).fill(8));
    const state = await restoreAssociations(sealed, now, makeOptions({ key: otherKey }));
    assert.equal(problemOf(state), 'not-authentic');
    const short = new Secret(new Uint8Array(31));
    await assert.rejects(save([], makeOptions({ key: short })), UsageError);
  });

  it('drops what has not been heard of for too long or is too old, and says how many (checklist 30)', async () => {
    const limits = { maxIdle: milliseconds(1000), maxAge: milliseconds(10_000) };
    const options = makeOptions({ limits });
    const sealed = await save(
      [at(100_000, 95_000, 1), at(99_001, 95_000, 2), at(99_000, 95_000, 3), at(100_000, 90_000, 4)],
      options,
    );
    const state = await restoreAssociations(sealed, instantFrom(100_000), options);
    assert.deepEqual(
      restored(state).map(({ associationId }) => associationId),
      ['association-1', 'association-2'],
    );
    assert.equal(state.kind === 'restored' && state.expired, 2);
  });

  it('is refused when two associations cannot be told apart (checklist 30)', async () => {
    const collisions: readonly Partial<SavedAssociation>[] = [
      { associationId: 'association-1', ownConnectionId: Uint8Array.of(9) },
      { associationId: 'association-2' },
    ];
    for (const changes of collisions) {
      const options = makeOptions();
      const sealed = await save([makeAssociation(), makeAssociation(changes)], options);
      assert.equal(problemOf(await restoreAssociations(sealed, now, options)), 'malformed');
    }
    const options = makeOptions();
    const withoutIds = [
      makeAssociation({ ownConnectionId: noBytes }),
      makeAssociation({ ownConnectionId: noBytes, associationId: 'association-2' }),
    ];
    const sealed = await save(withoutIds, options);
    assert.equal(problemOf(await restoreAssociations(sealed, now, options)), 'malformed');
  });

  it('has its limits', async () => {
    const many = [makeAssociation(), makeAssociation(other)];
    await assert.rejects(save(many, makeOptions({ limits: { maxAssociations: 1 } })), UsageError);
    await assert.rejects(save(many, makeOptions({ limits: { maxLength: 100 } })), UsageError);
    const options = makeOptions();
    const sealed = await save(many, options);
    const tooMany = await restoreAssociations(sealed, now, { ...options, limits: { maxAssociations: 1 } });
    assert.equal(problemOf(tooMany), 'malformed');
    const tooLong = await restoreAssociations(sealed, now, { ...options, limits: { maxLength: 100 } });
    assert.equal(problemOf(tooLong), 'too-large');
  });

  it('never seals two states under the same key and nonce, and shows no secret (checklist 11, 29)', async () => {
    const options = makeOptions();
    const random = seededRandom(5);
    const association = makeAssociation();
    const first = await saveAssociations([association], random, options);
    const second = await saveAssociations([association], random, options);
    assert.notDeepEqual(first.subarray(5, headerLength), second.subarray(5, headerLength));
    const secret = hexEncode(association.session.masterSecret.reveal());
    assert.ok(!hexEncode(first).includes(secret));
    assert.ok(!inspect(association, { depth: 9, showHidden: true }).includes('165'));
    assert.ok(!JSON.stringify(association).includes('165'));
  });

  it('takes 300 bytes for an association with a pre-shared key', async () => {
    const options = makeOptions();
    const associations = Array.from({ length: 1000 }, (_, index) =>
      makeAssociation({
        associationId: `dtls:${index}`,
        ownConnectionId: Uint8Array.of(index >> 8, index & 0xff, 1, 2),
      }),
    );
    const sealed = await save(associations, options);
    assert.ok(sealed.length < 1000 * 300, `${sealed.length}`);
    assert.equal(restored(await restoreAssociations(sealed, now, options)).length, 1000);
  });
});

const other = {
  associationId: 'association-2',
  ownConnectionId: Uint8Array.of(1, 2, 3, 4),
  session: makeSession({ serverName: 'server.example', maxFragmentLength: 1024 }),
};

describe('the bytes of a saved association', () => {
  it('are read back to what they were made of, and without a byte more or less', () => {
    fc.assert(
      fc.property(savedAssociations, fc.nat(), (association, position) => {
        const bytes = encodeSavedAssociation(association);
        assert.deepEqual(revealed(wellFormed(decodeSavedAssociation(bytes))), revealed(association));
        assert.ok(isMalformed(decodeSavedAssociation(bytes.subarray(0, position % bytes.length))));
        assert.ok(isMalformed(decodeSavedAssociation(Uint8Array.from([...bytes, 0]))));
      }),
    );
  });

  it('may be anything without doing harm (checklist 30)', () => {
    fc.assert(fc.property(byteStrings(0, 400), (bytes) => void decodeSavedAssociation(bytes)));
    const bytes = encodeSavedAssociation(makeAssociation(other));
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = bytes.slice();
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        decodeSavedAssociation(changed);
      }
    }
  });

  it('are refused when they say what no association can be', () => {
    const impossible: readonly Partial<SavedAssociation>[] = [
      { readEpoch: 0 },
      { writeEpoch: 0 },
      { nextWriteSequenceNumber: 2 ** 48 + 1 },
      { replayWindow: { newest: -1, recent: 1, older: 0 } },
      { replayWindow: { newest: 5, recent: 2, older: 0 } },
      { replayWindow: { newest: 2 ** 48, recent: 1, older: 0 } },
      { maxSentContent: 63 },
      { maxReceivedContent: 16_385 },
      { associationId: '' },
      { associationId: 'x'.repeat(65) },
      { peerAddress: { address: '', port: 1 } },
      { peerAddress: { address: '192.0.2.1', port: 0 } },
      { clientRandom: new Uint8Array(31) },
      { session: makeSession({ id: new Uint8Array(33) }) },
      { session: makeSession({ credentialId: 'x'.repeat(4097) }) },
      { session: makeSession({ maxFragmentLength: 600 }) },
      { session: makeSession({ peer: { kind: 'psk', identity: '' } }) },
      { session: makeSession({ suite: { ...makeSession().suite, code: 0x1301 } }) },
      { session: makeSession({ masterSecret: new Secret(new Uint8Array(47)) }) },
    ];
    for (const changes of impossible) {
      const bytes = encodeSavedAssociation(makeAssociation(changes));
      assert.ok(isMalformed(decodeSavedAssociation(bytes)), JSON.stringify(changes));
    }
  });
});
