import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  DunlinApi,
  type FirmwareImageDocument,
  type FirmwareUpdateDocument,
  type HttpBody,
  type HttpRequest,
} from '@dunlin/api';

interface Made extends HttpRequest {
  readonly url: string;
}

function api(status: number, document?: unknown): { readonly api: DunlinApi; readonly made: Made[] } {
  const made: Made[] = [];
  const client = new DunlinApi({
    url: 'http://server:8080',
    fetch: (url, request) => {
      made.push({ url, ...request });
      return Promise.resolve({
        status,
        headers: { get: () => null },
        body: null,
        text: () => Promise.resolve(document === undefined ? '' : JSON.stringify(document)),
      });
    },
  });
  return { api: client, made };
}

const base = 'http://server:8080/api/v1';
const at = '2026-01-01T12:00:00.000Z';
const image: FirmwareImageDocument = {
  id: 'ab'.repeat(32),
  name: 'a b.bin',
  version: '2',
  model: 'T',
  size: 3,
  addedAt: at,
};
const update: FirmwareUpdateDocument = {
  endpoint: 'urn:a/b',
  id: 1,
  image: { id: image.id, name: image.name, size: 3 },
  state: 'failed',
  install: 'manual',
  method: 'pull',
  protocol: 'http',
  transferred: 0,
  attempts: 1,
  startedAt: at,
  activeAt: at,
  finishedAt: at,
  failure: {
    reason: 'result',
    message: 'urn:a/b: no',
    result: 5,
    resultMeaning: 'the integrity check of the image failed',
  },
  log: [{ at, message: 'begun' }],
};

async function textOf(body: HttpBody | undefined): Promise<string> {
  assert.ok(typeof body === 'object' && !(body instanceof Uint8Array), 'it goes piece by piece');
  let text = '';
  for await (const piece of body) text += new TextDecoder().decode(piece);
  return text;
}

/** Documents from JSON have no prototype. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(JSON.parse(JSON.stringify(actual)), expected);
}

describe('the typed client for firmware', () => {
  it('sends an image piece by piece, with what is said of it and how long it is', async () => {
    const { api: client, made } = api(201, image);
    const pieces = (async function* read() {
      yield Uint8Array.of(97);
      yield Uint8Array.of(98, 99);
    })();
    const facts = { name: 'a b.bin', version: '2', model: 'T' };
    assertSame(await client.firmware.upload(pieces, facts, { size: 3 }), image);
    const [request] = made;
    assert.equal(request?.url, `${base}/firmware?name=a%20b.bin&version=2&model=T`);
    assert.equal(request.headers['content-type'], 'application/octet-stream');
    assert.equal(request.headers['content-length'], '3');
    assert.equal(await textOf(request.body), 'abc');
  });

  it('lists, shows and removes images', async () => {
    const listing = api(200, { images: [image], next: null });
    await listing.api.firmware.images({
      contains: 'a',
      version: '2',
      model: 'T',
      id: 'ab',
      after: 'x',
      limit: 3,
    });
    assert.equal(listing.made[0]?.url, `${base}/firmware?contains=a&version=2&model=T&id=ab&after=x&limit=3`);
    const one = api(200, image);
    assertSame(await one.api.firmware.image(image.id), image);
    const removing = api(204);
    await removing.api.firmware.removeImage(image.id);
    assert.deepEqual(
      removing.made.map(({ method, url }) => [method, url]),
      [['DELETE', `${base}/firmware/${image.id}`]],
    );
  });

  it('starts, follows, installs and cancels the update of a device', async () => {
    const { api: client, made } = api(200, update);
    const input = { image: image.id, method: 'pull', protocol: 'http', install: 'manual' } as const;
    assertSame(await client.firmware.update('urn:a/b', input), update);
    await client.firmware.status('urn:a/b', { wait: 20 });
    await client.firmware.install('urn:a/b');
    await client.firmware.cancel('urn:a/b');
    const url = `${base}/devices/urn%3Aa%2Fb/firmware`;
    assert.deepEqual(
      made.map((request) => [request.method, request.url]),
      [
        ['POST', url],
        ['GET', `${url}?wait=20`],
        ['POST', `${url}/install`],
        ['DELETE', url],
      ],
    );
    assert.equal(made[0]?.body, JSON.stringify(input));
  });

  it('lists the updates that are under way', async () => {
    const { api: client, made } = api(200, { updates: [update], next: 'urn:a/b' });
    const { next } = await client.firmware.updates({
      image: image.id,
      state: 'waiting',
      contains: 'b',
      after: 'a',
      limit: 2,
    });
    assert.equal(next, 'urn:a/b');
    assert.equal(
      made[0]?.url,
      `${base}/firmware/updates?image=${image.id}&state=waiting&contains=b&after=a&limit=2`,
    );
  });

  it('refuses a document of another shape', async () => {
    const { api: client } = api(200, { ...update, state: 'flying' });
    await assert.rejects(client.firmware.status('lamp'), { code: 'protocol-violation' });
  });
});
