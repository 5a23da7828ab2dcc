import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { base64Encode } from '@dunlin/base';

import { issue, makeKeys } from '../../../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../../../packages/dtls/test/support/pem.ts';
import { testBootstrapApp } from '../support/test-bootstrap-app.ts';

const list = '/api/v1/bootstrap/configurations';
const url = '/api/v1/bootstrap/endpoints/lamp';
const key = '000102030405060708090a0b0c0d0e0f';
const plain = { uri: 'coap://192.0.2.1', shortServerId: 1 };
const psk = {
  uri: 'coaps://192.0.2.1',
  shortServerId: 1,
  security: { kind: 'psk', identity: 'lamp-1', key },
};

describe('bad bootstrap configurations', () => {
  const rsaLike = makeKeys('secp256k1');
  const privateKey = String(makeKeys().privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const servers = (...accounts: readonly object[]) => ({ servers: accounts });
  const secured = (security: object) => servers({ ...psk, security });
  const write = (entry: object) => ({ servers: [plain], writes: [entry] });
  const access = (entry: object) => ({ servers: [plain], accessControl: [entry] });

  for (const [what, body, field, reason] of [
    ['a list', [], 'body', /must be an object/],
    ['null', null, 'body', /must be an object/],
    ['no servers', {}, 'body.servers', /is missing/],
    ['servers that are no list', { servers: plain }, 'body.servers', /must be a list/],
    ['no server when accounts are deleted', { servers: [] }, 'body.servers', /a device needs one/],
    ['a server that is no object', { servers: ['coap://x'] }, 'body.servers.0', /must be an object/],
    [
      'an unknown member',
      { servers: [plain], acl: 'shared' },
      'body.acl',
      /not known; known are .*accessControl/,
    ],
    ['an unknown member of a server', servers({ ...plain, ttl: 5 }), 'body.servers.0.ttl', /lifetime/],
    ['no URI', servers({ shortServerId: 1 }), 'body.servers.0.uri', /is missing/],
    ['an empty URI', servers({ ...plain, uri: '' }), 'body.servers.0.uri', /must be a text/],
    ['a URI of another scheme', servers({ ...plain, uri: 'http://x' }), 'body.servers.0.uri', /coap/],
    ['half a character', servers({ ...plain, uri: 'coap://\ud800' }), 'body.servers.0.uri', /must be a text/],
    [
      'an endless URI',
      servers({ ...plain, uri: `coap://x/${'a'.repeat(300)}` }),
      'body.servers.0.uri',
      /longer/,
    ],
    [
      'security under a coap URI',
      servers({ ...psk, uri: 'coap://x' }),
      'body.servers.0.uri',
      /must be a coaps URI/,
    ],
    [
      'a coaps URI without security',
      servers({ ...plain, uri: 'coaps://x' }),
      'body.servers.0.uri',
      /must be a coap URI/,
    ],
    [
      'a Short Server ID as text',
      servers({ ...plain, shortServerId: '1' }),
      'body.servers.0.shortServerId',
      /whole number/,
    ],
    [
      'the Short Server ID 0',
      servers({ ...plain, shortServerId: 0 }),
      'body.servers.0.shortServerId',
      /1 to 65534/,
    ],
    [
      'the Short Server ID 65535',
      servers({ ...plain, shortServerId: 65_535 }),
      'body.servers.0.shortServerId',
      /1 to 65534/,
    ],
    [
      'a Short Server ID twice',
      { ...servers(plain, plain), accessControl: 'shared' },
      'body.servers.1.shortServerId',
      /another/,
    ],
    [
      'two servers without access control',
      servers(plain, { ...plain, shortServerId: 2 }),
      'body.accessControl',
      /must be there/,
    ],
    ['a lifetime of nothing', servers({ ...plain, lifetime: 0 }), 'body.servers.0.lifetime', /1 to/],
    ['a fraction', servers({ ...plain, lifetime: 1.5 }), 'body.servers.0.lifetime', /whole number/],
    ['a binding that needs SMS', servers({ ...plain, bindingMode: 'US' }), 'body.servers.0.bindingMode', /U/],
    ['no binding at all', servers({ ...plain, bindingMode: 'X' }), 'body.servers.0.bindingMode', /U or UQ/],
    [
      'a word for yes',
      servers({ ...plain, notificationStoring: 'yes' }),
      'body.servers.0.notificationStoring',
      /true or false/,
    ],
    ['security as a word', secured('psk' as never), 'body.servers.0.security', /must be an object/],
    ['an unknown kind', secured({ kind: 'tls' }), 'body.servers.0.security.kind', /one of none, psk/],
    [
      'an unknown proof',
      secured({ kind: 'issued', proof: 'certificate' }),
      'body.servers.0.security.proof',
      /one of psk/,
    ],
    ['no identity', secured({ kind: 'psk', key }), 'body.servers.0.security.identity', /is missing/],
    [
      'no key',
      secured({ kind: 'psk', identity: 'i' }),
      'body.servers.0.security.key',
      /none with this identity that could stay/,
    ],
    [
      'a key that is a password',
      secured({ kind: 'psk', identity: 'i', key: 'correct horse battery' }),
      'body.servers.0.security.key',
      /hexadecimal/,
    ],
    [
      'a short key',
      secured({ kind: 'psk', identity: 'i', key: key.slice(0, 30) }),
      'body.servers.0.security.key',
      /must have 16 to 64 bytes.*not 15/,
    ],
    [
      'an endless key',
      secured({ kind: 'psk', identity: 'i', key: '00'.repeat(65) }),
      'body.servers.0.security.key',
      /not 65/,
    ],
    [
      'an endless identity',
      secured({ kind: 'psk', identity: 'i'.repeat(129), key }),
      'body.servers.0.security.identity',
      /128 bytes/,
    ],
    [
      'a private key in place of a public one',
      secured({ kind: 'raw-public-key', publicKey: privateKey }),
      'body.servers.0.security.publicKey',
      /is a private key/,
    ],
    [
      'a public key on another curve',
      secured({
        kind: 'raw-public-key',
        publicKey: pem(
          'PUBLIC KEY',
          Uint8Array.from(rsaLike.publicKey.export({ format: 'der', type: 'spki' })),
        ),
      }),
      'body.servers.0.security.publicKey',
      /P-256/,
    ],
    [
      'a private key of another public key',
      secured({
        kind: 'raw-public-key',
        publicKey: base64Encode(issue().publicKey),
        privateKey,
        serverPublicKey: base64Encode(issue().publicKey),
      }),
      'body.servers.0.security.privateKey',
      /./,
    ],
    [
      'a garbled private key',
      secured({ kind: 'raw-public-key', publicKey: base64Encode(issue().publicKey), privateKey: '???' }),
      'body.servers.0.security.privateKey',
      /neither PEM nor DER/,
    ],
    [
      'a key made anew for the Bootstrap-Server itself',
      { servers: [plain], bootstrapServer: { uri: 'coaps://b', security: { kind: 'issued' } } },
      'body.bootstrapServer.security.kind',
      /only for accounts of a server/,
    ],
    [
      'a wrong Bootstrap-Server',
      { servers: [plain], bootstrapServer: { uri: 'coap://b', lifetime: 1 } },
      'body.bootstrapServer.lifetime',
      /not known/,
    ],
    ['access control as a word', { servers: [plain], accessControl: 'open' }, 'body.accessControl', /list/],
    [
      'access control of a Resource',
      access({ path: '/3/0/1', owner: 1, acl: {} }),
      'body.accessControl.0.path',
      /Object Instance/,
    ],
    [
      'access control of Object 2',
      access({ path: '/2/0', owner: 1, acl: {} }),
      'body.accessControl.0.path',
      /must not be 2/,
    ],
    [
      'an owner that is no server',
      access({ path: '/3/0', owner: 7, acl: {} }),
      'body.accessControl.0.owner',
      /one of the servers/,
    ],
    [
      'rights of a name',
      access({ path: '/3/0', owner: 1, acl: { me: ['read'] } }),
      'body.accessControl.0.acl.me',
      /Short Server ID, or others/,
    ],
    [
      'an unknown right',
      access({ path: '/3/0', owner: 1, acl: { '1': ['observe'] } }),
      'body.accessControl.0.acl.1.0',
      /one of read, write/,
    ],
    [
      'a right to create an instance that is there',
      access({ path: '/3/0', owner: 1, acl: { '1': ['create'] } }),
      'body.accessControl.0.acl.1',
      /read, write, execute and delete/,
    ],
    ['no path', write({ value: 1 }), 'body.writes.0.path', /is missing/],
    ['a write of everything', write({ path: '/', value: 1 }), 'body.writes.0.path', /must be that of/],
    ['a write of an account', write({ path: '/0/0/10', value: 7 }), 'body.writes.0.path', /Object 0/],
    ['a value of the wrong type', write({ path: '/3/0/14', value: 5 }), 'body.writes.0.value', /not a text/],
    [
      'a value where an instance is',
      write({ path: '/3303/0', value: 5 }),
      'body.writes.0.resources',
      /object of Resources/,
    ],
    [
      'an instance that has no id',
      write({ path: '/3303', instances: { last: { resources: {} } } }),
      'body.writes.0.instances.last',
      /is no id from 0 to 65534/,
    ],
    [
      'the same write twice',
      {
        servers: [plain],
        writes: [
          { path: '/3/0/14', value: 'a' },
          { path: '/3/0/14', value: 'b' },
        ],
      },
      'body.writes.1.path',
      /once more/,
    ],
    ['a delete of a Resource', { servers: [plain], deletes: ['/3/0/14'] }, 'body.deletes.0', /must be \//],
    ['a delete that is no text', { servers: [plain], deletes: [3] }, 'body.deletes.0', /must be \//],
    ['a delete of the device', { servers: [plain], deletes: ['/3'] }, 'body.deletes.0', /cannot be deleted/],
    ['an unknown level', { servers: [plain], writeLevel: 'root' }, 'body.writeLevel', /one of object/],
    ['an unknown format', { servers: [plain], format: 'cbor' }, 'body.format', /one of tlv, json/],
    ['a word for verify', { servers: [plain], verify: 1 }, 'body.verify', /true or false/],
  ] as const) {
    it(`refuses ${what} with 400, naming the member, and keeps nothing`, async () => {
      await using app = await testBootstrapApp({
        own: { publicKey: issue().publicKey, certificate: undefined },
      });
      const answer = await app.ask('PUT', url, body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body['error'], 'bad-request');
      assert.equal(answer.body['field'], field, answer.text);
      assert.match(String(answer.body['message']), reason);
      assert.equal((await app.ask('GET', url)).status, 404);
      for (const secret of [key.slice(0, 16), 'correct horse', privateKey.split('\n')[1] ?? '']) {
        assert.ok(!answer.text.includes(secret), 'an answer repeats a secret');
      }
    });
  }
});

describe('hostile requests for a bootstrap configuration', () => {
  it('with names that are none are refused, and those with odd ones are kept as they are', async () => {
    await using app = await testBootstrapApp();
    const set = async (name: string) =>
      await app.ask('PUT', `/api/v1/bootstrap/endpoints/${name}`, { servers: [plain] });
    for (const name of ['', encodeURIComponent('x'.repeat(513)), '%00', '%0A', '%FF', '%ED%A0%80', '%']) {
      const { status, text } = await set(name);
      assert.ok(status === 400 || status === 404, `${name}: ${status} ${text}`);
    }
    assert.deepEqual((await app.ask('GET', list)).body, { configurations: [], next: null });
    for (const name of ['../credentials', 'a/b', '__proto__', '*', 'ö 日本', 'urn:imei:1']) {
      assert.equal((await set(encodeURIComponent(name))).status, 201, name);
      const { body } = await app.ask('GET', `/api/v1/bootstrap/endpoints/${encodeURIComponent(name)}`);
      assert.deepEqual(body['target'], { endpoint: name });
    }
  });

  it('with members of every object are refused', async () => {
    await using app = await testBootstrapApp();
    for (const member of ['__proto__', 'constructor', 'toString']) {
      const text = `{"servers": [{"uri": "coap://x", "shortServerId": 1, "${member}": {"lifetime": 5}}]}`;
      const answer = await app.ask('PUT', url, text, { 'content-type': 'application/json' });
      assert.equal(answer.status, 400, answer.text);
    }
  });

  it('that are too large are refused with 413, and those that are no JSON with 400, repeating nothing', async () => {
    await using app = await testBootstrapApp();
    const large = await app.ask('PUT', url, { servers: [plain], writes: ['x'.repeat(1_100_000)] });
    assert.equal(large.status, 413);
    const broken = await app.ask('PUT', url, `{"servers": [{"key": "${key}`, {
      'content-type': 'application/json',
    });
    assert.equal(broken.status, 400);
    assert.ok(!broken.text.includes(key));
    const other = await app.ask('PUT', url, 'servers=1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(other.status, 415);
  });

  it('with more servers, writes, deletes or entries than a configuration may have are refused', async () => {
    await using app = await testBootstrapApp();
    const many = <T>(length: number, make: (index: number) => T): readonly T[] =>
      Array.from({ length }, (_each, index) => make(index));
    for (const [field, body] of [
      [
        'servers',
        {
          servers: many(33, (index) => ({ ...plain, shortServerId: index + 1 })),
          accessControl: 'shared',
        },
      ],
      [
        'writes',
        {
          servers: [plain],
          writes: many(300, (index) => ({ path: `/40000/0/${index}`, value: 'x', type: 'string' })),
        },
      ],
      ['deletes', { servers: [plain], deletes: ['/2', ...many(300, (index) => `/${3000 + index}`)] }],
      [
        'accessControl',
        {
          servers: [plain],
          accessControl: many(2000, (index) => ({ path: `/3303/${index}`, owner: 1, acl: {} })),
        },
      ],
    ] as const) {
      const answer = await app.ask('PUT', url, body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body['field'], `body.${field}`);
      assert.match(String(answer.body['message']), /more than|at most/);
    }
  });
});
