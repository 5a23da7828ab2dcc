import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type TestBootstrapApp, testBootstrapApp } from '../support/test-bootstrap-app.ts';

const url = '/api/v1/bootstrap/check';
const key = '000102030405060708090a0b0c0d0e0f';
const target = { endpoint: 'lamp' };
const plain = { uri: 'coap://192.0.2.1', shortServerId: 1 };
const psk = { ...plain, uri: 'coaps://192.0.2.1', security: { kind: 'psk', identity: 'lamp-1', key } };

async function fieldsOf(app: TestBootstrapApp, configuration: unknown, of: object = target) {
  const { status, text, body } = await app.ask('POST', url, { target: of, configuration });
  assert.equal(status, 200, text);
  return (body['problems'] as readonly { readonly field: string }[]).map(({ field }) => field);
}

describe('POST /bootstrap/check', () => {
  it('finds nothing wrong with a configuration that can be set, sets nothing and notes nothing', async () => {
    await using app = await testBootstrapApp();
    assert.deepEqual(await fieldsOf(app, { servers: [psk] }), []);
    assert.equal((await app.ask('GET', '/api/v1/bootstrap/endpoints/lamp')).status, 404);
    const audit = await app.ask('GET', '/api/v1/audit');
    assert.deepEqual(audit.body['entries'], [], 'what is typed into a form is no change');
  });

  it('tells all that is wrong at once, each at its member, what cannot be read as well', async () => {
    await using app = await testBootstrapApp();
    const servers = [
      { uri: 'http://x', shortServerId: 1 },
      { ...psk, uri: 'coap://y', security: { kind: 'psk', identity: 'i' }, lifetime: 'long' },
      { uri: '', shortServerId: 1, bindingMode: 'X', defaultMinimumPeriod: 9, defaultMaximumPeriod: 5 },
    ];
    assert.deepEqual((await fieldsOf(app, { servers, deletes: ['/3/0/1'], verify: 1 })).toSorted(), [
      'accessControl',
      'deletes.0',
      'servers.0.uri',
      'servers.1.lifetime',
      'servers.1.security.key',
      'servers.1.shortServerId',
      'servers.1.uri',
      'servers.2.bindingMode',
      'servers.2.defaultMaximumPeriod',
      'servers.2.shortServerId',
      'servers.2.uri',
      'verify',
    ]);
  });

  it('tells of a list with items that cannot be read no more than those', async () => {
    await using app = await testBootstrapApp();
    const configuration = {
      servers: [plain],
      accessControl: [{ path: '/3/0', owner: 1, acl: {} }],
      deletes: ['/0', '2/x'],
      writes: [
        { path: '/3/0/1x', value: 1 },
        { path: '/0/0/1', value: true },
      ],
    };
    assert.deepEqual(await fieldsOf(app, configuration), ['writes.0.path', 'deletes.1']);
  });

  it('names what is wrong with whom it is for', async () => {
    await using app = await testBootstrapApp();
    assert.deepEqual(await fieldsOf(app, { servers: [plain] }, { endpoint: '' }), ['endpoint']);
    assert.deepEqual(await fieldsOf(app, { servers: [plain] }, { pattern: 'lamp' }), ['pattern']);
    for (const bad of [undefined, 'lamp', {}, { endpoint: 'a', pattern: 'b*' }, { name: 'lamp' }]) {
      const { status, body } = await app.ask('POST', url, { target: bad, configuration: {} });
      assert.equal(status, 400);
      assert.match(String(body['field']), /^body\.target/);
    }
    for (const bad of [[], null, 5]) assert.equal((await app.ask('POST', url, bad)).status, 400);
    assert.deepEqual(await fieldsOf(app, undefined), ['servers']);
  });

  it('leaves keys where they are, and misses those that are nowhere', async () => {
    await using app = await testBootstrapApp();
    const { key: _key, ...identity } = psk.security;
    const kept = { servers: [{ ...psk, security: identity }] };
    assert.deepEqual(await fieldsOf(app, kept), ['servers.0.security.key']);
    await app.ask('PUT', '/api/v1/bootstrap/endpoints/lamp', { servers: [psk] });
    assert.deepEqual(await fieldsOf(app, kept), []);
    assert.deepEqual(await fieldsOf(app, kept, { endpoint: 'other' }), ['servers.0.security.key']);
  });

  it('refuses keys made anew where no server makes them, at that member only', async () => {
    await using app = await testBootstrapApp({ canIssue: false });
    const security = { kind: 'issued', proof: 'psk' };
    const bootstrapServer = { uri: 'coaps://b', security };
    assert.deepEqual(await fieldsOf(app, { servers: [{ ...psk, security }], bootstrapServer }), [
      'servers.0.security.kind',
      'bootstrapServer.security.kind',
    ]);
  });

  it('shows what a device will be asked, with names and without keys', async () => {
    await using app = await testBootstrapApp();
    const configuration = {
      servers: [psk],
      writes: [{ path: '/3/0/14', value: '+01:00', optional: true }],
    };
    const { body, text } = await app.ask('POST', url, { target, configuration });
    assert.ok(!text.includes(key) && !text.includes(Buffer.from(key, 'hex').toString('base64')));
    const steps = body['steps'] as readonly Record<string, unknown>[];
    assert.deepEqual(
      steps.map(({ operation, path }) => [operation, path]),
      [
        ['discover', undefined],
        ['delete', '/0'],
        ['delete', '/1'],
        ['delete', '/2'],
        ['write', '/0/1'],
        ['write', '/1/0'],
        ['write', '/3/0/14'],
        ['finish', undefined],
      ],
    );
    const values = steps[4]?.['values'] as readonly object[];
    assert.deepEqual(values[0], {
      path: '/0/1/0',
      name: 'LWM2M Server URI',
      type: 'string',
      value: 'coaps://192.0.2.1',
    });
    assert.deepEqual(values.at(-2), {
      path: '/0/1/5',
      name: 'Secret Key',
      type: 'opaque',
      withheld: 'secret',
    });
    assert.equal(steps[6]?.['optional'], true);
  });
});
