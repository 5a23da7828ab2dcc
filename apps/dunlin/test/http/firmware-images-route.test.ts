import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';

import type { FirmwareImageDocument, FirmwareImagePage } from '@dunlin/api';
import { MemoryFirmwareImageStore } from '@dunlin/server';

import { administratorHeader } from '../support/test-access.ts';
import { type TestApp, testApp } from '../support/test-app.ts';
import { testFirmwareApp } from '../support/test-firmware-app.ts';

const at = '/api/v1/firmware';
const octets = { ...administratorHeader, 'content-type': 'application/octet-stream' };

async function upload({ ask }: Pick<TestApp, 'ask'>, query: string, text: string) {
  return await ask('POST', `${at}?${query}`, Buffer.from(text), octets);
}

function shaOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('images of firmware over REST', () => {
  it('are added as the bytes that they are, and are called by their SHA-256', async () => {
    const app = await testApp();
    const added = await upload(app, 'name=%CE%A9%202.bin&version=2.0&model=T-1', 'bytes');
    const id = shaOf('bytes');
    const image = {
      id,
      name: 'Ω 2.bin',
      version: '2.0',
      model: 'T-1',
      size: 5,
      addedAt: '2026-01-01T12:00:00.000Z',
    };
    assert.deepEqual([added.status, added.headers['location'], added.body], [201, `${at}/${id}`, image]);
    assert.deepEqual((await app.ask('GET', `${at}/${id}`)).body, image);
    assert.equal((await upload(app, 'name=other', 'bytes')).body['id'], id);
    const { images } = (await app.ask('GET', at)).body as unknown as FirmwareImagePage;
    assert.deepEqual(images, [{ id, name: 'other', size: 5, addedAt: image.addedAt }]);
  });

  it('come in pieces that are passed on as they come, never as one', async () => {
    const pieces: number[] = [];
    const { app, server } = await testApp();
    const add = server.firmware.add.bind(server.firmware);
    server.firmware.add = async (bytes, facts) =>
      add(
        (async function* count() {
          for await (const piece of bytes) {
            pieces.push(piece.length);
            yield piece;
          }
        })(),
        facts,
      );
    const answer = await app.inject({
      method: 'POST',
      url: `${at}?name=a`,
      headers: octets,
      payload: Readable.from([Buffer.alloc(3_000_000, 1), Buffer.alloc(5, 2), Buffer.alloc(7, 3)]),
    });
    assert.equal(answer.statusCode, 201);
    assert.deepEqual(pieces, [3_000_000, 5, 7]);
  });

  it('are listed by name in pages, filtered by name, version, model and the beginning of the id', async () => {
    const app = await testApp();
    for (const [name, version, model] of [
      ['lamp', '1', 'L'],
      ['Lamp-two', '2', 'L'],
      ['meter', '2', ''],
    ] as const)
      await upload(app, `name=${name}&version=${version}${model === '' ? '' : `&model=${model}`}`, name);
    const list = async (query = ''): Promise<FirmwareImagePage> =>
      (await app.ask('GET', `${at}?${query}`)).body as unknown as FirmwareImagePage;
    const names = async (query: string): Promise<readonly string[]> =>
      (await list(query)).images.map(({ name }) => name);
    assert.deepEqual(await names(''), ['Lamp-two', 'lamp', 'meter']);
    assert.deepEqual(await names('contains=LAMP'), ['Lamp-two', 'lamp']);
    assert.deepEqual(await names('version=2'), ['Lamp-two', 'meter']);
    assert.deepEqual(await names('model=L&version=1'), ['lamp']);
    assert.deepEqual(await names(`id=${shaOf('meter').slice(0, 8)}`), ['meter']);
    const first = await list('limit=2');
    assert.equal(first.images.length, 2);
    // The last one of a page may be gone when the next is asked for.
    await app.ask('DELETE', `${at}/${shaOf('lamp')}`);
    const second = await list(`limit=2&after=${encodeURIComponent(first.next ?? '')}`);
    assert.deepEqual([second.images.map(({ name }) => name), second.next], [['meter'], null]);
  });

  it('are removed, but not while a device is being updated to them', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    const url = `${at}/${bench.image.id}`;
    await ask('POST', '/api/v1/devices/node-1/firmware', { image: bench.image.id, install: 'manual' });
    const refused = await ask('DELETE', url);
    assert.deepEqual([refused.status, refused.body['error']], [409, 'conflict']);
    assert.match(String(refused.body['message']), /node-1 is being updated to image/);
    await ask('DELETE', '/api/v1/devices/node-1/firmware');
    assert.equal((await ask('DELETE', url)).status, 204);
    const again = await ask('DELETE', url);
    assert.deepEqual([again.status, again.body['error']], [404, 'unknown-image']);
  });

  it('are refused when they are too large, by what is said before they come and by what comes', async () => {
    const images = new MemoryFirmwareImageStore({ imageSize: 30_000 });
    await using world = await testFirmwareApp(
      { options: { firmware: { images } } },
      { firmwareImageSize: 30_000 },
    );
    const told = await upload(world, 'name=a', 'x'.repeat(30_001));
    assert.deepEqual([told.status, told.body['error']], [413, 'payload-too-large']);
    assert.match(String(told.body['message']), /more than 30000 bytes .*firmware\.image-size/);
    // Without a Content-Length nothing is known before.
    const payload = Readable.from([Buffer.alloc(30_000), Buffer.alloc(1)]);
    const come = await world.app.inject({ method: 'POST', url: `${at}?name=a`, headers: octets, payload });
    assert.equal(come.statusCode, 413);
    assert.deepEqual(images.list(), [world.bench.image]);
  });

  it('are refused when all together would be too large, before they come if their length is told, with what is free', async () => {
    const images = new MemoryFirmwareImageStore({ totalSize: 60_000 });
    await using world = await testFirmwareApp({ options: { firmware: { images } } });
    const { free } = images;
    const isFree = new RegExp(`: ${free} of 60000 bytes for images are free; remove some images first`);
    const told = await upload(world, 'name=a', 'x'.repeat(free + 1));
    assert.deepEqual([told.status, told.body['error']], [409, 'conflict']);
    assert.match(String(told.body['message']), isFree);
    // Of what is refused by its length nothing is read: here more than that would never come.
    const never = new Readable({ read: () => undefined });
    const headers = { ...octets, 'content-length': String(free + 1) };
    const early = await world.app.inject({ method: 'POST', url: `${at}?name=a`, headers, payload: never });
    assert.equal(early.statusCode, 409);
    const payload = Readable.from([Buffer.alloc(free), Buffer.alloc(1)]);
    const come = await world.app.inject({ method: 'POST', url: `${at}?name=a`, headers: octets, payload });
    assert.deepEqual([come.statusCode, isFree.test(come.body)], [409, true]);
    assert.deepEqual(images.list(), [world.bench.image]);
    assert.equal((await upload(world, 'name=a', 'x'.repeat(free))).status, 201);
  });

  it('are refused when there is no room for more', async () => {
    const images = new MemoryFirmwareImageStore({ images: 1 });
    await using world = await testFirmwareApp({ options: { firmware: { images } } });
    const { status, body } = await upload(world, 'name=a', 'x');
    assert.deepEqual([status, body['error']], [409, 'conflict']);
    assert.match(String(body['message']), /there are 1 images already: remove some first/);
  });

  it('are refused with the field at fault', async () => {
    const app = await testApp();
    for (const [query, field] of [
      ['', 'query'],
      ['name=', 'query.name'],
      [`name=${'x'.repeat(256)}`, 'query.name'],
      ['name=a&version=', 'query.version'],
      ['name=a&colour=red', 'query.colour'],
    ] as const) {
      const answer = await upload(app, query, 'x');
      assert.deepEqual([answer.status, answer.body['field']], [400, field], query);
    }
    for (const query of [
      'name=..%2F..%2Fetc%2Fpasswd',
      'name=a%00b',
      'name=%1b%5B2J',
      'name=..',
      'name=a%5Cb',
    ]) {
      const answer = await upload(app, query, 'x');
      assert.deepEqual([answer.status, answer.body['error']], [400, 'bad-request'], query);
    }
    assert.equal((await upload(app, 'name=a', '')).status, 400, 'no bytes at all');
    for (const [type, body] of [
      ['application/json', '{}'],
      ['text/plain', 'text'],
      ['application/x-www-form-urlencoded', 'a=b'],
    ] as const) {
      const answer = await app.ask('POST', `${at}?name=a`, body, { 'content-type': type });
      assert.deepEqual([answer.status, answer.body['error']], [415, 'unsupported-media-type'], type);
    }
    assert.equal((await app.ask('POST', `${at}?name=a`)).status, 415);
    for (const [query, field] of [
      ['limit=0', 'query.limit'],
      ['limit=1001', 'query.limit'],
      ['after=bm8', 'query.after'],
      ['after=WzFd', 'query.after'],
      ['id=XY', 'query.id'],
      ['contains=', 'query.contains'],
    ] as const)
      assert.equal((await app.ask('GET', `${at}?${query}`)).body['field'], field, query);
    for (const id of ['abc', '..%2Fmaster.key', 'A'.repeat(64), '0'.repeat(64)]) {
      assert.equal((await app.ask('GET', `${at}/${id}`)).body['error'], 'unknown-image', id);
      assert.equal((await app.ask('DELETE', `${at}/${id}`)).body['error'], 'unknown-image', id);
    }
  });

  it('are given up when the bytes end before their time', async () => {
    const { app, server } = await testApp();
    const broken = new Readable({ read: () => undefined });
    broken.push(Buffer.from('begin'));
    const answering = app.inject({ method: 'POST', url: `${at}?name=a`, headers: octets, payload: broken });
    setImmediate(() => broken.destroy(new Error('gone')));
    await answering.then(
      ({ statusCode }) => assert.equal(statusCode, 400),
      (error: unknown) => assert.match(String(error), /gone/),
    );
    assert.deepEqual(await server.firmware.images(), [] satisfies FirmwareImageDocument[]);
  });
});
