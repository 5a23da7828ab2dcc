import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ProtocolError } from '@dunlin/base';

import { ApiUnreachableError, DunlinApi, type HttpRequest } from '../src/index.ts';

interface Made extends HttpRequest {
  readonly url: string;
}

/** A client whose every request is answered with the same text. */
function api(text: string): { readonly api: DunlinApi; readonly made: Made[] } {
  const made: Made[] = [];
  const client = new DunlinApi({
    url: 'http://server:8080',
    fetch: (url, request) => {
      made.push({ url, ...request });
      return Promise.resolve({
        status: 200,
        headers: { get: () => null },
        body: (async function* chunks() {
          yield new TextEncoder().encode(text);
        })(),
        text: () => Promise.resolve(text),
      });
    },
  });
  return { api: client, made };
}

const base = 'http://server:8080/api/v1';
const at = '2026-01-01T12:00:00.000Z';

describe('calls of many devices', () => {
  it('send a filter percent-encoded, with cursor, offset and limit', async () => {
    const { api: client, made } = api(JSON.stringify({ devices: [], next: null, total: 0 }));
    await client.devices({ filter: 'model:"X 1" seen<1h', after: 'a/b', offset: 5, limit: 10 });
    assert.equal(
      made[0]?.url,
      `${base}/devices?filter=model%3A%22X%201%22%20seen%3C1h&after=a%2Fb&limit=10&offset=5`,
    );
  });

  it('upload definitions as XML, list and remove them', async () => {
    const { api: client, made } = api(JSON.stringify({ definitions: [], next: null, total: 0 }));
    await client.definitions.list({ search: 'pump', source: 'uploaded' });
    await client.definitions.remove(30_001, '1.0');
    const upload = api(JSON.stringify({ definitions: [] }));
    await upload.api.definitions.upload('<LWM2M/>');
    assert.deepEqual(
      [...made, ...upload.made].map(({ method, url }) => `${method} ${url.slice(base.length)}`),
      ['GET /definitions?search=pump&source=uploaded', 'DELETE /definitions/30001/1.0', 'POST /definitions'],
    );
    assert.equal(upload.made[0]?.headers['content-type'], 'application/xml');
    assert.equal(upload.made[0]?.body, '<LWM2M/>');
  });

  it('ask for values of the past', async () => {
    const document = {
      path: '/3/0/9',
      from: at,
      to: at,
      samples: [],
      buckets: [],
      resolution: 60,
      next: null,
    };
    const { api: client, made } = api(JSON.stringify(document));
    const history = await client.history.get('urn:a/b', { path: '/3/0/9', from: at, resolution: 60 });
    assert.equal(JSON.stringify(history), JSON.stringify(document));
    assert.equal(
      made[0]?.url,
      `${base}/devices/urn%3Aa%2Fb/history?path=%2F3%2F0%2F9&from=2026-01-01T12%3A00%3A00.000Z&resolution=60`,
    );
  });
});

describe('calls of a trace', () => {
  const entry = {
    kind: 'dtls',
    id: 7,
    time: at,
    address: '192.0.2.7:1',
    service: 'management',
    event: 'closed',
    reason: 'idle',
  };

  it('follow it as an event stream', async () => {
    const { api: client, made } = api(
      `retry: 1000\n\nid: 7\nevent: trace\ndata: ${JSON.stringify(entry)}\n\n`,
    );
    let hasOpened = false;
    const found: unknown[] = [];
    for await (const each of client.trace.follow('lamp', { after: 6, onOpen: () => (hasOpened = true) }))
      found.push(each);
    assert.equal(JSON.stringify(found), JSON.stringify([entry]));
    assert.equal(hasOpened, true);
    assert.equal(made[0]?.url, `${base}/devices/lamp/trace/live?after=6`);
    assert.equal(made[0]?.headers['accept'], 'text/event-stream');
  });

  it('reject an entry that is none', async () => {
    const { api: client } = api('id: 1\ndata: {"kind":"other"}\n\n');
    await assert.rejects(async () => {
      for await (const each of client.trace.follow('lamp')) assert.fail(JSON.stringify(each));
    }, ProtocolError);
  });

  it('switch it on, clear it and fetch its capture as bytes', async () => {
    const page = { endpoint: 'lamp', isRecording: true, recordingUntil: at, entries: [], lost: 0, next: 0 };
    const { api: client, made } = api(JSON.stringify(page));
    await client.trace.switchOn('lamp', 60);
    await client.trace.clear('lamp');
    const capture = await client.trace.capture('lamp');
    assert.deepEqual(JSON.parse(new TextDecoder().decode(capture)), page);
    assert.deepEqual(
      made.map(({ method, url, body }) => [method, url.slice(base.length), body]),
      [
        ['PUT', '/devices/lamp/trace', '{"seconds":60}'],
        ['DELETE', '/devices/lamp/trace', undefined],
        ['GET', '/devices/lamp/trace/pcapng', undefined],
      ],
    );
  });

  it('tell that the connection broke', async () => {
    const client = new DunlinApi({
      url: 'http://server:8080',
      fetch: () =>
        Promise.resolve({
          status: 200,
          headers: { get: () => null },
          body: (async function* chunks() {
            yield new TextEncoder().encode('retry: 1000\n\n');
            throw new TypeError('terminated');
          })(),
          text: () => Promise.resolve(''),
        }),
    });
    await assert.rejects(async () => {
      for await (const each of client.trace.follow('lamp')) assert.fail(JSON.stringify(each));
    }, ApiUnreachableError);
  });
});
