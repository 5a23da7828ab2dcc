import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { bytes } from '../../../../packages/server/test/support/firmware-bench.ts';
import { byteRangeOf } from '../../src/http/byte-range.ts';
import { downloadAnswer } from '../../src/http/firmware-download.ts';
import { testFirmwareApp, type TestFirmwareApp } from '../support/test-firmware-app.ts';

const id = 'ab'.repeat(32);
const etag = `"${id}"`;
const download = { image: { id, name: 'image.bin', size: 1000 } };

/** A device that was told to fetch its image by HTTP, and the path where. */
async function told(): Promise<{ readonly world: TestFirmwareApp; readonly path: string }> {
  const world = await testFirmwareApp({
    options: { firmware: { uris: ['http://images.example'] } },
  });
  const { bench } = world;
  const { device } = bench;
  Object.assign(device.resources, { deliveryMethod: 0, protocols: [2] });
  device.quirks.isLazy = true;
  await bench.start();
  await device.until(() => device.resources.packageUri !== '');
  await bench.pass(1000);
  device.become({ state: 1 });
  return { world, path: new URL(device.resources.packageUri).pathname };
}

describe('an image that a device fetches by HTTP (1.0 E.6, R-1055)', () => {
  it('is given whole, with its length and an ETag that is its digest', async () => {
    const { world, path } = await told();
    await using _world = world;
    const answer = await world.app.inject({ method: 'GET', url: path });
    assert.equal(answer.statusCode, 200);
    assert.ok(answer.rawPayload.equals(bytes));
    const { headers } = answer;
    assert.deepEqual(
      [headers['content-length'], headers['content-type'], headers.etag, headers['accept-ranges']],
      ['20000', 'application/octet-stream', `"${world.bench.image.id}"`, 'bytes'],
    );
    const { transferred } = (await world.ask('GET', '/api/v1/devices/node-1/firmware')).body;
    assert.equal(transferred, 20_000);
  });

  it('is given in ranges, so that a device goes on where it was (RFC 9110 §14)', async () => {
    const { world, path } = await told();
    await using _world = world;
    const rest = await world.app.inject({
      method: 'GET',
      url: path,
      headers: { range: 'bytes=12345-', 'if-range': `"${world.bench.image.id}"` },
    });
    assert.equal(rest.statusCode, 206);
    assert.equal(rest.headers['content-range'], 'bytes 12345-19999/20000');
    assert.ok(rest.rawPayload.equals(bytes.subarray(12_345)));
    const head = await world.app.inject({ method: 'HEAD', url: path });
    assert.deepEqual(
      [head.statusCode, head.headers['content-length'], head.rawPayload.length],
      [200, '20000', 0],
    );
  });

  it('is nowhere but at the path that the device was told, and there only while it is to fetch it', async () => {
    const { world, path } = await told();
    await using _world = world;
    for (const url of ['/fw/', '/fw/x', path.slice(0, -1), `${path}x`, `/fw/${world.bench.image.id}`])
      assert.equal((await world.app.inject({ method: 'GET', url })).statusCode, 404, url);
    world.bench.device.become({ state: 2 });
    await world.bench.reachInstallation();
    assert.equal((await world.app.inject({ method: 'GET', url: path })).statusCode, 404);
  });
});

describe('the answer to a request for an image', () => {
  const answerTo = (headers: Record<string, string>, method = 'GET') =>
    downloadAnswer(method, headers, download);

  it('is 404 without one, and 405 for other methods', () => {
    assert.equal(downloadAnswer('GET', {}, undefined).status, 404);
    const { status, headers } = answerTo({}, 'PUT');
    assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
  });

  it('is 304 for who has it, and 412 for who has another one', () => {
    assert.equal(answerTo({ 'if-none-match': `"x", W/${etag}` }).status, 304);
    assert.equal(answerTo({ 'if-none-match': '"x"' }).status, 200);
    assert.equal(answerTo({ 'if-match': '"x"' }).status, 412);
    assert.equal(answerTo({ 'if-match': etag, range: 'bytes=0-0' }).status, 206);
  });

  it('is the whole for a range of another representation, of several parts, or in a HEAD', () => {
    assert.equal(answerTo({ range: 'bytes=5-', 'if-range': '"x"' }).status, 200);
    assert.equal(answerTo({ range: 'bytes=5-', 'if-range': 'Thu, 01 Jan 2026 00:00:00 GMT' }).status, 200);
    assert.equal(answerTo({ range: 'bytes=0-1,5-6' }).status, 200);
    assert.equal(answerTo({ range: 'lines=0-1' }).status, 200);
    const head = answerTo({ range: 'bytes=5-' }, 'HEAD');
    assert.deepEqual([head.status, head.headers['content-length'], head.part], [200, '1000', undefined]);
  });

  it('is 416 with the size for a range behind the end', () => {
    const { status, headers } = answerTo({ range: 'bytes=1000-' });
    assert.deepEqual([status, headers['content-range']], [416, 'bytes */1000']);
    assert.equal(answerTo({ range: 'bytes=-0' }).status, 416);
  });
});

describe('a range of bytes (RFC 9110 §14.1.2)', () => {
  for (const [text, begin, end] of [
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, 1000],
    ['bytes=999-', 999, 1000],
    ['bytes=10-2000', 10, 1000],
    ['bytes=-5', 995, 1000],
    ['bytes=-5000', 0, 1000],
    ['BYTES = 3-4', 3, 5],
  ] as const) {
    it(`${text} of 1000 is ${begin} to ${end}`, () => {
      assert.deepEqual(byteRangeOf(text, 1000), { begin, end });
    });
  }

  it('is none for what is no range', () => {
    for (const text of [undefined, '', 'bytes', 'bytes=', 'bytes=-', 'bytes=5-4', 'bytes=a-b', 'bytes=1-2-3'])
      assert.equal(byteRangeOf(text, 1000), undefined, text);
  });

  it('lies within the representation, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1 }), (first, last, size) => {
        for (const text of [`bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`]) {
          const range = byteRangeOf(text, size);
          if (range === undefined || range === 'unsatisfiable') continue;
          assert.ok(range.begin >= 0 && range.begin < range.end && range.end <= size, text);
        }
      }),
    );
  });
});
