import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  DunlinApi,
  type HttpAnswer,
  type HttpFetch,
  type HttpRequest,
  OperationQueuedError,
} from '@dunlin/api';
import { pathOf } from '@dunlin/lwm2m';

interface Made extends Omit<HttpRequest, 'body'> {
  readonly body?: string | Uint8Array;
  readonly url: string;
}

function api(status: number, text: string): { api: DunlinApi; made: Made[] } {
  const made: Made[] = [];
  const fetch: HttpFetch = (url, request) => {
    const { body, ...others } = request;
    if (typeof body === 'object' && !(body instanceof Uint8Array)) assert.fail('these calls send no stream');
    made.push({ url, ...others, ...(body === undefined ? {} : { body }) });
    return Promise.resolve(answer(status, text));
  };
  return { api: new DunlinApi({ url: 'http://server:8080/', fetch }), made };
}

function answer(status: number, text: string): HttpAnswer {
  return {
    status,
    headers: { get: () => null },
    body: (async function* chunks() {
      yield new TextEncoder().encode(text);
    })(),
    text: () => Promise.resolve(text),
  };
}

const largest = '{"path":"/9/0/1","kind":"resource","type":"integer","value":9223372036854775807}';

describe('the typed client', () => {
  it('reads 64-bit integers exactly', async () => {
    const { api: client, made } = api(200, largest);
    const content = await client.read('urn:a/b', pathOf(9, 0, 1), { timeout: 3 });
    assert.ok(content.kind === 'resource' && 'value' in content);
    assert.equal(content.value, 9_223_372_036_854_775_807n);
    assert.equal(made[0]?.url, 'http://server:8080/api/v1/devices/urn%3Aa%2Fb/resources/9/0/1?timeout=3');
  });

  it('asks for the data format that the caller wishes, and sends in it', async () => {
    const { api: client, made } = api(200, largest);
    await client.read('lamp', '/9/0/1', { format: 'json', timeout: 3 });
    await client.write('lamp', '/9/0/1', { value: 1 }, { format: 'text' });
    assert.deepEqual(
      made.map(({ url }) => new URL(url).search),
      ['?timeout=3&format=json', '?format=text'],
    );
  });

  it('writes 64-bit integers exactly, and updates with PATCH', async () => {
    const { api: client, made } = api(204, '');
    await client.write('lamp', '/9/0/1', { value: 2n ** 63n - 1n }, { mode: 'update' });
    assert.equal(made[0]?.method, 'PATCH');
    assert.equal(made[0]?.body, '{"value":9223372036854775807}');
  });

  it('adds, lists, shows and removes credentials, whose secrets go in only', async () => {
    const credential = {
      id: 'a1',
      createdAt: '2026-01-01T12:00:00.000Z',
      kind: 'psk',
      endpoint: 'lamp',
      identity: 'i',
    };
    const input = { kind: 'psk', endpoint: 'lamp', identity: 'i', key: '00112233' } as const;
    const adding = api(201, JSON.stringify({ credential, replaced: null, warnings: [] }));
    assert.deepEqual({ ...(await adding.api.addCredential(input)).credential }, credential);
    assert.deepEqual(JSON.parse(String(adding.made[0]?.body)), input);
    const listing = api(200, JSON.stringify({ credentials: [credential], next: 'a1 lamp' }));
    const page = await listing.api.credentials({ endpoint: 'lamp', after: 'a0 lamp', limit: 1 });
    assert.equal(page.next, 'a1 lamp');
    assert.equal(
      listing.made[0]?.url,
      'http://server:8080/api/v1/credentials?endpoint=lamp&after=a0%20lamp&limit=1',
    );
    assert.deepEqual({ ...(await api(200, JSON.stringify(credential)).api.credential('a1')) }, credential);
    const removing = api(204, '');
    await removing.api.removeCredential('a/1');
    assert.equal(removing.made[0]?.method, 'DELETE');
    assert.equal(removing.made[0]?.url, 'http://server:8080/api/v1/credentials/a%2F1');
    const leaking = JSON.stringify({ ...credential, key: '00112233' });
    await assert.rejects(api(200, leaking).api.credential('a1'), { code: 'protocol-violation' });
  });

  it('asks what to know the server by', async () => {
    const identity = {
      coaps: ['coaps://0.0.0.0:5684'],
      publicKey: 'MFkw',
      publicKeyFingerprint: 'sha256:00',
      certificate: null,
    };
    const { api: client, made } = api(200, JSON.stringify(identity));
    assert.deepEqual({ ...(await client.serverIdentity()) }, identity);
    assert.equal(made[0]?.url, 'http://server:8080/api/v1/server-identity');
  });

  it('rejects with what the server said', async () => {
    const document = {
      error: 'device-refused',
      message: 'no',
      coapCode: '4.05',
      coapMeaning: 'Method Not Allowed',
    };
    const { api: client } = api(502, JSON.stringify(document));
    await assert.rejects(client.read('lamp', '/3'), {
      code: 'device-refused',
      status: 502,
      coapCode: '4.05',
    });
  });

  it('rejects an error of something that is no Dunlin server', async () => {
    await assert.rejects(api(404, '<html>').api.devices(), { code: 'not-found', status: 404 });
    await assert.rejects(api(500, '').api.devices(), { code: 'internal' });
  });

  it('rejects an answer that is not what the interface promises', async () => {
    await assert.rejects(api(200, '{"devices":{}}').api.devices(), { code: 'protocol-violation' });
    await assert.rejects(api(200, '{').api.devices(), { code: 'protocol-violation' });
  });

  it('rejects with server-unreachable when nothing answers, and with the reason of the signal', async () => {
    const cause = new TypeError('fetch failed');
    const client = new DunlinApi({ url: 'http://x', fetch: () => Promise.reject(cause) });
    await assert.rejects(client.devices(), { code: 'server-unreachable', cause });
    const reason = new Error('enough');
    await assert.rejects(client.devices({}, { signal: AbortSignal.abort(reason) }), reason);
  });

  it('rejects a path that is none before it asks', () => {
    const { api: client, made } = api(200, largest);
    assert.throws(() => client.read('lamp', '3/x'), { code: 'usage' });
    assert.deepEqual(made, []);
  });

  it('streams events from the one after the last, until the connection ends', async () => {
    const event = {
      type: 'expired',
      time: '2026-01-01T12:00:00.000Z',
      endpoint: 'lamp',
      registrationId: 'r',
    };
    const { api: client, made } = api(
      200,
      `: open\n\nid: e-2\nevent: expired\ndata: ${JSON.stringify(event)}\n\n`,
    );
    let isOpen = false;
    const onOpen = (): void => {
      isOpen = true;
    };
    const received: unknown[] = [];
    for await (const next of client.events({ endpoint: 'lamp', lastEventId: 'e-1', onOpen })) {
      received.push({ ...next, event: { ...next.event } });
    }
    assert.equal(isOpen, true);
    assert.deepEqual(received, [{ id: 'e-2', event }]);
    assert.equal(made[0]?.url, 'http://server:8080/api/v1/events?endpoint=lamp');
    assert.equal(made[0]?.headers['last-event-id'], 'e-1');
  });

  const waiting = {
    endpoint: 'meter',
    id: 7,
    operation: 'read',
    path: '/3/0/0',
    request: {},
    state: 'waiting',
    queuedAt: '2026-01-01T12:00:00.000Z',
    expiresAt: '2026-01-08T12:00:00.000Z',
    attempts: 0,
  } as const;

  it('rejects with the operation that waits when the device sleeps, whatever was asked', async () => {
    const { api: client, made } = api(202, JSON.stringify(waiting));
    const how = { wait: 5, expires: 60 };
    for (const asking of [
      client.read('meter', '/3/0/0', how),
      client.write('meter', '/3/0/14', { value: 'x' }, how),
      client.create('meter', '/3303', { resources: {} }, how),
      client.delete('meter', '/3303/1', how),
      client.execute('meter', '/3/0/4', '', how),
      client.discover('meter', '/3', how),
    ]) {
      await assert.rejects(asking, (error: unknown) => {
        assert.ok(error instanceof OperationQueuedError);
        assert.deepEqual({ ...error.operation, request: {} }, waiting);
        return error.code === 'queued' && /queued as operation 7/.test(error.message);
      });
    }
    for (const { url } of made) assert.match(url, /[?]wait=5&expires=60$/);
  });

  it('queues, lists, shows and cancels operations', async () => {
    const one = api(200, JSON.stringify(waiting));
    const input = { operation: 'execute', path: '/3/0/4', expiresIn: 60 } as const;
    assert.equal((await one.api.operations.enqueue('urn:a/b', input, { wait: 3 })).id, 7);
    assert.equal((await one.api.operations.get('meter', 7)).state, 'waiting');
    const page = api(200, JSON.stringify({ operations: [waiting], next: 7 }));
    assert.equal((await page.api.operations.list('meter', { state: 'waiting', after: 6 })).next, 7);
    const gone = api(204, '');
    await gone.api.operations.cancel('meter', 7);
    assert.deepEqual(
      [...one.made, ...page.made, ...gone.made].map(
        ({ method, url }) => `${method} ${url.replace('http://server:8080/api/v1/devices', '')}`,
      ),
      [
        'POST /urn%3Aa%2Fb/operations?wait=3',
        'GET /meter/operations/7',
        'GET /meter/operations?state=waiting&after=6',
        'DELETE /meter/operations/7',
      ],
    );
    assert.deepEqual(JSON.parse(String(one.made[0]?.body)), input);
  });

  it('refuses an operation that is not what the interface promises', async () => {
    for (const wrong of [
      { ...waiting, state: 'lost' },
      { ...waiting, id: 0 },
      { ...waiting, more: 1 },
    ])
      await assert.rejects(api(200, JSON.stringify(wrong)).api.operations.get('meter', 7), {
        code: 'protocol-violation',
      });
  });

  it('gives what was last known, and wishes with where they stand', async () => {
    const value = {
      path: '/9/0/1',
      resource: { type: 'integer', value: 1 },
      origin: 'read',
      knownAt: waiting.queuedAt,
    };
    const values = api(
      200,
      JSON.stringify({ values: [value], next: null }).replace(':1}', ':9223372036854775807}'),
    );
    const [known] = await values.api.values('meter');
    assert.ok(known !== undefined && 'value' in known.resource);
    assert.equal(known.resource.value, 2n ** 63n - 1n);
    await values.api.values('meter', '/9/0');
    assert.deepEqual(
      values.made.map(({ url }) => url.replace(/^.*meter/, '')),
      ['/values', '/values/9/0'],
    );
    const wish = { path: '/3/0/9', attributes: { pmin: 5 }, state: 'pending', since: waiting.queuedAt };
    assert.equal(
      (await api(200, JSON.stringify({ attributes: [wish], next: null })).api.attributes('meter'))[0]?.state,
      'pending',
    );
    assert.equal(await api(202, JSON.stringify(wish)).api.writeAttributes('m', '/3', { pmin: 5 }), 'pending');
    assert.equal(await api(204, '').api.writeAttributes('m', '/3', { pmin: 5 }), 'written');
    assert.equal(await api(204, '').api.withdrawAttributes('m', '/3'), 'written');
  });

  it('changes and forgets devices', async () => {
    const removing = api(204, '');
    await removing.api.removeDevice('meter', { forget: true });
    await removing.api.removeDevice('meter');
    assert.deepEqual(
      removing.made.map(({ url }) => url.replace(/^.*devices/, '')),
      ['/meter?forget=true', '/meter'],
    );
  });
});
