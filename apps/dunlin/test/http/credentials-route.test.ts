import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';

import { base64Encode, hexEncode } from '@dunlin/base';

import { authority, issue, makeKeys } from '../../../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../../../packages/dtls/test/support/pem.ts';
import { registration } from '../support/fake-server.ts';
import { type TestApp, testApp } from '../support/test-app.ts';

const url = '/api/v1/credentials';
const key = '000102030405060708090a0b0c0d0e0f';
const psk = (endpoint: string, identity = endpoint) => ({ kind: 'psk', endpoint, identity, key });
const noon = '2026-01-01T12:00:00.000Z';

const added = (answer: { body: Record<string, unknown> }) => answer.body['credential'];
const idsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body['credentials'] as { id: string }[]).map(({ id }) => id);

/** Everything the interface can be made to say. */
async function everything({ ask }: TestApp): Promise<string> {
  const answers = await Promise.all(
    [url, `${url}/c1`, `${url}?endpoint=lamp`].map((path) => ask('GET', path)),
  );
  return answers.map(({ text }) => text).join('\n');
}

describe('POST /credentials', () => {
  it('keeps a pre-shared key sealed away from every answer (R-710)', async () => {
    const world = await testApp();
    const answer = await world.ask('POST', url, psk('lamp', 'lamp-identity'));
    assert.equal(answer.status, 201);
    assert.equal(answer.headers['location'], '/api/v1/credentials/c1');
    const credential = {
      id: 'c1',
      createdAt: noon,
      kind: 'psk',
      endpoint: 'lamp',
      identity: 'lamp-identity',
    };
    assert.deepEqual(answer.body, { credential, replaced: null, warnings: [] });
    assert.equal(
      hexEncode(
        (await world.credentials.store.findPreSharedKey('lamp-identity'))?.key.reveal() ?? new Uint8Array(),
      ),
      key,
    );
    assert.ok(!`${answer.text}${await everything(world)}`.toLowerCase().includes(key));
  });

  it('takes a raw public key as PEM and as DER in base64 (R-711)', async () => {
    const { ask } = await testApp();
    const { publicKey } = issue();
    const fingerprint = `sha256:${createHash('sha256').update(publicKey).digest('hex')}`;
    const documents = [pem('PUBLIC KEY', publicKey), base64Encode(publicKey)].map(async (text) =>
      added(await ask('POST', url, { kind: 'raw-public-key', endpoint: 'lamp', publicKey: text })),
    );
    for (const [index, document] of (await Promise.all(documents)).entries()) {
      assert.deepEqual(document, {
        id: `c${index + 1}`,
        createdAt: noon,
        kind: 'raw-public-key',
        endpoint: 'lamp',
        publicKey: base64Encode(publicKey),
        fingerprint,
      });
    }
  });

  it('takes a certificate, and tells its subject and validity (R-712)', async () => {
    const { ask } = await testApp();
    const { certificate } = issue({ subject: 'lamp' });
    const answer = await ask('POST', url, {
      kind: 'certificate',
      endpoint: 'lamp',
      certificate: pem('CERTIFICATE', certificate),
    });
    assert.deepEqual(added(answer), {
      id: 'c1',
      createdAt: noon,
      kind: 'certificate',
      endpoint: 'lamp',
      certificate: base64Encode(certificate),
      fingerprint: `sha256:${createHash('sha256').update(certificate).digest('hex')}`,
      subject: 'CN=lamp',
      validFrom: '2026-01-01T00:00:00.000Z',
      validUntil: '2036-12-31T23:59:59.000Z',
    });
  });

  it('takes a trust anchor of one endpoint or of all', async () => {
    const { ask } = await testApp();
    const certificate = base64Encode(authority('Acme').certificate);
    for (const endpoint of ['lamp', null]) {
      const answer = await ask('POST', url, { kind: 'trust-anchor', endpoint, certificate });
      assert.equal(answer.status, 201, answer.text);
      assert.equal((added(answer) as { endpoint: unknown }).endpoint, endpoint);
    }
  });

  it('puts a new key in the place of the old one of the same identity', async () => {
    const { ask, credentials } = await testApp();
    await ask('POST', url, psk('lamp'));
    const revoked: string[] = [];
    credentials.revoked.subscribe(({ id }) => revoked.push(id));
    const answer = await ask('POST', url, { ...psk('lamp'), key: `${key}00` });
    assert.equal(answer.body['replaced'], 'c1');
    assert.deepEqual(revoked, ['c1'], 'what the old key was the proof for ends');
    assert.deepEqual(idsOf(await ask('GET', url)), ['c2']);
  });

  it('warns of short keys and of certificates that are not valid now', async () => {
    const { ask } = await testApp();
    const short = await ask('POST', url, { ...psk('lamp'), key: '0011223344556677' });
    assert.match(String(short.body['warnings']), /shorter than 16 bytes/);
    const certify = async (options: Parameters<typeof issue>[0]) => {
      const certificate = base64Encode(issue(options).certificate);
      const answer = await ask('POST', url, { kind: 'certificate', endpoint: 'lamp', certificate });
      assert.equal(answer.status, 201, answer.text);
      return String(answer.body['warnings']);
    };
    assert.match(
      await certify({ notBefore: '20200101000000Z', notAfter: '20251231235959Z' }),
      /has expired.*2025-12-31/,
    );
    assert.match(await certify({ notBefore: '20260102000000Z' }), /not valid yet.*2026-01-02/);
  });

  it('refuses what is another endpoint’s with 409, saying whose it is (R-730)', async () => {
    const { ask } = await testApp();
    await ask('POST', url, psk('lamp', 'shared'));
    const { status, body } = await ask('POST', url, psk('other', 'shared'));
    assert.equal(status, 409);
    assert.deepEqual(body, {
      error: 'conflict',
      message: 'the PSK identity "shared" is that of lamp (credential c1) already',
    });
    assert.deepEqual(idsOf(await ask('GET', url)), ['c1']);
  });

  it('refuses more credentials of an endpoint than there is room for with 409', async () => {
    const { ask } = await testApp();
    for (let index = 0; index < 16; index += 1) await ask('POST', url, psk('lamp', `i${index}`));
    const { status, body } = await ask('POST', url, psk('lamp', 'one more'));
    assert.equal(status, 409);
    assert.match(String(body['message']), /lamp has 16 credentials/);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const wrongCurve = Uint8Array.from(makeKeys('secp256k1').publicKey.export({ format: 'der', type: 'spki' }));
  const rsaKey = Uint8Array.from(rsa.publicKey.export({ format: 'der', type: 'spki' }));
  const privateKey = String(makeKeys().privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const chain = `${pem('CERTIFICATE', issue().certificate)}${pem('CERTIFICATE', authority('a').certificate)}`;
  const certificate = (text: string) => ({ kind: 'certificate', endpoint: 'lamp', certificate: text });
  const publicKey = (text: string) => ({ kind: 'raw-public-key', endpoint: 'lamp', publicKey: text });

  for (const [what, body, field, reason] of [
    ['no object', [], 'body', /must be an object/],
    [
      'an unknown kind',
      { kind: 'password' },
      'body.kind',
      /one of psk, raw-public-key, certificate, trust-anchor/,
    ],
    [
      'an unknown member',
      { ...psk('lamp'), hint: 'x' },
      'body.hint',
      /not known for psk; known are kind, endpoint/,
    ],
    ['no endpoint', { kind: 'psk', identity: 'i', key }, 'body.endpoint', /must be a text/],
    ['an endless endpoint name', psk('x'.repeat(513), 'i'), 'body.endpoint', /longer than 512/],
    [
      'no endpoint but for a trust anchor',
      { ...psk('lamp'), endpoint: null },
      'body.endpoint',
      /must be a text/,
    ],
    [
      'a key that is no hexadecimal',
      { ...psk('lamp'), key: 'correct horse battery' },
      'body.key',
      /hexadecimal/,
    ],
    ['an odd number of digits', { ...psk('lamp'), key: `${key}0` }, 'body.key', /even number/],
    [
      'a key that can be guessed',
      { ...psk('lamp'), key: '00112233445566' },
      'body.key',
      /has 7 bytes; 8 are the least/,
    ],
    ['an endless key', { ...psk('lamp'), key: '00'.repeat(129) }, 'body.key', /129/],
    ['an endless identity', psk('lamp', 'i'.repeat(257)), 'body.identity', /257/],
    ['half a character', psk('lamp', '\ud800'), 'body.identity', /well-formed/],
    ['no PEM and no base64', publicKey('???'), 'body.publicKey', /neither PEM nor DER/],
    ['a private key', publicKey(privateKey), 'body.publicKey', /private key.*keep it on the device/],
    [
      'a public key on another curve',
      publicKey(base64Encode(wrongCurve)),
      'body.publicKey',
      /only ECDSA keys on P-256 and P-384/,
    ],
    ['an RSA key', publicKey(pem('PUBLIC KEY', rsaKey)), 'body.publicKey', /RSA/],
    [
      'an RSA certificate',
      certificate(pem('CERTIFICATE', issue({ keys: rsa }).certificate)),
      'body.certificate',
      /RSA/,
    ],
    ['garbage', certificate(base64Encode(Uint8Array.of(1, 2, 3))), 'body.certificate', /certificate/i],
    ['a chain', certificate(chain), 'body.certificate', /there are 2 certificates; give one/],
    [
      'an anchor that is no authority',
      { ...certificate(pem('CERTIFICATE', issue().certificate)), kind: 'trust-anchor' },
      'body.certificate',
      /trust anchor/,
    ],
  ] as const) {
    it(`refuses ${what} with 400, naming the field`, async () => {
      const { ask } = await testApp();
      const answer = await ask('POST', url, body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body['error'], 'bad-request');
      assert.equal(answer.body['field'], field);
      assert.match(String(answer.body['message']), reason);
      assert.deepEqual(idsOf(await ask('GET', url)), []);
      const secrets = ['key' in body ? body.key : key, 'correct horse', privateKey.split('\n')[1] ?? ''];
      for (const secret of secrets) assert.ok(!answer.text.includes(secret), 'an answer repeats a secret');
    });
  }

  it('refuses a body that is too large with 413, and one that is no JSON with 400', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('POST', url, { ...psk('lamp'), key: '0'.repeat(40_000) })).status, 413);
    const broken = await ask('POST', url, `{"kind": "psk", "key": "${key}`, {
      'content-type': 'application/json',
    });
    assert.equal(broken.status, 400);
    assert.ok(!broken.text.includes(key));
  });
});

describe('GET /credentials', () => {
  it('lists by endpoint name, filters by it, and pages by a cursor', async () => {
    const { ask } = await testApp();
    for (const [endpoint, identity] of [
      ['b b', '1'],
      ['a', '2'],
      ['b b', '3'],
    ] as const) {
      await ask('POST', url, psk(endpoint, identity));
    }
    assert.deepEqual(idsOf(await ask('GET', url)), ['c2', 'c1', 'c3']);
    assert.deepEqual(idsOf(await ask('GET', `${url}?endpoint=b%20b`)), ['c1', 'c3']);
    const first = await ask('GET', `${url}?limit=2`);
    assert.deepEqual(idsOf(first), ['c2', 'c1']);
    const next = encodeURIComponent(String(first.body['next']));
    const second = await ask('GET', `${url}?limit=2&after=${next}`);
    assert.deepEqual(idsOf(second), ['c3']);
    assert.equal(second.body['next'], null);
  });

  it('finds a part of endpoint names and identities in any case of letters, over several pages', async () => {
    const { ask } = await testApp();
    for (const [endpoint, identity] of [
      ['Lamp-1', '1'],
      ['door', 'of the lamp'],
      ['gate', '3'],
      ['lamp-2', '4'],
    ] as const) {
      await ask('POST', url, psk(endpoint, identity));
    }
    assert.deepEqual(idsOf(await ask('GET', `${url}?contains=GATE`)), ['c3']);
    assert.deepEqual(idsOf(await ask('GET', `${url}?contains=lamp&endpoint=door`)), ['c2']);
    assert.deepEqual(idsOf(await ask('GET', `${url}?contains=%25`)), []);
    const first = await ask('GET', `${url}?contains=lamp&limit=2`);
    assert.deepEqual(idsOf(first), ['c1', 'c2']);
    const next = encodeURIComponent(String(first.body['next']));
    const second = await ask('GET', `${url}?contains=lamp&limit=2&after=${next}`);
    assert.deepEqual(idsOf(second), ['c4']);
    assert.equal(second.body['next'], null);
  });

  it('refuses a cursor that it did not give, a limit that is out of bounds, and a part of nothing', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('GET', `${url}?after=c1`)).body['field'], 'query.after');
    for (const [query, field] of [
      ['limit=0', 'query.limit'],
      ['limit=1001', 'query.limit'],
      ['contains=', 'query.contains'],
      [`contains=${'a'.repeat(513)}`, 'query.contains'],
    ] as const) {
      const { status, body } = await ask('GET', `${url}?${query}`);
      assert.deepEqual([status, body['field']], [400, field]);
    }
  });

  it('answers 404 for a credential that is not there', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('GET', `${url}/c9`);
    assert.equal(status, 404);
    assert.deepEqual(body, { error: 'unknown-credential', message: 'there is no credential "c9"' });
  });
});

describe('DELETE /credentials/{id}', () => {
  it('removes it with its secret, and tells whom it concerns', async () => {
    const { ask, credentials } = await testApp();
    await ask('POST', url, psk('lamp'));
    const revoked: string[] = [];
    credentials.revoked.subscribe(({ id }) => revoked.push(id));
    assert.equal((await ask('DELETE', `${url}/c1`)).status, 204);
    assert.deepEqual(revoked, ['c1']);
    assert.equal(await credentials.store.findPreSharedKey('lamp'), undefined);
    assert.equal((await ask('DELETE', `${url}/c1`)).status, 404);
  });
});

describe('what is secret', () => {
  it('never gets into the log', async () => {
    const lines: string[] = [];
    const { pino } = await import('pino');
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const { ask } = await testApp({ logger });
    await ask('POST', url, psk('lamp'));
    await ask('POST', url, { ...psk('lamp'), key: `${key}zz` });
    await ask('DELETE', `${url}/c1`);
    const text = lines.join('');
    assert.match(text, /added a credential[\s\S]*removed a credential/);
    assert.ok(!text.includes(key.slice(0, 16)), text);
  });
});

describe('GET /server-identity', () => {
  it('tells devices what to know the server by', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('GET', '/api/v1/server-identity');
    assert.equal(status, 200);
    assert.deepEqual(body['coaps'], ['coaps://0.0.0.0:5684']);
    assert.equal(body['certificate'], null);
  });
});

describe('how devices are secured', () => {
  it('is told with their identity', async () => {
    const { ask, server } = await testApp();
    const { peer } = registration('x');
    const secured = (name: string, security: typeof peer.security) =>
      server.add(registration(name, { peer: { ...peer, security } }));
    secured('psk', { kind: 'psk', identity: 'i' });
    secured('rpk', { kind: 'raw-public-key', publicKey: Uint8Array.of(1) });
    const seen = await Promise.all(
      ['lamp', 'psk', 'rpk'].map(async (name) => {
        const { body } = await ask('GET', `/api/v1/devices/${name}`);
        return [body['security'], body['identity']];
      }),
    );
    assert.deepEqual(seen, [
      ['none', undefined],
      ['psk', 'i'],
      ['raw-public-key', `sha256:${createHash('sha256').update(Uint8Array.of(1)).digest('hex')}`],
    ]);
  });
});
