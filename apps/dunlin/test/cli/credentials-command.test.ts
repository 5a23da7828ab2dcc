import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { CredentialDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, type TestAnswer, testContext } from '../support/test-context.ts';

const createdAt = '2026-01-01T11:59:00.000Z';
const psk: CredentialDocument = { id: 'c1', createdAt, kind: 'psk', endpoint: 'lamp', identity: 'lamp' };
const anchor: CredentialDocument = {
  id: 'c2',
  createdAt,
  kind: 'trust-anchor',
  endpoint: null,
  certificate: 'MIIB',
  fingerprint: `sha256:${'ab'.repeat(32)}`,
  subject: 'CN=Acme',
  validFrom: createdAt,
  validUntil: createdAt,
};
const files = {
  'key.hex': ' 000102030405060708090a0b0c0d0e0f\n',
  'device.pem': '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n',
  'device.der': '0Y',
};

async function run(
  args: readonly string[],
  answer?: (request: MadeRequest) => TestAnswer,
  typed: readonly string[] = [],
) {
  const lines = async function* lines() {
    yield* typed;
  };
  const context = {
    ...testContext(answer, { files }),
    stdin: { isTerminal: false, [Symbol.asyncIterator]: lines },
  };
  const exitCode = await runProgram(['credentials', ...args], context);
  const sent = context.requests.map(({ body }) =>
    typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined,
  );
  return { exitCode, out: context.out(), err: context.err(), requests: context.requests, sent };
}

const keeps =
  (credential: CredentialDocument = psk, facts = {}) =>
  (): TestAnswer => ({
    status: 201,
    json: { credential, replaced: null, warnings: [], ...facts },
  });

describe('dunlin credentials add', () => {
  it('adds a pre-shared key under the endpoint name as its identity, and says what follows', async () => {
    const { exitCode, out, sent, requests } = await run(
      ['add', 'lamp', '--psk-key', '00'.repeat(16)],
      keeps(),
    );
    assert.equal(exitCode, 0);
    assert.equal(requests[0]?.method, 'POST');
    assert.deepEqual(sent, [{ kind: 'psk', endpoint: 'lamp', identity: 'lamp', key: '00'.repeat(16) }]);
    assert.equal(
      out,
      'added credential c1 of lamp: PSK identity lamp\n' +
        'From now on lamp must register over DTLS (coaps); over plain CoAP it is refused.\n',
    );
  });

  it('reads the key from a file or standard input, so that no history has it', async () => {
    const wanted = { kind: 'psk', endpoint: 'lamp', identity: 'i', key: '000102030405060708090a0b0c0d0e0f' };
    const fromFile = await run(['add', 'lamp', '--psk-identity', 'i', '--psk-key-file', 'key.hex'], keeps());
    assert.deepEqual(fromFile.sent, [wanted]);
    const piped = await run(['add', 'lamp', '--psk-identity', 'i', '--psk-key-file', '-'], keeps(), [
      ` ${wanted.key} `,
    ]);
    assert.deepEqual(piped.sent, [wanted]);
    assert.ok(!`${piped.out}${piped.err}`.includes(wanted.key));
  });

  it('makes a key of 16 bytes, and prints it this once', async () => {
    const first = await run(['add', 'lamp', '--psk-generate'], keeps());
    const [, key = ''] = /^key ([0-9a-f]{32})$/m.exec(first.out) ?? [];
    assert.deepEqual(first.sent, [{ kind: 'psk', endpoint: 'lamp', identity: 'lamp', key }]);
    assert.match(first.out, /only time the key is shown/);
    const second = await run(['add', 'lamp', '--psk-generate', '--json'], keeps());
    const document = JSON.parse(second.out) as { key: string };
    assert.match(document.key, /^[0-9a-f]{32}$/);
    assert.notEqual(document.key, key);
  });

  it('sends PEM as it is and DER in base64', async () => {
    const asPem = await run(['add', 'lamp', '--public-key', 'device.pem'], keeps());
    assert.deepEqual(asPem.sent, [
      { kind: 'raw-public-key', endpoint: 'lamp', publicKey: files['device.pem'] },
    ]);
    const asDer = await run(['add', 'lamp', '--certificate', 'device.der'], keeps());
    assert.deepEqual(asDer.sent, [{ kind: 'certificate', endpoint: 'lamp', certificate: 'MFk=' }]);
  });

  it('lets an authority vouch for one endpoint, or for every one when that is said', async () => {
    const one = await run(['add', 'lamp', '--trust', 'device.der'], keeps());
    assert.deepEqual(one.sent, [{ kind: 'trust-anchor', endpoint: 'lamp', certificate: 'MFk=' }]);
    const all = await run(['add', '--every-endpoint', '--trust', 'device.der'], keeps(anchor));
    assert.deepEqual(all.sent, [{ kind: 'trust-anchor', endpoint: null, certificate: 'MFk=' }]);
    assert.match(all.out, /^added credential c2 of every endpoint: trust in CN=Acme sha256:/);
    assert.match(all.out, /without credentials of their own may still register over plain CoAP/);
  });

  it('passes on warnings and what was replaced', async () => {
    const { out, err } = await run(
      ['add', 'lamp', '--psk-key', '00'],
      keeps(psk, { replaced: 'c0', warnings: ['the key is short'] }),
    );
    assert.match(out, /of lamp in place of c0: /);
    assert.equal(err, 'warning: the key is short\n');
  });

  for (const [args, line] of [
    [['add', 'lamp'], /give one of --psk-key, --psk-key-file, --psk-generate, --public-key/],
    [['add', 'lamp', '--psk-generate', '--trust', 'device.der'], /give one of --psk-key/],
    [['add', '--psk-generate'], /the endpoint name is missing/],
    [['add', '--trust', 'device.der'], /--every-endpoint lets the authority vouch for all/],
    [['add', 'lamp', '--every-endpoint', '--trust', 'device.der'], /not both/],
    [['add', 'lamp', '--every-endpoint', '--psk-generate'], /for --trust only/],
    [['add', 'lamp', '--public-key', 'nowhere.pem'], /nowhere\.pem: there is no such file/],
    [['add', 'lamp', '--psk-key-file', '-'], /standard input is empty/],
    [['remove'], /give ids of credentials, or --endpoint/],
    [['remove', 'c1', '--endpoint', 'lamp'], /give ids of credentials, or --endpoint/],
    [['ad'], /did you mean add\?/],
  ] as const) {
    it(`${args.join(' ')}: one clear line and exit code 2, nothing asked`, async () => {
      const { exitCode, err, requests } = await run(args);
      assert.equal(exitCode, 2);
      assert.match(err, line);
      assert.equal(err.trimEnd().split('\n').length, 1, err);
      assert.deepEqual(requests, []);
    });
  }

  it('ends with 2 when the identity is another endpoint’s, and 2 for a wrong key', async () => {
    for (const [status, error] of [
      [409, 'conflict'],
      [400, 'bad-request'],
    ] as const) {
      const { exitCode, err } = await run(['add', 'lamp', '--psk-key', 'x'], () => ({
        status,
        json: { error, message: 'no' },
      }));
      assert.equal(exitCode, 2);
      assert.equal(err, 'dunlin: no\n');
    }
  });
});

describe('dunlin credentials list and show', () => {
  it('list them as a table, page by page', async () => {
    const pages = [
      { credentials: [anchor], next: 'c2 ' },
      { credentials: [psk], next: null },
    ];
    const { out, requests } = await run(['list'], () => ({ json: pages.shift() }));
    assert.deepEqual(
      requests.map(({ url }) => url.replace(/.*v1/, '')),
      ['/credentials?limit=100', '/credentials?after=c2%20&limit=99'],
    );
    assert.equal(
      out,
      [
        'ENDPOINT          KIND          IDENTITY                            ADDED     ID',
        '(every endpoint)  trust-anchor  CN=Acme (sha256:abababababababab…)  60 s ago  c2',
        'lamp              psk           lamp                                60 s ago  c1',
        '',
      ].join('\n'),
    );
  });

  it('say when there are none', async () => {
    assert.equal(
      (await run(['list', 'lamp'], () => ({ json: { credentials: [], next: null } }))).out,
      'There are no credentials.\n',
    );
  });

  it('list those whose endpoint names or identities have a text in them', async () => {
    const { requests } = await run(['list', '--contains', 'La'], () => ({
      json: { credentials: [psk], next: null },
    }));
    assert.deepEqual(
      requests.map(({ url }) => url.replace(/.*v1/, '')),
      ['/credentials?contains=La&limit=100'],
    );
  });

  it('show one in full', async () => {
    const { out } = await run(['show', 'c1'], () => ({ json: psk }));
    assert.match(out, /^identity +lamp$/m);
    assert.match(out, /^key +\(sealed, never shown\)$/m);
    const missing = await run(['show', 'c9'], () => ({
      status: 404,
      json: { error: 'unknown-credential', message: 'no' },
    }));
    assert.equal(missing.exitCode, 3);
  });
});

describe('dunlin credentials remove', () => {
  it('removes by id, and says when an endpoint may use plain CoAP again', async () => {
    const { exitCode, out, requests } = await run(['remove', 'c1'], ({ method, url }) => {
      if (method === 'DELETE') return { status: 204, text: '' };
      return { json: url.includes('endpoint=') ? { credentials: [], next: null } : psk };
    });
    assert.equal(exitCode, 0);
    assert.deepEqual(
      requests.map(({ method, url }) => `${method} ${url.replace(/.*v1/, '')}`),
      ['GET /credentials/c1', 'DELETE /credentials/c1', 'GET /credentials?endpoint=lamp&limit=1'],
    );
    assert.match(out, /^removed credential c1 of lamp: PSK identity lamp\n/);
    assert.match(out, /lamp has no credentials left: it may register over plain CoAP again\.\n$/);
  });

  it('removes all of an endpoint', async () => {
    const { out, requests } = await run(['remove', '--endpoint', 'lamp', '--json'], ({ method }) =>
      method === 'DELETE'
        ? { status: 204, text: '' }
        : { json: { credentials: [psk, { ...psk, id: 'c3' }], next: null } },
    );
    assert.equal(requests.filter(({ method }) => method === 'DELETE').length, 2);
    assert.deepEqual(JSON.parse(out), { removed: ['c1', 'c3'], endpointsWithoutCredentials: [] });
    const nobody = await run(['remove', '--endpoint', 'x'], () => ({
      json: { credentials: [], next: null },
    }));
    assert.equal(nobody.exitCode, 3);
  });
});

describe('dunlin credentials server', () => {
  const identity = {
    coaps: ['coaps://0.0.0.0:5684'],
    publicKey: 'MFkwEw==',
    publicKeyFingerprint: 'sha256:12',
    certificate: {
      certificate: 'MIIB',
      fingerprint: 'sha256:34',
      subject: 'CN=server',
      validFrom: createdAt,
      validUntil: createdAt,
    },
  };

  it('prints what a device has to know the server by, as PEM', async () => {
    const { out } = await run(['server'], () => ({ json: identity }));
    assert.equal(
      out,
      [
        'listens     coaps://0.0.0.0:5684',
        'public key  sha256:12',
        '-----BEGIN PUBLIC KEY-----',
        'MFkwEw==',
        '-----END PUBLIC KEY-----',
        'certificate CN=server sha256:34',
        '-----BEGIN CERTIFICATE-----',
        'MIIB',
        '-----END CERTIFICATE-----',
        '',
      ].join('\n'),
    );
  });

  it('prints hexadecimal digits for devices that want them', async () => {
    const { out } = await run(['server', '--form', 'hex'], () => ({
      json: { ...identity, certificate: null },
    }));
    assert.match(out, /^30593013$/m);
  });
});
