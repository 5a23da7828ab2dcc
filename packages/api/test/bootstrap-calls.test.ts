import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  type BootstrapDocument,
  type BootstrapSessionDocument,
  DunlinApi,
  type HttpRequest,
} from '@dunlin/api';

interface Made extends Omit<HttpRequest, 'body'> {
  readonly body?: string | Uint8Array;
  readonly url: string;
}

function api(status: number, document?: unknown): { api: DunlinApi; made: Made[] } {
  const made: Made[] = [];
  const text = document === undefined ? '' : JSON.stringify(document);
  const client = new DunlinApi({
    url: 'http://server:8080',
    fetch: (url, request) => {
      const { body, ...others } = request;
      if (typeof body === 'object' && !(body instanceof Uint8Array))
        assert.fail('these calls send no stream');
      made.push({ url, ...others, ...(body === undefined ? {} : { body }) });
      return Promise.resolve({
        status,
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

const base = 'http://server:8080/api/v1/bootstrap';
const at = '2026-01-01T12:00:00.000Z';
const account = { uri: 'coaps://192.0.2.1', shortServerId: 1 };
const configuration: BootstrapDocument = {
  target: { endpoint: 'urn:a/b' },
  updatedAt: at,
  servers: [{ ...account, security: { kind: 'psk', identity: 'i' } }],
};
const session: BootstrapSessionDocument = {
  id: 's1',
  endpoint: 'lamp',
  initiatedBy: 'client',
  address: '192.0.2.7:1',
  security: 'psk',
  target: { pattern: 'la*' },
  startedAt: at,
  outcome: 'failed',
  failure: { kind: 'no-answer', reason: 'the device is silent' },
  steps: [{ operation: 'discover', path: '/', startedAt: at }],
};

describe('the typed client of a Bootstrap-Server', () => {
  it('sets, gets and removes configurations of endpoints and patterns', async () => {
    const setting = api(201, configuration);
    const input = { servers: [{ ...account, security: { kind: 'psk', identity: 'i', key: '00' } }] } as const;
    const set = await setting.api.bootstrap.setConfiguration({ endpoint: 'urn:a/b' }, input);
    assert.deepEqual(JSON.parse(JSON.stringify(set)), configuration);
    assert.equal(setting.made[0]?.method, 'PUT');
    assert.equal(setting.made[0].url, `${base}/endpoints/urn%3Aa%2Fb`);
    assert.deepEqual(JSON.parse(String(setting.made[0].body)), input);
    const getting = api(200, configuration);
    await getting.api.bootstrap.configuration({ pattern: 'a*/?' });
    assert.equal(getting.made[0]?.url, `${base}/patterns/a*%2F%3F`);
    const removing = api(204);
    await removing.api.bootstrap.removeConfiguration({ pattern: '*' });
    assert.deepEqual([removing.made[0]?.method, removing.made[0]?.url], ['DELETE', `${base}/patterns/*`]);
  });

  it('checks a configuration without setting it', async () => {
    const document = {
      problems: [],
      steps: [
        {
          operation: 'write',
          path: '/0/1',
          values: [{ path: '/0/1/5', type: 'opaque', withheld: 'secret' }],
        },
      ],
    };
    const checking = api(200, document);
    const input = { target: { pattern: '*' }, configuration: { servers: [account] } } as const;
    const found = await checking.api.bootstrap.checkConfiguration(input);
    assert.deepEqual(JSON.parse(JSON.stringify(found)), document);
    assert.deepEqual([checking.made[0]?.method, checking.made[0]?.url], ['POST', `${base}/check`]);
    assert.deepEqual(JSON.parse(String(checking.made[0]?.body)), input);
  });

  it('takes no key in an answer: the interface promises that there is none', async () => {
    const leaking = {
      ...configuration,
      servers: [{ ...account, security: { kind: 'psk', identity: 'i', key: '00' } }],
    };
    await assert.rejects(api(200, leaking).api.bootstrap.configuration({ endpoint: 'x' }), {
      code: 'protocol-violation',
    });
  });

  it('pages through configurations', async () => {
    const listing = api(200, { configurations: [configuration], next: 'endpoint:urn:a/b' });
    const { next } = await listing.api.bootstrap.configurations({
      contains: 'A b',
      after: 'endpoint:a',
      limit: 1,
    });
    assert.equal(next, 'endpoint:urn:a/b');
    assert.equal(listing.made[0]?.url, `${base}/configurations?contains=A%20b&after=endpoint%3Aa&limit=1`);
  });

  it('lists, shows and starts sessions', async () => {
    const listing = api(200, { sessions: [session], next: 's1' });
    const { sessions, next } = await listing.api.bootstrap.sessions({
      endpoint: 'a b',
      contains: 'A',
      before: 's2',
      limit: 5,
    });
    assert.equal(next, 's1');
    assert.deepEqual(JSON.parse(JSON.stringify(sessions)), [session]);
    assert.equal(listing.made[0]?.url, `${base}/sessions?endpoint=a%20b&contains=A&before=s2&limit=5`);
    const showing = api(200, session);
    await showing.api.bootstrap.session('s/1');
    assert.equal(showing.made[0]?.url, `${base}/sessions/s%2F1`);
    const starting = api(202, session);
    await starting.api.bootstrap.startSession({ endpoint: 'lamp', uri: 'coap://x' });
    assert.equal(starting.made[0]?.url, `${base}/sessions`);
    assert.equal(starting.made[0].body, '{"endpoint":"lamp","uri":"coap://x"}');
  });

  it('has credentials of its own', async () => {
    const removing = api(204);
    await removing.api.bootstrap.removeCredential('b1');
    assert.equal(removing.made[0]?.url, `${base}/credentials/b1`);
    const identity = { coaps: [], publicKey: 'MFkw', publicKeyFingerprint: 'sha256:00', certificate: null };
    const asking = api(200, identity);
    await asking.api.bootstrap.serverIdentity();
    assert.equal(asking.made[0]?.url, `${base}/server-identity`);
  });

  it('rejects with what the server said', async () => {
    const error = { error: 'unknown-session', message: 'no bootstrap session "s9" is remembered' };
    await assert.rejects(api(404, error).api.bootstrap.session('s9'), {
      code: 'unknown-session',
      status: 404,
    });
  });
});
