import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';

import { addDuration, type Instant, instantFrom, milliseconds, StorageError, UsageError } from '@dunlin/base';
import type { FirmwareImage, FirmwareImageLimits, FirmwareImageStore } from '@dunlin/server';
import fc from 'fast-check';

const start: Instant = instantFrom(Date.UTC(2030, 0, 1));

/** How the tests get a store of the kind under test. */
export interface FirmwareImageStoreFactory {
  /** An empty store. */
  readonly open: (limits?: Partial<FirmwareImageLimits>) => Promise<FirmwareImageStore>;
}

/** Bytes of an image, no two neighbouring blocks of them alike. */
export function imageBytes(size: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

/** Bytes as they come over a network: in pieces. */
export async function* pieces(bytes: Uint8Array, length = 1000): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; offset < bytes.length; offset += length) {
    await Promise.resolve();
    yield bytes.subarray(offset, offset + length);
  }
}

function add(
  store: FirmwareImageStore,
  bytes: Uint8Array,
  facts: Partial<Pick<FirmwareImage, 'name' | 'version' | 'model' | 'addedAt'>> = {},
): Promise<FirmwareImage> {
  return store.add(pieces(bytes), { name: 'image.bin', addedAt: start, ...facts });
}

/** What every `FirmwareImageStore` does. */
export function firmwareImageStoreContract(name: string, factory: FirmwareImageStoreFactory): void {
  describe(`${name} as a FirmwareImageStore`, () => {
    describeKeeping(factory);
    describeReading(factory);
    describeRefusals(factory);
  });
}

function describeKeeping({ open }: FirmwareImageStoreFactory): void {
  test('keeps an image with its facts under the SHA-256 of its bytes', async () => {
    await using store = await open();
    const bytes = imageBytes(5000);
    const image = await add(store, bytes, { name: 'Ω 2.1.bin', version: '2.1', model: 'T-1' });
    const id = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(image, {
      id,
      name: 'Ω 2.1.bin',
      version: '2.1',
      model: 'T-1',
      size: 5000,
      addedAt: start,
    });
    assert.deepEqual(await store.find(id), image);
    assert.equal(await store.find('0'.repeat(64)), undefined);
  });

  test('lists images by name, and the older first of those with one name', async () => {
    await using store = await open();
    await add(store, imageBytes(10, 1), { name: 'b', addedAt: addDuration(start, milliseconds(5)) });
    await add(store, imageBytes(10, 2), { name: 'b' });
    await add(store, imageBytes(10, 3), { name: 'a' });
    const listed = await store.list();
    assert.deepEqual(
      listed.map((image) => [image.name, image.addedAt - start]),
      [
        ['a', 0],
        ['b', 0],
        ['b', 5],
      ],
    );
  });

  test('has equal bytes once, with the name and version that they were given last', async () => {
    await using store = await open({ totalSize: 5000 });
    const first = await add(store, imageBytes(2000), { name: 'a', version: '1' });
    const second = await add(store, imageBytes(2000), { name: 'b' });
    assert.equal(second.id, first.id);
    assert.deepEqual(await store.list(), [second]);
    assert.equal(second.version, undefined);
    // The room of the first one is free again.
    await add(store, imageBytes(3000, 2));
    assert.deepEqual(await store.read(first.id, 0, 2000), imageBytes(2000));
  });

  test('takes images in at the same time, also equal ones', async () => {
    await using store = await open();
    const images = await Promise.all([
      add(store, imageBytes(70_000), { name: 'a' }),
      add(store, imageBytes(70_000), { name: 'b' }),
      add(store, imageBytes(70_000, 2), { name: 'c' }),
    ]);
    assert.equal((await store.list()).length, 2);
    for (const [index, seed] of [1, 1, 2].entries()) {
      const id = images[index]?.id ?? assert.fail();
      assert.deepEqual(await store.read(id, 69_000, 1000), imageBytes(70_000, seed).subarray(69_000));
    }
  });

  test('removes an image, and gives nothing of it any more', async () => {
    await using store = await open({ totalSize: 2000 });
    const { id } = await add(store, imageBytes(2000));
    await store.read(id, 0, 10);
    assert.equal(await store.remove(id), true);
    assert.equal(await store.remove(id), false);
    assert.equal(await store.find(id), undefined);
    assert.deepEqual(await store.list(), []);
    await assert.rejects(async () => store.read(id, 0, 10), StorageError);
    await add(store, imageBytes(2000));
    assert.deepEqual(await store.read(id, 0, 10), imageBytes(10));
  });
}

function describeReading({ open }: FirmwareImageStoreFactory): void {
  test('gives any part, and less at the end', async () => {
    const size = 200_001;
    const bytes = imageBytes(size);
    await using store = await open();
    const { id } = await add(store, bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(size + 10), fc.nat(140_000), async (offset, length) => {
        assert.deepEqual(await store.read(id, offset, length), bytes.subarray(offset, offset + length));
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(await store.read(id, size - 1, 1024), bytes.subarray(size - 1));
    assert.deepEqual(await store.read(id, size, 1024), new Uint8Array(0));
  });

  test('gives parts to many at the same time', async () => {
    const bytes = imageBytes(300_000);
    await using store = await open();
    const { id } = await add(store, bytes);
    const parts = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => store.read(id, index * 3000, 3000)),
    );
    for (const [index, part] of parts.entries())
      assert.deepEqual(part, bytes.subarray(index * 3000, (index + 1) * 3000));
  });
}

function describeRefusals({ open }: FirmwareImageStoreFactory): void {
  test('refuses an image that is too large, and keeps nothing of it', async () => {
    await using store = await open({ imageSize: 3000, totalSize: 6000 });
    await assert.rejects(add(store, imageBytes(3001)), { code: 'image-too-large' });
    assert.deepEqual(await store.list(), []);
    await add(store, imageBytes(3000, 1));
    await add(store, imageBytes(3000, 2));
    await assert.rejects(add(store, imageBytes(1, 3)), { code: 'image-store-full' });
    assert.equal((await store.list()).length, 2);
  });

  test('refuses what is announced and has no room before a byte of it is read, and says how much is free', async () => {
    await using store = await open({ imageSize: 5000, totalSize: 6000 });
    await add(store, imageBytes(4000));
    assert.equal(store.free, 2000);
    let isRead = false;
    async function* watched(): AsyncGenerator<Uint8Array, void> {
      isRead = true;
      yield* pieces(imageBytes(2001, 2));
    }
    const facts = { name: 'b', addedAt: start };
    await assert.rejects(store.add(watched(), facts, { announcedSize: 2001 }), {
      code: 'image-store-full',
      message: /2000 of 6000 bytes for images are free/,
    });
    await assert.rejects(store.add(watched(), facts, { announcedSize: 5001 }), { code: 'image-too-large' });
    assert.equal(isRead, false);
    await assert.rejects(store.add(watched(), facts), { message: /2000 of 6000 bytes for images are free/ });
    assert.equal(store.free, 2000);
  });

  test('keeps room for what is announced, and has it again when less came or it failed', async () => {
    await using store = await open({ totalSize: 6000 });
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    async function* late(): AsyncGenerator<Uint8Array, void> {
      asked.resolve();
      await gate.promise;
      yield* pieces(imageBytes(1000));
    }
    const under = store.add(late(), { name: 'a', addedAt: start }, { announcedSize: 5000 });
    await asked.promise;
    assert.equal(store.free, 1000);
    await assert.rejects(add(store, imageBytes(1001, 2)), { code: 'image-store-full' });
    gate.resolve();
    await under;
    assert.equal(store.free, 5000);
    await assert.rejects(
      store.add(pieces(new Uint8Array(0)), { name: 'b', addedAt: start }, { announcedSize: 9 }),
    );
    assert.equal(store.free, 5000);
    // A size that was announced wrongly is not trusted.
    const { size } = await store.add(
      pieces(imageBytes(4000, 3)),
      { name: 'c', addedAt: start },
      { announcedSize: 10 },
    );
    assert.deepEqual([size, store.free], [4000, 1000]);
  });

  test('refuses an image that is one too many, but not another name for one', async () => {
    await using store = await open({ images: 1 });
    await add(store, imageBytes(10, 1));
    await assert.rejects(add(store, imageBytes(10, 2)), { code: 'image-store-full' });
    assert.equal((await add(store, imageBytes(10, 1), { name: 'b' })).name, 'b');
  });

  test('refuses an image without bytes', async () => {
    await using store = await open();
    await assert.rejects(add(store, new Uint8Array(0)), UsageError);
    assert.deepEqual(await store.list(), []);
  });

  test('refuses names, versions and models that lead elsewhere or cannot be shown', async () => {
    await using store = await open();
    const bad = ['', ' ', '..', '.', '../evil', 'a/b', 'a\\b', 'a\nb', 'a\0b', 'Ω'.repeat(128)];
    for (const name of bad) await assert.rejects(add(store, imageBytes(10), { name }), UsageError, name);
    for (const version of ['', 'a\tb', 'x'.repeat(256)]) {
      await assert.rejects(add(store, imageBytes(10), { version }), UsageError, version);
      await assert.rejects(add(store, imageBytes(10), { model: version }), UsageError, version);
    }
    assert.deepEqual(await store.list(), []);
  });

  test('keeps nothing of an image whose bytes end in an error, which it passes on', async () => {
    await using store = await open({ totalSize: 3000 });
    async function* cut(): AsyncGenerator<Uint8Array, void> {
      yield* pieces(imageBytes(3000));
      throw new RangeError('cut off');
    }
    await assert.rejects(store.add(cut(), { name: 'a', addedAt: start }), RangeError);
    assert.deepEqual(await store.list(), []);
    assert.equal((await add(store, imageBytes(3000))).size, 3000);
  });
}
