import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { instantFrom, seconds, StorageError } from '@dunlin/base';
import { type Content, pathOf } from '@dunlin/lwm2m';
import { type OperationState, QueueFullError } from '@dunlin/server';

import { parsePrefer } from '../../src/http/prefer.ts';
import { type FakeDevice, noon, registration } from '../support/fake-server.ts';
import { type Answer, type TestApp, testApp } from '../support/test-app.ts';

const at = '/api/v1/devices/meter';
const acme: Content = { kind: 'resource', resource: { kind: 'single', type: 'string', value: 'Acme' } };
const later = instantFrom(noon + 1000);
const doneWith = (content: Content): OperationState => ({
  kind: 'done',
  at: later,
  result: { kind: 'content', content },
});
const done: OperationState = { kind: 'done', at: later, result: { kind: 'done' } };

interface SleepyApp extends TestApp {
  readonly meter: FakeDevice;
}

async function sleepyApp(): Promise<SleepyApp> {
  const app = await testApp();
  const meter = app.server.add(registration('meter', { bindingMode: 'UQ' }));
  app.server.sleeping.add('meter');
  return { ...app, meter };
}

/** Lets a request come to where it waits. */
async function arrived(meter: FakeDevice): Promise<void> {
  while (meter.operations.all.length === 0) await nextTurn();
}

describe('what is asked of a device that sleeps', () => {
  it('is 202 with the operation that waits and where it is, for every route that asks a device', async () => {
    const { ask, meter, observed } = await sleepyApp();
    const routes = [
      ['GET', 'resources/3/0/0', undefined, 'read'],
      ['PUT', 'resources/3/0/14', { value: '+01:00' }, 'write-replace'],
      ['PATCH', 'resources/3/0', { resources: { 14: '+01:00' } }, 'write-update'],
      ['POST', 'resources/3303', { resources: { 5700: 1 } }, 'create'],
      ['DELETE', 'resources/3303/1', undefined, 'delete'],
      ['POST', 'execute/3/0/4', undefined, 'execute'],
      ['GET', 'discover/3', undefined, 'discover'],
    ] as const;
    for (const [index, [method, path, body, operation]] of routes.entries()) {
      const answer = await ask(method, `${at}/${path}`, body);
      assert.equal(answer.status, 202, path);
      assert.equal(answer.headers['location'], `${at}/operations/${index + 1}`);
      assert.equal(answer.body['operation'], operation);
      assert.equal(answer.body['state'], 'waiting');
      assert.equal(answer.body['expiresAt'], '2026-01-08T12:00:00.000Z');
      assert.ok(observed.includes(`${operation} queued`));
    }
    assert.deepEqual(meter.asked, []);
  });

  it('may expire when the caller says', async () => {
    const { ask } = await sleepyApp();
    const { body } = await ask('GET', `${at}/resources/3/0/0?expires=3600`);
    assert.equal(body['expiresAt'], '2026-01-01T13:00:00.000Z');
    for (const wrong of ['0', '-1', 'soon', '99999999'])
      assert.equal(
        (await ask('GET', `${at}/resources/3/0/0?expires=${wrong}`)).body['field'],
        'query.expires',
      );
  });

  for (const [how, url, headers] of [
    ['?wait=', `${at}/resources/3/0/0?wait=10`, {}],
    ['Prefer: wait=', `${at}/resources/3/0/0`, { prefer: 'wait=10' }],
  ] as const) {
    it(`is answered like any other when it is done within ${how}`, async () => {
      const { ask, meter } = await sleepyApp();
      const reading = ask('GET', url, undefined, headers);
      await arrived(meter);
      meter.operations.change(1, { kind: 'sent', at: noon });
      meter.operations.change(1, doneWith(acme));
      const { status, body } = await reading;
      assert.deepEqual([status, body['value'], body['name']], [200, 'Acme', 'Manufacturer']);
    });
  }

  it('is 202 when it is not done in time', async () => {
    const { ask } = await sleepyApp();
    const { status, body } = await ask('GET', `${at}/resources/3/0/0?wait=1`);
    assert.deepEqual([status, body['id']], [202, 1]);
  });

  it('waits without being told to while the device is awake, and is 202 when that is not enough', async () => {
    const { ask, meter, server } = await sleepyApp();
    server.sleeping.delete('meter');
    const writing = ask('PUT', `${at}/resources/3/0/14`, { value: '+01:00' });
    await arrived(meter);
    meter.operations.change(1, done);
    assert.equal((await writing).status, 204);
    assert.equal((await ask('PUT', `${at}/resources/3/0/14?timeout=1`, { value: 'x' })).status, 202);
    const async = await ask('GET', `${at}/resources/3/0/0`, undefined, { prefer: 'respond-async' });
    assert.equal(async.status, 202);
  });

  it('creates, executes, deletes and discovers like any other when it is done in time', async () => {
    const { ask, meter } = await sleepyApp();
    const finish = async (asking: Promise<Answer>, result: OperationState): Promise<Answer> => {
      const count = meter.operations.all.length;
      while (meter.operations.all.length === count) await nextTurn();
      meter.operations.change(count + 1, result);
      return await asking;
    };
    const created = await finish(ask('POST', `${at}/resources/3303?wait=9`, { resources: {} }), {
      kind: 'done',
      at: later,
      result: { kind: 'created', path: pathOf(3303, 7) },
    });
    assert.deepEqual([created.status, created.headers['location']], [201, `${at}/resources/3303/7`]);
    assert.equal((await finish(ask('POST', `${at}/execute/3/0/4?wait=9`), done)).status, 204);
    assert.equal((await finish(ask('DELETE', `${at}/resources/3303/7?wait=9`), done)).status, 204);
    const links = await finish(ask('GET', `${at}/discover/3?wait=9`), {
      kind: 'done',
      at: later,
      result: { kind: 'links', links: [{ path: pathOf(3), attributes: {} }] },
    });
    assert.deepEqual(links.body, { links: [{ path: '/3', name: 'Device', attributes: {} }] });
  });

  for (const [state, status, word] of [
    [
      {
        kind: 'failed',
        at: later,
        failure: { reason: 'refused', message: '', coapCode: '4.05', diagnostic: 'no' },
      },
      502,
      'device-refused',
    ],
    [
      { kind: 'failed', at: later, failure: { reason: 'misbehaved', message: 'm' } },
      502,
      'device-misbehaved',
    ],
    [{ kind: 'failed', at: later, failure: { reason: 'rejected', message: 'm' } }, 502, 'device-misbehaved'],
    [{ kind: 'failed', at: later, failure: { reason: 'no-answer', message: 'm' } }, 504, 'no-answer'],
    [
      { kind: 'failed', at: later, failure: { reason: 'outcome-unknown', message: 'm' } },
      504,
      'outcome-unknown',
    ],
    [{ kind: 'failed', at: later, failure: { reason: 'unusable', message: 'm' } }, 400, 'bad-request'],
    [{ kind: 'expired', at: later }, 504, 'operation-expired'],
    [{ kind: 'cancelled', at: later }, 409, 'operation-cancelled'],
    [{ kind: 'done', at: later, result: { kind: 'too-long', length: 99_999 } }, 502, 'device-misbehaved'],
  ] as const satisfies readonly (readonly [OperationState, number, string])[]) {
    const name = state.kind === 'failed' ? state.failure.reason : state.kind;
    it(`is ${status} ${word} when the operation ends ${name} while somebody waits`, async () => {
      const { ask, meter } = await sleepyApp();
      const reading = ask('GET', `${at}/resources/3/0/0?wait=10`);
      await arrived(meter);
      meter.operations.change(1, state);
      const answer = await reading;
      assert.deepEqual([answer.status, answer.body['error']], [status, word]);
    });
  }

  it('is checked before it is accepted', async () => {
    const { ask, meter } = await sleepyApp();
    assert.equal((await ask('PUT', `${at}/resources/3/0/13`, { value: 'noon' })).body['field'], 'body.value');
    assert.equal((await ask('GET', `${at}/resources/3/x`)).body['field'], 'path');
    assert.equal((await ask('GET', `${at}/resources/3?wait=soon`)).body['field'], 'query.wait');
    assert.deepEqual(meter.operations.all, []);
  });

  it('is 429 when the queue of the device is full, and 503 when it cannot be stored', async () => {
    const { ask, meter } = await sleepyApp();
    meter.operations.failure = new QueueFullError('meter has 100 operations that wait');
    const full = await ask('GET', `${at}/resources/3/0/0`);
    assert.deepEqual([full.status, full.body['error']], [429, 'too-many-requests']);
    meter.operations.failure = new StorageError('disk full');
    assert.equal((await ask('GET', `${at}/resources/3/0/0`)).status, 503);
  });
});

describe('what is asked to be answered at once', () => {
  it('is queued for any device, registered or known', async () => {
    const { ask, server, device } = await sleepyApp();
    const prefer = { prefer: 'respond-async' };
    const read = await ask('GET', '/api/v1/devices/lamp/resources/3/0/0', undefined, prefer);
    assert.deepEqual([read.status, read.headers['location']], [202, '/api/v1/devices/lamp/operations/1']);
    assert.deepEqual(device.asked, []);
    server.addGone('gone');
    assert.equal((await ask('GET', '/api/v1/devices/gone/resources/3/0/0', undefined, prefer)).status, 202);
    assert.equal((await ask('GET', '/api/v1/devices/gone/resources/3/0/0')).status, 404);
  });

  it('is understood as RFC 7240 writes it', () => {
    assert.deepEqual(parsePrefer('respond-async, wait=10'), { isAsync: true, wait: 10_000 });
    assert.deepEqual(parsePrefer(['handling=lenient', 'Wait="5"']), { isAsync: false, wait: 5000 });
    assert.deepEqual(parsePrefer('wait=99999'), { isAsync: false, wait: 600_000 });
    for (const nothing of [undefined, '', 'wait', 'wait=-1', 'wait=1e3', 'respond-asynchronously'])
      assert.deepEqual(parsePrefer(nothing), { isAsync: false, wait: undefined });
  });
});

describe('…/operations', () => {
  const queue = (app: SleepyApp, body: object, query = ''): Promise<Answer> =>
    app.ask('POST', `${at}/operations${query}`, body);

  it('accepts every operation as data', async () => {
    const app = await sleepyApp();
    for (const body of [
      { operation: 'read', path: '/3/0/0' },
      { operation: 'discover', path: '3' },
      { operation: 'write-replace', path: '/3/0/14', input: { value: '+01:00' } },
      { operation: 'write-update', path: '/3/0', input: { resources: { 14: 'x' } } },
      { operation: 'write-attributes', path: '/3/0/9', attributes: { pmin: 5, pmax: null } },
      { operation: 'execute', path: '/3/0/4', arguments: '1' },
      { operation: 'create', path: '/3303', input: { resources: { 5700: 21.5 }, instanceId: 4 } },
      { operation: 'delete', path: '/3303/4', expiresIn: 60 },
    ]) {
      const { status, body: made, headers } = await queue(app, body);
      assert.equal(status, 202, JSON.stringify(body));
      assert.equal(headers['location'], `${at}/operations/${String(made['id'])}`);
      assert.equal(made['operation'], body.operation);
    }
    const { body } = await app.ask('GET', `${at}/operations`);
    const operations = body['operations'] as Record<string, unknown>[];
    assert.deepEqual(
      operations.map((each) => each['request']),
      [
        {},
        {},
        {
          content: {
            path: '/3/0/14',
            kind: 'resource',
            name: 'UTC Offset',
            type: 'string',
            value: '+01:00',
          },
        },
        {
          content: {
            path: '/3/0',
            kind: 'object-instance',
            name: 'Device',
            resources: { 14: { name: 'UTC Offset', type: 'string', value: 'x' } },
          },
        },
        { attributes: { pmin: 5, pmax: null } },
        { arguments: '1' },
        {
          content: {
            path: '/3303',
            kind: 'object-instance',
            name: 'Temperature',
            resources: { 5700: { name: 'Sensor Value', type: 'float', value: 21.5 } },
          },
        },
        {},
      ],
    );
    assert.equal(operations[7]?.['expiresAt'], '2026-01-01T12:01:00.000Z');
  });

  for (const [body, field] of [
    [undefined, 'body'],
    [{ operation: 'observe', path: '/3' }, 'body.operation'],
    [{ operation: 'read' }, 'body'],
    [{ operation: 'read', path: 'three' }, 'body.path'],
    [{ operation: 'read', path: '/3', input: { value: 1 } }, 'body.input'],
    [{ operation: 'read', path: '/3', arguments: '1' }, 'body.arguments'],
    [{ operation: 'read', path: '/3', attributes: { pmin: 1 } }, 'body.attributes'],
    [{ operation: 'read', path: '/3', expires: 1 }, 'body.expires'],
    [{ operation: 'read', path: '/3', expiresIn: 0 }, 'body.expiresIn'],
    [{ operation: 'write-replace', path: '/3/0/14' }, 'body.input'],
    [{ operation: 'write-replace', path: '/3/0/13', input: { value: 'noon' } }, 'body.input.value'],
    [{ operation: 'write-replace', path: '/3', input: { value: 1 } }, 'body.path'],
    [
      { operation: 'create', path: '/3303', input: { resources: {}, instanceId: -1 } },
      'body.input.instanceId',
    ],
    [{ operation: 'write-attributes', path: '/3', attributes: { pmix: 1 } }, 'body.attributes.pmix'],
  ] as const) {
    it(`answers 400 naming ${field} for ${JSON.stringify(body)}`, async () => {
      const { ask, meter } = await sleepyApp();
      const answer = await ask('POST', `${at}/operations`, body);
      assert.deepEqual([answer.status, answer.body['field']], [400, field]);
      assert.deepEqual(meter.operations.all, []);
    });
  }

  it('answers with the end of an operation that ends within ?wait=', async () => {
    const app = await sleepyApp();
    const queueing = queue(app, { operation: 'read', path: '/3/0/0' }, '?wait=10');
    await arrived(app.meter);
    app.meter.operations.change(1, doneWith(acme));
    const { status, body } = await queueing;
    assert.equal(status, 200);
    assert.deepEqual(body, {
      endpoint: 'meter',
      id: 1,
      operation: 'read',
      path: '/3/0/0',
      name: 'Manufacturer',
      request: {},
      state: 'done',
      queuedAt: '2026-01-01T12:00:00.000Z',
      expiresAt: '2026-01-08T12:00:00.000Z',
      attempts: 1,
      finishedAt: '2026-01-01T12:00:01.000Z',
      result: {
        content: { path: '/3/0/0', kind: 'resource', name: 'Manufacturer', type: 'string', value: 'Acme' },
      },
    });
    const late = await queue(app, { operation: 'read', path: '/3/0/0' }, '?wait=1');
    assert.deepEqual([late.status, late.body['state']], [202, 'waiting']);
  });

  it('shows one, with the error its own route would have answered', async () => {
    const { ask, meter } = await sleepyApp();
    await ask('POST', `${at}/execute/3/0/4`);
    meter.operations.change(1, { kind: 'sent', at: noon });
    assert.equal((await ask('GET', `${at}/operations/1`)).body['sentAt'], '2026-01-01T12:00:00.000Z');
    meter.operations.change(1, {
      kind: 'failed',
      at: later,
      failure: { reason: 'refused', message: '', coapCode: '4.05', diagnostic: 'not now' },
    });
    const { status, body } = await ask('GET', `${at}/operations/1?wait=5`);
    assert.equal(status, 200);
    assert.deepEqual(body['error'], {
      error: 'device-refused',
      message: 'meter refused the Execute of /3/0/4 with 4.05 Method Not Allowed: not now',
      coapCode: '4.05',
      coapMeaning: 'Method Not Allowed',
      diagnostic: 'not now',
    });
  });

  it('lists by state and in pages', async () => {
    const { ask, meter } = await sleepyApp();
    for (let count = 0; count < 3; count += 1) await ask('POST', `${at}/execute/3/0/4`);
    meter.operations.change(2, done);
    const ids = async (query: string): Promise<unknown> => {
      const { body } = await ask('GET', `${at}/operations${query}`);
      return [(body['operations'] as { id: number }[]).map(({ id }) => id), body['next']];
    };
    assert.deepEqual(await ids(''), [[1, 2, 3], null]);
    assert.deepEqual(await ids('?state=waiting'), [[1, 3], null]);
    assert.deepEqual(await ids('?limit=2'), [[1, 2], 2]);
    assert.deepEqual(await ids('?limit=2&after=2'), [[3], null]);
    assert.deepEqual(await ids('?limit=1&after=2'), [[3], null], 'a full page may be the last');
    assert.deepEqual(await ids('?limit=3'), [[1, 2, 3], null]);
    await ask('PUT', `${at}/resources/3/0/14`, { value: '+01:00' });
    assert.deepEqual(await ids('?contains=REBOOT&limit=2'), [[1, 2], 2], 'by the name of what is there');
    assert.deepEqual(await ids('?contains=/3/0/14'), [[4], null], 'by path');
    assert.deepEqual(await ids('?contains=execute&state=waiting'), [[1, 3], null], 'by what is done');
    assert.deepEqual(await ids('?contains=nothing'), [[], null]);
    for (const [query, field] of [
      ['?state=gone', 'query.state'],
      ['?limit=0', 'query.limit'],
      ['?after=-1', 'query.after'],
      ['?since=1', 'query.since'],
    ] as const)
      assert.equal((await ask('GET', `${at}/operations${query}`)).body['field'], field);
  });

  it('cancels one that waits, forgets one that is finished, and does not take back one that is sent', async () => {
    const { ask, meter } = await sleepyApp();
    for (let count = 0; count < 2; count += 1) await ask('POST', `${at}/execute/3/0/4`);
    assert.equal((await ask('DELETE', `${at}/operations/1`)).status, 204);
    assert.equal(meter.operations.all[0]?.state.kind, 'cancelled');
    assert.equal((await ask('DELETE', `${at}/operations/1`)).status, 204);
    meter.operations.change(2, { kind: 'sent', at: noon });
    const sent = await ask('DELETE', `${at}/operations/2`);
    assert.deepEqual([sent.status, sent.body['error']], [409, 'conflict']);
  });

  it('answers 404 for what is not there, and 400 for what is no id', async () => {
    const { ask, server } = await sleepyApp();
    for (const method of ['GET', 'DELETE'] as const) {
      const missing = await ask(method, `${at}/operations/7`);
      assert.deepEqual([missing.status, missing.body['error']], [404, 'unknown-operation']);
      for (const id of ['0', 'one', '1.5', '-1', '9'.repeat(40)])
        assert.equal((await ask(method, `${at}/operations/${id}`)).body['field'], 'id', id);
    }
    assert.equal((await ask('GET', '/api/v1/devices/nobody/operations')).body['error'], 'unknown-device');
    server.addGone('gone');
    assert.equal((await ask('GET', '/api/v1/devices/gone/operations')).status, 200);
  });

  it('takes hostile endpoint names for names', async () => {
    const { ask, server } = await sleepyApp();
    for (const name of ["'; DROP TABLE operation; --", '../../etc/passwd', 'a/b', '%2e', '\u0000', '💡']) {
      server.add(registration(name, { bindingMode: 'UQ' }));
      server.sleeping.add(name);
      const url = `/api/v1/devices/${encodeURIComponent(name)}`;
      const { status, headers, body } = await ask('POST', `${url}/execute/3/0/4`);
      assert.equal(status, 202, name);
      assert.equal(body['endpoint'], name);
      assert.equal(headers['location'], `${url}/operations/1`);
    }
  });
});

describe('…/values', () => {
  it('gives what was last known, with age and origin, without asking the device', async () => {
    const { ask, meter } = await sleepyApp();
    meter.values = [
      {
        path: '/3/0/9',
        resource: { kind: 'single', type: 'integer', value: 2n ** 60n },
        origin: 'notified',
        knownAt: later,
        measuredAt: noon,
      },
      {
        path: '/26241/0/1',
        resource: { kind: 'multiple', type: 'opaque', values: new Map([[3, Uint8Array.of(1)]]) },
        origin: 'written',
        knownAt: noon,
      },
    ];
    const { status, text } = await ask('GET', `${at}/values`);
    assert.equal(status, 200);
    assert.equal(
      text,
      '{"values":[{"path":"/3/0/9","resource":{"name":"Battery Level","type":"integer","units":"%","value":1152921504606846976},' +
        '"origin":"notified","knownAt":"2026-01-01T12:00:01.000Z","measuredAt":"2026-01-01T12:00:00.000Z"},' +
        '{"path":"/26241/0/1","resource":{"type":"opaque","values":{"3":"AQ=="}},"origin":"written","knownAt":"2026-01-01T12:00:00.000Z"}],"next":null}',
    );
    await ask('GET', `${at}/values/3/0`);
    const { text: battery } = await ask('GET', `${at}/values?contains=battery`);
    assert.match(battery, /^\{"values":\[\{"path":"\/3\/0\/9",[^[]*\],"next":null\}$/);
    assert.match((await ask('GET', `${at}/values?limit=1`)).text, /"next":"\/3\/0\/9"\}$/);
    assert.equal((await ask('GET', `${at}/values?after=3`)).body['field'], 'query.after');
    assert.deepEqual(meter.asked.slice(0, 2), [
      { operation: 'values', path: '/' },
      { operation: 'values', path: '/3/0' },
    ]);
  });

  it('answers 404 for a device that never was there, and 400 for what is no path', async () => {
    const { ask, server } = await sleepyApp();
    assert.equal((await ask('GET', '/api/v1/devices/nobody/values')).body['error'], 'unknown-device');
    assert.equal((await ask('GET', `${at}/values/x`)).body['field'], 'path');
    server.addGone('gone');
    assert.deepEqual((await ask('GET', '/api/v1/devices/gone/values/3')).body, { values: [], next: null });
  });
});

describe('wishes for a device', () => {
  it('are 202 when it cannot be reached now, and say where they stand', async () => {
    const { ask, server } = await sleepyApp();
    const gone = server.addGone('gone');
    const observed = await ask('PUT', '/api/v1/devices/gone/observations/3/0/9', { attributes: { pmin: 5 } });
    assert.equal(observed.status, 202);
    assert.deepEqual(observed.body, { path: '/3/0/9', isNew: true, state: 'pending' });
    assert.equal(observed.headers['location'], '/api/v1/devices/gone/observations');
    const written = await ask('PUT', '/api/v1/devices/gone/attributes/3/0/9', { pmin: 5, pmax: null });
    assert.equal(written.status, 202);
    assert.deepEqual(written.body, {
      path: '/3/0/9',
      name: 'Battery Level',
      attributes: { pmin: 5, pmax: null },
      state: 'pending',
      since: '2026-01-01T12:00:00.000Z',
    });
    assert.equal(gone.wishes.length, 2);
  });

  it('are listed with the reason why they are refused', async () => {
    const { ask, meter } = await sleepyApp();
    meter.observed = ['/3/0/1'];
    meter.wishes = [
      {
        kind: 'observation',
        path: '/3/0/9',
        since: noon,
        state: 'refused',
        reason: 'not there',
        coapCode: '4.04',
      },
      { kind: 'attributes', path: '/3/0/9', since: noon, state: 'active', change: { pmin: seconds(5) } },
    ];
    assert.deepEqual((await ask('GET', `${at}/observations`)).body, {
      observations: [
        {
          path: '/3/0/1',
          name: 'Model Number',
          state: 'active',
          isDesired: false,
          since: '2026-01-01T12:00:00.000Z',
          observedAt: '2026-01-01T12:00:00.000Z',
        },
        {
          path: '/3/0/9',
          name: 'Battery Level',
          state: 'refused',
          isDesired: true,
          since: '2026-01-01T12:00:00.000Z',
          reason: 'not there',
          coapCode: '4.04',
        },
      ],
      next: null,
    });
    assert.deepEqual((await ask('GET', `${at}/attributes`)).body, {
      attributes: [
        {
          path: '/3/0/9',
          name: 'Battery Level',
          attributes: { pmin: 5 },
          state: 'active',
          since: '2026-01-01T12:00:00.000Z',
        },
      ],
      next: null,
    });
  });

  it('are withdrawn', async () => {
    const { ask, meter } = await sleepyApp();
    await ask('PUT', `${at}/observations/3/0/9`);
    await ask('PUT', `${at}/attributes/3/0/9`, { pmin: 5 });
    assert.equal((await ask('DELETE', `${at}/observations/3/0/9`)).status, 204);
    assert.equal((await ask('DELETE', `${at}/attributes/3/0/9`)).status, 204);
    assert.deepEqual(meter.wishes, []);
    for (const path of ['observations/3/0/9', 'attributes/3/0/9'])
      assert.equal((await ask('DELETE', `${at}/${path}`)).body['error'], 'no-observation');
  });
});
