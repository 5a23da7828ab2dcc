import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { base64Encode, hexEncode } from '@dunlin/base';
import type { ServerAccount } from '@dunlin/bootstrap';

import { issue } from '../../../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../../../packages/dtls/test/support/pem.ts';
import { testApp } from '../support/test-app.ts';
import { type TestBootstrapApp, testBootstrapApp } from '../support/test-bootstrap-app.ts';

const list = '/api/v1/bootstrap/configurations';
const url = '/api/v1/bootstrap/endpoints/lamp';
const key = '000102030405060708090a0b0c0d0e0f';
const plain = { uri: 'coap://192.0.2.1', shortServerId: 1 };
const psk = {
  uri: 'coaps://192.0.2.1',
  shortServerId: 1,
  security: { kind: 'psk', identity: 'lamp-1', key },
};
const setAt = '2026-01-01T12:00:00.000Z';

/** The account that is kept of one endpoint. */
function keptServer({ world }: TestBootstrapApp, endpointName = 'lamp'): ServerAccount | undefined {
  return world.configurations.get({ kind: 'endpoint', endpointName })?.configuration.servers[0];
}

function keyOf(account: ServerAccount | undefined): string | undefined {
  return account?.security.kind === 'psk' ? hexEncode(account.security.key.reveal()) : undefined;
}

describe('PUT /bootstrap/endpoints/{name}', () => {
  it('sets what a device is given, and shows it without keys', async () => {
    await using app = await testBootstrapApp();
    const answer = await app.ask('PUT', url, { servers: [psk] });
    assert.equal(answer.status, 201, answer.text);
    const document = {
      target: { endpoint: 'lamp' },
      updatedAt: setAt,
      servers: [{ ...psk, security: { kind: 'psk', identity: 'lamp-1' } }],
    };
    assert.deepEqual(answer.body, document);
    assert.deepEqual((await app.ask('GET', url)).body, document);
    assert.equal(keyOf(keptServer(app)), key);
    assert.equal((await app.ask('PUT', url, { servers: [plain] })).status, 200, 'in its place');
  });

  it('takes everything that a device can be given, and shows it so that it can be set again', async () => {
    await using app = await testBootstrapApp();
    const input = {
      servers: [
        {
          ...plain,
          lifetime: 300,
          bindingMode: 'UQ',
          notificationStoring: false,
          defaultMinimumPeriod: 1,
          defaultMaximumPeriod: 60,
          disableTimeout: 3600,
          securityInstanceId: 5,
          serverInstanceId: 6,
          security: { kind: 'none' },
        },
        {
          uri: 'coaps://192.0.2.2',
          shortServerId: 2,
          security: { kind: 'issued', proof: 'raw-public-key' },
        },
      ],
      bootstrapServer: {
        uri: 'coap://192.0.2.9:5783',
        clientHoldOffTime: 10,
        accountTimeout: 0,
        securityInstanceId: 0,
        security: { kind: 'none' },
      },
      accessControl: [
        { path: '/3/0', owner: 1, acl: { '1': ['read', 'write', 'execute'], others: ['read'] } },
        { path: '/3303', owner: 'bootstrap-server', acl: { '2': ['create'] } },
      ],
      writes: [
        { path: '/3/0/14', value: '+01:00', type: 'string' },
        {
          path: '/3303/1',
          optional: true,
          resources: { '5700': { value: -40.5, type: 'float' } },
        },
        { path: '/3341', instances: { '0': { resources: { '5527': { value: 'on', type: 'string' } } } } },
      ],
      deletes: ['/'],
      writeLevel: 'object',
      format: 'json',
      verify: true,
      allowKeysWithoutSecurity: true,
    };
    const answer = await app.ask('PUT', url, input);
    assert.equal(answer.status, 201, answer.text);
    const { target, updatedAt, ...terms } = answer.body;
    assert.deepEqual(terms, input);
    assert.deepEqual([target, updatedAt], [{ endpoint: 'lamp' }, setAt]);
    const again = await app.ask('PUT', url, terms);
    assert.equal(again.status, 200, again.text);
    assert.deepEqual(again.body, answer.body);
  });

  it('keeps the key of an account whose identity stays when none is given', async () => {
    await using app = await testBootstrapApp();
    await app.ask('PUT', url, { servers: [psk] });
    const without = { ...psk, lifetime: 60, security: { kind: 'psk', identity: 'lamp-1' } };
    const answer = await app.ask('PUT', url, { servers: [without] });
    assert.equal(answer.status, 200, answer.text);
    const kept = keptServer(app);
    assert.deepEqual([keyOf(kept), kept?.lifetime], [key, 60]);
    for (const changed of [
      { ...psk, security: { kind: 'psk', identity: 'lamp-2' } },
      { ...psk, shortServerId: 2, security: { kind: 'psk', identity: 'lamp-1' } },
    ]) {
      const refused = await app.ask('PUT', url, { servers: [changed] });
      assert.equal(refused.status, 400);
      assert.equal(refused.body['field'], 'body.servers.0.security.key');
    }
    const elsewhere = await app.ask('PUT', '/api/v1/bootstrap/endpoints/other', { servers: [without] });
    assert.equal(elsewhere.status, 400, 'keys of another endpoint are not its');
    assert.equal(keyOf(keptServer(app)), key);
  });

  it('takes raw public keys as PEM and as DER, keeps the private key, and knows its own public key', async () => {
    const own = issue().publicKey;
    await using app = await testBootstrapApp({ own: { publicKey: own, certificate: undefined } });
    const { keys, publicKey } = issue();
    const privateKey = String(keys.privateKey.export({ format: 'pem', type: 'sec1' }));
    const uri = 'coaps://192.0.2.1';
    const server = (security: object) => ({
      servers: [{ uri, shortServerId: 1, security: { kind: 'raw-public-key', ...security } }],
    });
    const set = await app.ask('PUT', url, server({ publicKey: pem('PUBLIC KEY', publicKey), privateKey }));
    assert.equal(set.status, 201, set.text);
    const shown = {
      kind: 'raw-public-key',
      publicKey: base64Encode(publicKey),
      serverPublicKey: base64Encode(own),
    };
    assert.deepEqual((set.body['servers'] as { security: unknown }[])[0]?.security, shown);
    const security = keptServer(app)?.security;
    assert.ok(security?.kind === 'raw-public-key');
    // Devices take PKCS#8 (1.0 E.1.1), whatever the key was given as.
    assert.deepEqual(
      Buffer.from(security.privateKey.reveal()),
      keys.privateKey.export({ format: 'der', type: 'pkcs8' }),
    );
    assert.equal((await app.ask('PUT', url, server({ publicKey: base64Encode(publicKey) }))).status, 200);
    const other = await app.ask('PUT', url, server({ publicKey: base64Encode(issue().publicKey) }));
    assert.equal(other.body['field'], 'body.servers.0.security.privateKey');
    assert.match(String(other.body['message']), /is missing/);
  });

  it('takes a certificate with its key, and asks for that of the server when it has none', async () => {
    await using app = await testBootstrapApp();
    const { keys, certificate } = issue({ subject: 'lamp' });
    const server = issue({ subject: 'server.example' }).certificate;
    const input = (more: object = {}) => ({
      servers: [
        {
          uri: 'coaps://server.example',
          shortServerId: 1,
          security: {
            kind: 'certificate',
            certificate: pem('CERTIFICATE', certificate),
            privateKey: String(keys.privateKey.export({ format: 'pem', type: 'pkcs8' })),
            ...more,
          },
        },
      ],
    });
    const without = await app.ask('PUT', url, input());
    assert.equal(without.body['field'], 'body.servers.0.security.serverCertificate');
    assert.match(String(without.body['message']), /this server has none/);
    const set = await app.ask('PUT', url, input({ serverCertificate: base64Encode(server) }));
    assert.equal(set.status, 201, set.text);
    assert.deepEqual((set.body['servers'] as { security: unknown }[])[0]?.security, {
      kind: 'certificate',
      certificate: base64Encode(certificate),
      serverCertificate: base64Encode(server),
    });
  });

  it('refuses keys made anew where there is no server that would know them', async () => {
    await using app = await testBootstrapApp({ canIssue: false });
    const issued = { ...psk, security: { kind: 'issued' } };
    const { status, body } = await app.ask('PUT', url, { servers: [issued] });
    assert.equal(status, 400);
    assert.equal(body['field'], 'body.servers.0.security.kind');
    assert.match(String(body['message']), /runs together with this Bootstrap-Server/);
  });

  it('refuses one configuration too many with 409', async () => {
    await using app = await testBootstrapApp({
      configurations: {
        count: () => 3,
        get: () => undefined,
        find: () => undefined,
        page: () => [],
        put: () => ({ kind: 'full', reason: 'there are 3 configurations already' }),
        remove: () => false,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
    });
    const { status, body } = await app.ask('PUT', url, { servers: [plain] });
    assert.equal(status, 409);
    assert.deepEqual(body, { error: 'conflict', message: 'there are 3 configurations already' });
  });
});

describe('patterns', () => {
  it('are set, shown and removed as endpoints are, under a path of their own', async () => {
    await using app = await testBootstrapApp();
    const path = `/api/v1/bootstrap/patterns/${encodeURIComponent('lamp-*')}`;
    assert.equal((await app.ask('PUT', path, { servers: [plain] })).status, 201);
    assert.deepEqual((await app.ask('GET', path)).body['target'], { pattern: 'lamp-*' });
    const endpoint = `/api/v1/bootstrap/endpoints/${encodeURIComponent('lamp-*')}`;
    assert.equal((await app.ask('GET', endpoint)).status, 404, 'an endpoint may be called so');
    assert.equal((await app.ask('DELETE', path)).status, 204);
    assert.equal((await app.ask('GET', path)).status, 404);
  });

  it('must have a * in them', async () => {
    await using app = await testBootstrapApp();
    const { status, body } = await app.ask('PUT', '/api/v1/bootstrap/patterns/lamp', { servers: [plain] });
    assert.equal(status, 400);
    assert.equal(body['field'], 'pattern');
    assert.match(String(body['message']), /must have a \*/);
  });
});

describe('GET /bootstrap/configurations', () => {
  it('lists endpoints, then patterns, each by name, and pages by a cursor', async () => {
    await using app = await testBootstrapApp();
    for (const path of ['patterns/b*', 'endpoints/b b', 'endpoints/a', 'patterns/a*']) {
      const { status } = await app.ask('PUT', `/api/v1/bootstrap/${encodeURI(path)}`, { servers: [psk] });
      assert.equal(status, 201);
    }
    const targets = ({ body }: { body: Record<string, unknown> }) =>
      (body['configurations'] as { target: unknown }[]).map(({ target }) => target);
    const all = [{ endpoint: 'a' }, { endpoint: 'b b' }, { pattern: 'a*' }, { pattern: 'b*' }];
    const whole = await app.ask('GET', list);
    assert.deepEqual(targets(whole), all);
    assert.equal(whole.body['next'], null);
    assert.ok(!whole.text.includes(key), 'a list shows no keys');
    const seen: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const after = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
      const page = await app.ask('GET', `${list}?limit=1${after}`);
      seen.push(...targets(page));
      next = page.body['next'] as string | null;
    }
    assert.deepEqual(seen, all);
  });

  it('finds a part of endpoint names and patterns in any case of letters, over several pages', async () => {
    await using app = await testBootstrapApp();
    for (const at of ['endpoints/Lamp-1', 'endpoints/door', 'endpoints/lamp-2', 'patterns/*-lamp*']) {
      const { status } = await app.ask('PUT', `/api/v1/bootstrap/${at}`, { servers: [psk] });
      assert.equal(status, 201);
    }
    const pages: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const after = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
      const { body } = await app.ask('GET', `${list}?contains=LAMP&limit=2${after}`);
      pages.push((body['configurations'] as { target: unknown }[]).map(({ target }) => target));
      next = body['next'] as string | null;
    }
    assert.deepEqual(pages, [[{ endpoint: 'Lamp-1' }, { endpoint: 'lamp-2' }], [{ pattern: '*-lamp*' }]]);
    assert.equal((await app.ask('GET', `${list}?contains=`)).body['field'], 'query.contains');
  });

  it('refuses a cursor that it did not give, and a limit that is out of bounds', async () => {
    await using app = await testBootstrapApp();
    assert.equal((await app.ask('GET', `${list}?after=lamp`)).body['field'], 'query.after');
    for (const limit of ['0', '1001', 'x']) {
      assert.equal((await app.ask('GET', `${list}?limit=${limit}`)).status, 400, limit);
    }
  });
});

describe('DELETE /bootstrap/endpoints/{name}', () => {
  it('removes what a device is given, and answers 404 when there is nothing', async () => {
    await using app = await testBootstrapApp();
    await app.ask('PUT', url, { servers: [psk] });
    assert.equal((await app.ask('DELETE', url)).status, 204);
    assert.equal(keptServer(app), undefined);
    for (const method of ['GET', 'DELETE'] as const) {
      const { status, body } = await app.ask(method, url);
      assert.equal(status, 404);
      assert.deepEqual(body, {
        error: 'unknown-configuration',
        message: 'there is no bootstrap configuration for "lamp"',
      });
    }
    const again = await app.ask('PUT', url, {
      servers: [{ ...psk, security: { kind: 'psk', identity: 'lamp-1' } }],
    });
    assert.equal(again.status, 400, 'its key is gone');
  });
});

describe('/bootstrap/credentials', () => {
  it('are those of the Bootstrap-Server, and no others (1.0 §5.2.5)', async () => {
    await using app = await testBootstrapApp();
    const credential = { kind: 'psk', endpoint: 'lamp', identity: 'lamp', key };
    const answer = await app.ask('POST', '/api/v1/bootstrap/credentials', credential);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.headers['location'], '/api/v1/bootstrap/credentials/b1');
    assert.ok((await app.bootstrapCredentials.store.findPreSharedKey('lamp')) !== undefined);
    assert.equal(await app.credentials.store.findPreSharedKey('lamp'), undefined);
    assert.deepEqual((await app.ask('GET', '/api/v1/credentials')).body['credentials'], []);
    assert.equal((await app.ask('GET', '/api/v1/bootstrap/credentials/b1')).status, 200);
    assert.equal((await app.ask('DELETE', '/api/v1/credentials/b1')).status, 404);
    assert.equal((await app.ask('DELETE', '/api/v1/bootstrap/credentials/b1')).status, 204);
  });

  it('are not there without a Bootstrap-Server, and neither is anything else of it', async () => {
    const { ask } = await testApp();
    for (const path of ['credentials', 'configurations', 'sessions', 'server-identity', 'endpoints/lamp']) {
      assert.equal((await ask('GET', `/api/v1/bootstrap/${path}`)).status, 404, path);
    }
  });
});

describe('GET /bootstrap/server-identity', () => {
  it('tells devices what to know the Bootstrap-Server by', async () => {
    await using app = await testBootstrapApp();
    const { body } = await app.ask('GET', '/api/v1/bootstrap/server-identity');
    assert.deepEqual(body['coaps'], ['coaps://0.0.0.0:5784']);
    assert.notDeepEqual(body, (await app.ask('GET', '/api/v1/server-identity')).body);
  });
});
