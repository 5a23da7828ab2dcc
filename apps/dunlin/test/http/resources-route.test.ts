import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Integer, ResourceContent, ResourceContents } from '@dunlin/lwm2m';

import { testApp } from '../support/test-app.ts';

const at = '/api/v1/devices/lamp/resources';
const single = (type: string, value: unknown): unknown => ({
  kind: 'resource',
  resource: { kind: 'single', type, value },
});

const resources = (...entries: readonly (readonly [number, ResourceContent])[]): ResourceContents =>
  new Map(entries);

describe('GET …/resources/{path}', () => {
  it('reads a Resource with its name and type', async () => {
    const { ask, device } = await testApp();
    const { status, body } = await ask('GET', `${at}/3/0/0`);
    assert.equal(status, 200);
    assert.deepEqual(body, {
      path: '/3/0/0',
      kind: 'resource',
      name: 'Manufacturer',
      type: 'string',
      value: 'Dunlin',
    });
    assert.equal(device.asked[0]?.path, '/3/0/0');
  });

  it('calls a temperature sensor by its name, with units', async () => {
    const { ask, device } = await testApp();
    device.content = {
      kind: 'object',
      instances: new Map([
        [1, resources([5700, { kind: 'single', type: 'float', value: 21.5 }])],
        [0, resources([5701, { kind: 'single', type: 'string', value: 'Cel' }])],
      ]),
    };
    const { body } = await ask('GET', `${at}/3303`);
    assert.deepEqual(body, {
      path: '/3303',
      kind: 'object',
      name: 'Temperature',
      instances: {
        0: { resources: { 5701: { name: 'Sensor Units', type: 'string', value: 'Cel' } } },
        1: { resources: { 5700: { name: 'Sensor Value', type: 'float', value: 21.5 } } },
      },
    });
  });

  it('gives 64-bit integers exactly', async () => {
    const { ask, device } = await testApp();
    device.content = {
      kind: 'object-instance',
      resources: resources([
        8,
        {
          kind: 'multiple',
          type: 'integer',
          values: new Map<number, Integer>([
            [0, 9_223_372_036_854_775_807n],
            [1, -1],
          ]),
        },
      ]),
    };
    const { text } = await ask('GET', `${at}/3/0`);
    assert.match(text, /"values":\{"0":9223372036854775807,"1":-1\}/);
  });

  it('waits for the device as long as the query says', async () => {
    const { ask, device } = await testApp();
    await ask('GET', `${at}/3/0/0?timeout=2.5`);
    assert.equal(device.asked[0]?.['timeout'], 2500);
  });

  it('asks for the format that the query says, and leaves it to the server without one (1.0 §6.4)', async () => {
    const { ask, device } = await testApp();
    await ask('GET', `${at}/3/0?format=json`);
    await ask('GET', `${at}/3/0`);
    assert.deepEqual(
      device.asked.map(({ format }) => format),
      [11543, undefined],
    );
  });

  it('writes and creates in the format that the query says', async () => {
    const { ask, device } = await testApp();
    await ask('PUT', `${at}/3/0/14?format=text`, { value: '+01:00' });
    await ask('POST', `${at}/3303?format=json`, { resources: { 5700: 21.5 } });
    assert.deepEqual(
      device.asked.map(({ format }) => format),
      [0, 11543],
    );
  });

  it('answers 400 naming a format that 1.0 does not have', async () => {
    const { ask, device } = await testApp();
    const { status, body } = await ask('GET', `${at}/3/0?format=senml`);
    assert.equal(status, 400);
    assert.equal((body as { readonly field: string }).field, 'query.format');
    assert.deepEqual(device.asked, []);
  });

  for (const [path, reason] of [
    ['3/x', /whole numbers/],
    ['3//0', /whole numbers/],
    ['03', /whole numbers/],
    ['70000', /whole numbers/],
    ['', /an Object \(3\)/],
    ['3/0/6/0', /Resource Instance/],
  ] as const) {
    it(`answers 400 naming the path for ${JSON.stringify(path)}`, async () => {
      const { ask, device } = await testApp();
      const { status, body } = await ask('GET', `${at}/${path}`);
      assert.equal(status, 400);
      assert.equal(body['field'], 'path');
      assert.match(String(body['message']), reason);
      assert.deepEqual(device.asked, []);
    });
  }

  it('answers 400 naming the timeout', async () => {
    const { ask } = await testApp();
    for (const timeout of ['0', '-1', '601', 'long']) {
      const { status, body } = await ask('GET', `${at}/3/0/0?timeout=${timeout}`);
      assert.equal(status, 400);
      assert.equal(body['field'], 'query.timeout');
    }
  });

  it('answers 404 for an unknown device', async () => {
    const { ask, observed } = await testApp();
    const { status, body } = await ask('GET', '/api/v1/devices/nobody/resources/3');
    assert.equal(status, 404);
    assert.equal(body['error'], 'unknown-device');
    assert.ok(observed.includes('read unknown-device'));
  });
});

describe('PUT and PATCH …/resources/{path}', () => {
  for (const [method, mode] of [
    ['PUT', 'replace'],
    ['PATCH', 'update'],
  ] as const) {
    it(`${method} is a Write that is to ${mode}`, async () => {
      const { ask, device } = await testApp();
      const { status, text } = await ask(method, `${at}/3/0`, {
        resources: { 14: '+01:00', 15: { value: 'UTC' } },
      });
      assert.equal(status, 204);
      assert.equal(text, '');
      assert.equal(device.asked[0]?.['mode'], mode);
      assert.deepEqual(device.asked[0]?.['content'], {
        kind: 'object-instance',
        resources: new Map([
          [14, { kind: 'single', type: 'string', value: '+01:00' }],
          [15, { kind: 'single', type: 'string', value: 'UTC' }],
        ]),
      });
    });
  }

  it('takes integers beyond 2^53 exactly', async () => {
    const { ask, device } = await testApp();
    const text = Buffer.from('{"value":9007199254740993}');
    const { status } = await ask('PUT', `${at}/3/0/13`, text, { 'content-type': 'application/json' });
    assert.equal(status, 204);
    assert.deepEqual(device.asked[0]?.['content'], single('time', 9_007_199_254_740_993n));
  });

  it('reads text/plain by the type of the definition', async () => {
    const { ask, device } = await testApp();
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    assert.equal((await ask('PUT', `${at}/3/0/13`, Buffer.from('17'), headers)).status, 204);
    assert.deepEqual(device.asked[0]?.['content'], single('time', 17));
  });

  it('takes bytes for an opaque Resource', async () => {
    const { ask, device } = await testApp();
    const headers = { 'content-type': 'application/octet-stream' };
    assert.equal((await ask('PUT', `${at}/5/0/0`, Buffer.from([0, 255]), headers)).status, 204);
    assert.deepEqual(device.asked[0]?.['content'], single('opaque', new Uint8Array([0, 255])));
  });

  it('lets the query and the body override the type', async () => {
    const { ask, device } = await testApp();
    await ask('PUT', `${at}/40000/0/1?type=float`, Buffer.from('1'), { 'content-type': 'text/plain' });
    await ask('PUT', `${at}/40000/0/1`, { value: '1:2', type: 'objlnk' });
    assert.deepEqual(device.asked[0]?.['content'], single('float', 1));
    assert.deepEqual(device.asked[1]?.['content'], single('objlnk', { objectId: 1, objectInstanceId: 2 }));
  });

  for (const [path, body, field] of [
    ['3', { value: 1 }, 'path'],
    ['3/0/13', { value: 'soon' }, 'body.value'],
    ['3/0/13', { value: 1.5 }, 'body.value'],
    ['3/0/13', { values: { 0: 1 } }, 'body.values'],
    ['3/0/13', { val: 1 }, 'body.val'],
    ['3/0/13', [1], 'body'],
    ['3/0/6', { value: 1 }, 'body.value'],
    ['3/0/6', { values: { x: 1 } }, 'body.values.x'],
    ['3/0', { value: 1 }, 'body.resources'],
    ['3/0', { resources: { x: 1 } }, 'body.resources.x'],
    ['3/0', { resources: { 9: { value: true } } }, 'body.resources.9.value'],
    ['3/0/9', { value: 1, type: 'text' }, 'body.type'],
  ] as const) {
    it(`answers 400 naming ${field} for ${JSON.stringify(body)} to ${path}`, async () => {
      const { ask, device } = await testApp();
      const answer = await ask('PUT', `${at}/${path}`, body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body['error'], 'bad-request');
      assert.equal(answer.body['field'], field);
      assert.deepEqual(device.asked, []);
    });
  }

  it('answers 400 for what is no JSON, and for no body', async () => {
    const { ask } = await testApp();
    const broken = await ask('PUT', `${at}/3/0/0`, Buffer.from('{"value":'), {
      'content-type': 'application/json',
    });
    assert.deepEqual([broken.status, broken.body['field']], [400, 'body']);
    const absent = await ask('PUT', `${at}/3/0/0`);
    assert.deepEqual([absent.status, absent.body['field']], [400, 'body']);
  });

  it('answers 415 for another media type and 413 for a body beyond the limit', async () => {
    const { ask } = await testApp({ limits: { body: 100 } });
    const other = await ask('PUT', `${at}/3/0/0`, Buffer.from('<a/>'), { 'content-type': 'text/xml' });
    assert.deepEqual([other.status, other.body['error']], [415, 'unsupported-media-type']);
    const large = await ask('PUT', `${at}/3/0/0`, { value: 'x'.repeat(200) });
    assert.deepEqual([large.status, large.body['error']], [413, 'payload-too-large']);
  });
});

describe('POST and DELETE …/resources/{path}', () => {
  it('creates an Object Instance and says where it is', async () => {
    const { ask, device } = await testApp();
    const { status, body, headers } = await ask('POST', `${at}/3303`, {
      resources: { 5700: 21.5 },
      instanceId: 7,
    });
    assert.equal(status, 201);
    assert.deepEqual(body, { path: '/3303/7' });
    assert.equal(headers['location'], '/api/v1/devices/lamp/resources/3303/7');
    assert.equal(device.asked[0]?.['objectInstanceId'], 7);
    assert.deepEqual(device.asked[0]?.['content'], {
      kind: 'object-instance',
      resources: new Map([[5700, { kind: 'single', type: 'float', value: 21.5 }]]),
    });
  });

  it('leaves the id to the device when none is given (R-471)', async () => {
    const { ask, device } = await testApp();
    await ask('POST', `${at}/3303`, { resources: {} });
    assert.ok(device.asked[0] !== undefined && !('objectInstanceId' in device.asked[0]));
  });

  it('answers 400 naming what is wrong with a Create', async () => {
    const { ask } = await testApp();
    const onInstance = await ask('POST', `${at}/3303/1`, { resources: {} });
    assert.deepEqual([onInstance.status, onInstance.body['field']], [400, 'path']);
    const reserved = await ask('POST', `${at}/3303`, { resources: {}, instanceId: 65_535 });
    assert.deepEqual([reserved.status, reserved.body['field']], [400, 'body.instanceId']);
  });

  it('deletes an Object Instance and nothing else', async () => {
    const { ask, device } = await testApp();
    assert.equal((await ask('DELETE', `${at}/3303/1`)).status, 204);
    assert.deepEqual(device.asked, [{ operation: 'delete', path: '/3303/1' }]);
    assert.equal((await ask('DELETE', `${at}/3303`)).status, 400);
    assert.equal((await ask('DELETE', `${at}/3303/1/5700`)).status, 400);
  });
});
