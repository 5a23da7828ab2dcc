import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { BootstrapDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, type TestAnswer, testContext } from '../support/test-context.ts';

const key = '000102030405060708090a0b0c0d0e0f';
const files = {
  'key.hex': ` ${key}\n`,
  'config.json': '{"servers": [{"uri": "coap://192.0.2.1", "shortServerId": 1}], "verify": true}',
  'large.json': '{"servers": [], "writes": [{"path": "/9/0/1", "value": 9223372036854775807}]}',
  'broken.json': '{"servers": [',
  'list.json': '[]',
};

/** What the server answers to a configuration, whatever it was given. */
const document: BootstrapDocument = {
  target: { endpoint: 'lamp' },
  updatedAt: '2026-01-01T12:00:00.000Z',
  servers: [{ uri: 'coap://192.0.2.1', shortServerId: 1, security: { kind: 'none' } }],
};

const secured: BootstrapDocument = {
  ...document,
  servers: [{ uri: 'coaps://192.0.2.1', shortServerId: 1, security: { kind: 'issued', proof: 'psk' } }],
};

function answering(json: unknown): (request: MadeRequest) => TestAnswer {
  return ({ method }) => {
    if (method === 'PUT') return { status: 201, json };
    const credential = {
      id: 'b1',
      createdAt: '2026-01-01T12:00:00.000Z',
      kind: 'psk',
      endpoint: 'lamp',
      identity: 'lamp',
    };
    return { status: 201, json: { credential, replaced: null, warnings: [] } };
  };
}

async function run(
  args: readonly string[],
  answer: (request: MadeRequest) => TestAnswer = answering(document),
  typed: readonly string[] = [],
) {
  const lines = async function* lines() {
    yield* typed;
  };
  const context = {
    ...testContext(answer, { files }),
    stdin: { isTerminal: false, [Symbol.asyncIterator]: lines },
  };
  const exitCode = await runProgram(['bootstrap', 'set', ...args], context);
  const sent = context.requests.map(({ method, url, body }) => [
    `${method} ${new URL(url).pathname.replace('/api/v1', '')}`,
    typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined,
  ]);
  return { exitCode, out: context.out(), err: context.err(), requests: context.requests, sent };
}

describe('dunlin bootstrap set', () => {
  it('sends a device to a server', async () => {
    const { exitCode, out, sent } = await run(['lamp', '--to', 'coap://192.0.2.1', '--lifetime', '60']);
    assert.equal(exitCode, 0);
    assert.deepEqual(sent, [
      [
        'PUT /bootstrap/endpoints/lamp',
        { servers: [{ uri: 'coap://192.0.2.1', shortServerId: 1, lifetime: 60 }] },
      ],
    ]);
    assert.equal(out, 'set the bootstrap of lamp: to coap://192.0.2.1\n');
  });

  it('sends it to several, which all may do everything', async () => {
    const { sent } = await run(['lamp', '--to', 'coap://a', '--to', 'coap://b']);
    assert.deepEqual(sent[0]?.[1], {
      servers: [
        { uri: 'coap://a', shortServerId: 1 },
        { uri: 'coap://b', shortServerId: 2 },
      ],
      accessControl: 'shared',
    });
  });

  it('has keys made anew by the server, and says that the device must come securely for them', async () => {
    for (const [flag, proof] of [
      ['--psk-generate', 'psk'],
      ['--rpk-generate', 'raw-public-key'],
    ] as const) {
      const { out, sent } = await run(['lamp', '--to', 'coaps://192.0.2.1', flag], answering(secured));
      assert.deepEqual(sent[0]?.[1], {
        servers: [{ uri: 'coaps://192.0.2.1', shortServerId: 1, security: { kind: 'issued', proof } }],
      });
      assert.match(out, /^set the bootstrap of lamp: to coaps:\/\/192\.0\.2\.1\n/);
      assert.match(out, /keys are given over DTLS only.*dunlin bootstrap credentials add/);
    }
  });

  it('provisions a device with one command: its key for the Bootstrap-Server is made and shown this once', async () => {
    const args = ['lamp', '--to', 'coaps://192.0.2.1', '--psk-generate', '--bootstrap-psk-generate'];
    const { exitCode, out, sent } = await run(args, answering(secured));
    assert.equal(exitCode, 0);
    const [, made = ''] =
      /^key ([0-9a-f]{32}) for PSK identity lamp at the Bootstrap-Server$/m.exec(out) ?? [];
    assert.deepEqual(
      sent.map(([line]) => line),
      ['PUT /bootstrap/endpoints/lamp', 'POST /bootstrap/credentials'],
    );
    assert.deepEqual(sent[1]?.[1], { kind: 'psk', endpoint: 'lamp', identity: 'lamp', key: made });
    assert.match(out, /only time the key is shown/);
    assert.doesNotMatch(out, /over DTLS only/);
    const asJson = await run([...args, '--json'], answering(secured));
    const printed = JSON.parse(asJson.out) as { bootstrapKey: string; configuration: unknown };
    assert.match(printed.bootstrapKey, /^[0-9a-f]{32}$/);
    assert.notEqual(printed.bootstrapKey, made);
    assert.deepEqual(printed.configuration, secured);
  });

  it('takes keys from files or standard input, and prints them never', async () => {
    const to = ['lamp', '--to', 'coaps://192.0.2.1'];
    const fromFile = await run([...to, '--psk-key-file', 'key.hex', '--psk-identity', 'i']);
    assert.deepEqual(fromFile.sent[0]?.[1], {
      servers: [
        { uri: 'coaps://192.0.2.1', shortServerId: 1, security: { kind: 'psk', identity: 'i', key } },
      ],
    });
    const piped = await run(
      [...to, '--psk-generate', '--bootstrap-psk-key-file', '-', '--bootstrap-psk-identity', 'b'],
      answering(secured),
      [key],
    );
    assert.deepEqual(piped.sent[1]?.[1], { kind: 'psk', endpoint: 'lamp', identity: 'b', key });
    for (const { out, err } of [fromFile, piped]) assert.ok(!`${out}${err}`.includes(key));
  });

  it('sets the same for all endpoints whose names fit a pattern', async () => {
    const pattern = { ...secured, target: { pattern: 'lamp-*' } };
    const { out, sent } = await run(
      ['--pattern', 'lamp-*', '--to', 'coaps://192.0.2.1', '--psk-generate'],
      answering(pattern),
    );
    assert.equal(sent[0]?.[0], 'PUT /bootstrap/patterns/lamp-*');
    assert.match(out, /^set the bootstrap of endpoints like lamp-\*: /);
  });

  it('takes a whole configuration from a file or standard input, numbers exact', async () => {
    const wanted = JSON.parse(files['config.json']) as unknown;
    assert.deepEqual((await run(['lamp', '--file', 'config.json'])).sent[0]?.[1], wanted);
    const piped = await run(['lamp', '--file', '-'], undefined, files['config.json'].split(' '));
    assert.deepEqual(piped.sent[0]?.[1], wanted);
    const { requests } = await run(['lamp', '--file', 'large.json']);
    assert.match(String(requests[0]?.body), /"value":9223372036854775807\b/);
  });

  it('says what the server finds wrong, in which member', async () => {
    const { exitCode, err } = await run(['lamp', '--file', 'config.json'], () => ({
      status: 400,
      json: {
        error: 'bad-request',
        message: 'body.servers.0.uri: must be a coap URI without security',
        field: 'body.servers.0.uri',
      },
    }));
    assert.equal(exitCode, 2);
    assert.match(err, /^dunlin: body\.servers\.0\.uri: must be a coap URI without security/);
  });

  it('allows keys without security when told to', async () => {
    const { sent, out } = await run(
      ['lamp', '--to', 'coaps://x', '--psk-generate', '--allow-keys-without-security'],
      answering({ ...secured, allowKeysWithoutSecurity: true }),
    );
    assert.partialDeepStrictEqual(sent[0]?.[1], { allowKeysWithoutSecurity: true });
    assert.doesNotMatch(out, /over DTLS only/);
  });

  const to = ['--to', 'coaps://x'] as const;
  for (const [args, line] of [
    [[], /give an endpoint name, or --pattern/],
    [['lamp', '--pattern', '*'], /give an endpoint name, or --pattern/],
    [['lamp'], /give --to, or --file/],
    [['lamp', '--to', 'coap://x', '--file', 'config.json'], /give --to, or --file/],
    [['lamp', ...to], /a coaps server needs --psk-generate, --rpk-generate or --psk-key-file/],
    [['lamp', ...to, '--psk-generate', '--rpk-generate'], /give one of --psk-generate/],
    [['lamp', ...to, '--psk-generate', '--psk-identity', 'i'], /--psk-identity is for --psk-key-file/],
    [['lamp', '--file', 'config.json', '--psk-generate'], /--psk-generate is for --to; the file says it all/],
    [['lamp', '--file', 'config.json', '--lifetime', '5'], /--lifetime is for --to/],
    [
      ['lamp', '--file', 'config.json', '--allow-keys-without-security'],
      /--allow-keys-without-security is for --to/,
    ],
    [['--pattern', 'a*', ...to, '--psk-key-file', 'key.hex'], /would have one key: use --psk-generate/],
    [
      ['--pattern', 'a*', ...to, '--psk-generate', '--bootstrap-psk-generate'],
      /that of one endpoint: give its name/,
    ],
    [
      ['lamp', '--to', 'coap://x', '--bootstrap-psk-identity', 'i'],
      /needs --bootstrap-psk-key-file or --bootstrap-psk-generate/,
    ],
    [
      ['lamp', '--to', 'coap://x', '--bootstrap-psk-generate', '--bootstrap-psk-key-file', 'key.hex'],
      /give one of --bootstrap-psk-key-file/,
    ],
    [['lamp', ...to, '--psk-key-file', 'nowhere'], /nowhere: there is no such file/],
    [['lamp', ...to, '--psk-key-file', '-'], /--psk-key-file -: standard input is empty/],
    [['lamp', '--file', 'nowhere'], /nowhere: there is no such file/],
    [['lamp', '--file', 'broken.json'], /broken\.json is no JSON: /],
    [['lamp', '--file', 'list.json'], /list\.json must hold an object such as/],
    [['lamp', '--file', '-'], /standard input is no JSON: /],
    [['lamp', '--to', 'coap://x', '--lifetime', 'long'], /lifetime/],
    [['lamp', '--too', 'coap://x'], /did you mean --to|Did you mean --to/i],
  ] as const) {
    it(`refuses ${args.join(' ') || 'nothing'} with exit code 2, asking nothing of the server`, async () => {
      const { exitCode, err, requests } = await run(args);
      assert.equal(exitCode, 2, err);
      assert.match(err, line);
      assert.deepEqual(requests, []);
    });
  }
});
