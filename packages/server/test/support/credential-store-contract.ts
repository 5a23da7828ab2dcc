import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Instant, instantFrom, Secret, UsageError, utf8Encode } from '@dunlin/base';
import type { CredentialLimits, CredentialProof, CredentialStore, NewCredential } from '@dunlin/server';

/** When the credentials of these tests were made. */
export const madeAt: Instant = instantFrom(Date.UTC(2030, 0, 1));

/** A pre-shared key credential. */
export function pskOf(endpointName: string, id: string, identity: string = endpointName): NewCredential {
  const key = new Secret(utf8Encode(`key of ${identity} ${id}`));
  return { id, endpointName, proof: { kind: 'psk', identity }, createdAt: madeAt, key };
}

/** A credential without a secret. */
export function proofOf(endpointName: string | undefined, id: string, proof: CredentialProof): NewCredential {
  return { id, endpointName, proof, createdAt: madeAt };
}

const key: CredentialProof = { kind: 'raw-public-key', publicKey: Uint8Array.of(1, 2, 3) };
const own: CredentialProof = { kind: 'certificate', certificate: Uint8Array.of(4, 5, 6) };
const anchor = {
  kind: 'trust-anchor',
  certificate: Uint8Array.of(4, 5, 6),
} as const satisfies CredentialProof;

/** How the tests get a store of the kind under test. */
export interface CredentialStoreFactory {
  /** An empty store. */
  readonly open: (limits?: Partial<CredentialLimits>) => Promise<CredentialStore>;
}

/** What every `CredentialStore` does. */
export function credentialStoreContract(name: string, { open }: CredentialStoreFactory): void {
  describe(`${name} as a CredentialStore`, () => {
    test('gives credentials back as they were kept, without their secret (R-730)', async () => {
      await using store = await open();
      const kept = [
        pskOf('a', '1'),
        proofOf('a', '2', key),
        proofOf('b', '3', own),
        proofOf(undefined, '4', anchor),
      ];
      for (const credential of kept) assert.deepEqual(await store.put(credential), { kind: 'kept' });
      const shown = kept.map(({ key: _key, ...rest }) => rest);
      for (const each of shown) assert.deepEqual(await store.find(each.id), each);
      assert.deepEqual(await store.ofEndpoint('a'), shown.slice(0, 2));
      assert.deepEqual(await store.trustAnchors(), [shown[3]]);
      assert.deepEqual(await store.page({ limit: 10 }), [shown[3], ...shown.slice(0, 3)]);
      assert.equal(await store.count(), 4);
    });

    test('finds by PSK identity, public key and certificate, each exactly (R-711, R-712, R-730)', async () => {
      await using store = await open();
      await store.put(pskOf('a', '1', 'identity'));
      await store.put(proofOf('b', '2', key));
      await store.put(proofOf('c', '3', own));
      const found = async (proof: CredentialProof): Promise<string | undefined> =>
        (await store.findByProof(proof))?.endpointName;
      assert.equal(await found({ kind: 'psk', identity: 'identity' }), 'a');
      assert.equal(await found({ kind: 'psk', identity: 'Identity' }), undefined);
      assert.equal(await found(key), 'b');
      assert.equal(await found({ kind: 'raw-public-key', publicKey: Uint8Array.of(1, 2) }), undefined);
      assert.equal(await found(own), 'c');
      assert.equal(await found(anchor), undefined);
    });

    test('gives the pre-shared key of an identity, and of no other (R-710)', async () => {
      await using store = await open();
      const identity = 'ü'.repeat(64);
      await store.put(pskOf('a', '1', identity));
      const found = await store.findPreSharedKey(identity);
      assert.deepEqual(found?.key.reveal(), utf8Encode(`key of ${identity} 1`));
      assert.equal(found?.credential.id, '1');
      found?.key.destroy();
      assert.deepEqual(
        (await store.findPreSharedKey(identity))?.key.reveal(),
        utf8Encode(`key of ${identity} 1`),
      );
      assert.equal(await store.findPreSharedKey('a'), undefined);
    });

    test('replaces the credential with the same proof of the same endpoint: a new key for an identity', async () => {
      await using store = await open();
      await store.put(pskOf('a', '1', 'i'));
      const outcome = await store.put(pskOf('a', '2', 'i'));
      assert.equal(outcome.kind === 'kept' ? outcome.replaced?.id : undefined, '1');
      assert.equal(await store.find('1'), undefined);
      assert.deepEqual((await store.findPreSharedKey('i'))?.key.reveal(), utf8Encode('key of i 2'));
      assert.equal(await store.count(), 1);
    });

    test('refuses a proof that is another endpoint’s (R-730, R-703)', async () => {
      await using store = await open();
      await store.put(pskOf('a', '1', 'i'));
      await store.put(proofOf('a', '2', key));
      const psk = await store.put(pskOf('b', '3', 'i'));
      assert.equal(psk.kind === 'taken' ? psk.by.endpointName : undefined, 'a');
      assert.equal((await store.put(proofOf('b', '4', key))).kind, 'taken');
      assert.deepEqual((await store.findPreSharedKey('i'))?.key.reveal(), utf8Encode('key of i 1'));
      assert.equal(await store.count(), 2);
    });

    test('lets several endpoints have one trust anchor', async () => {
      await using store = await open();
      await store.put(proofOf('a', '1', anchor));
      assert.deepEqual(await store.put(proofOf('b', '2', anchor)), { kind: 'kept' });
      assert.deepEqual(await store.put(proofOf(undefined, '3', anchor)), { kind: 'kept' });
      assert.equal((await store.trustAnchors()).length, 3);
      assert.equal((await store.findByProof(anchor))?.id, '3');
    });

    test('removes a credential with its secret, once', async () => {
      await using store = await open();
      await store.put(pskOf('a', '1'));
      await store.put(proofOf('a', '2', key));
      assert.equal((await store.remove('1'))?.id, '1');
      assert.equal(await store.remove('1'), undefined);
      assert.equal(await store.findPreSharedKey('a'), undefined);
      assert.deepEqual(
        (await store.ofEndpoint('a')).map(({ id }) => id),
        ['2'],
      );
      assert.deepEqual(await store.put(pskOf('b', '3', 'a')), { kind: 'kept' });
    });

    test('pages by endpoint and id, also after one that is gone', async () => {
      await using store = await open();
      const ids = ['4', '1', '3', '2', '5'];
      for (const id of ids) await store.put(pskOf(id < '3' ? 'x' : 'y', id, `i${id}`));
      const first = await store.page({ limit: 3 });
      assert.deepEqual(
        first.map(({ id }) => id),
        ['1', '2', '3'],
      );
      await store.remove('3');
      const after = { endpointName: 'y', id: '3' };
      assert.deepEqual(
        (await store.page({ limit: 3, after })).map(({ id }) => id),
        ['4', '5'],
      );
      const ofX = await store.page({ limit: 3, endpointName: 'x', after: { endpointName: 'x', id: '1' } });
      assert.deepEqual(
        ofX.map(({ id }) => id),
        ['2'],
      );
    });

    test('keeps to its limits', async () => {
      await using store = await open({ credentials: 3, perEndpoint: 1, trustAnchors: 1 });
      await store.put(pskOf('a', '1'));
      assert.equal((await store.put(pskOf('a', '2', 'other'))).kind, 'full');
      assert.equal((await store.put(pskOf('a', '3'))).kind, 'kept', 'a new key takes the place of the old');
      await store.put(proofOf(undefined, '4', anchor));
      assert.equal(
        (await store.put(proofOf('c', '5', { ...anchor, certificate: Uint8Array.of(9) }))).kind,
        'full',
      );
      await store.put(pskOf('b', '6'));
      assert.equal((await store.put(pskOf('d', '7'))).kind, 'full');
      assert.equal(await store.count(), 3);
    });

    test('takes a key with a PSK identity only, and no credential without an endpoint but a trust anchor', async () => {
      await using store = await open();
      const { key: _key, ...withoutKey } = pskOf('a', '1');
      const attempts: readonly NewCredential[] = [
        withoutKey,
        { ...proofOf('a', '2', key), key: new Secret(Uint8Array.of(1)) },
        proofOf(undefined, '3', own),
        pskOf('', '4', 'i'),
      ];
      for (const attempt of attempts) {
        await assert.rejects(
          Promise.try(() => store.put(attempt)),
          UsageError,
        );
      }
      assert.equal(await store.count(), 0);
    });
  });
}
