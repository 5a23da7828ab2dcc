import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { BootstrapDocument, BootstrapSessionDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, type TestAnswer, testContext } from '../support/test-context.ts';

const updatedAt = '2026-01-01T11:59:00.000Z';
const lamp: BootstrapDocument = {
  target: { endpoint: 'lamp' },
  updatedAt,
  servers: [{ uri: 'coaps://192.0.2.1', shortServerId: 1, security: { kind: 'psk', identity: 'i' } }],
  deletes: [],
};
const sensors: BootstrapDocument = {
  target: { pattern: 'sensor-*' },
  updatedAt,
  servers: [
    { uri: 'coap://a', shortServerId: 1 },
    { uri: 'coaps://b', shortServerId: 2, security: { kind: 'issued', proof: 'psk' } },
  ],
  accessControl: 'shared',
};
const running: BootstrapSessionDocument = {
  id: 's1',
  endpoint: 'lamp',
  initiatedBy: 'client',
  address: '192.0.2.7:40123',
  security: 'psk',
  target: { pattern: 'la*' },
  startedAt: '2026-01-01T11:59:30.000Z',
  outcome: 'running',
  steps: [
    {
      operation: 'request',
      startedAt: '2026-01-01T11:59:30.000Z',
      answer: { at: '2026-01-01T11:59:30.000Z', coapCode: '2.04' },
    },
    { operation: 'write', path: '/0/1', format: 'tlv', length: 70, startedAt: '2026-01-01T11:59:30.100Z' },
  ],
};
const finished: BootstrapSessionDocument = {
  ...running,
  outcome: 'finished',
  endedAt: '2026-01-01T11:59:31.000Z',
};
const failed: BootstrapSessionDocument = {
  ...finished,
  outcome: 'failed',
  failure: { kind: 'refused', reason: 'the device refused to write /0/1 with 4.00' },
  steps: [
    {
      operation: 'write',
      path: '/0/1',
      format: 'tlv',
      length: 70,
      startedAt: '2026-01-01T11:59:30.100Z',
      answer: {
        at: '2026-01-01T11:59:30.200Z',
        coapCode: '4.00',
        coapMeaning: 'Bad Request',
        diagnostic: 'no\u001Broom',
      },
    },
  ],
};

async function run(args: readonly string[], answer?: (request: MadeRequest) => TestAnswer) {
  const context = testContext(answer);
  const exitCode = await runProgram(['bootstrap', ...args], context);
  const sent = context.requests.map(
    ({ method, url }) => `${method} ${url.slice(url.indexOf('/api/v1') + 7)}`,
  );
  return { exitCode, out: context.out(), err: context.err(), sent, requests: context.requests };
}

const unknown: TestAnswer = {
  status: 404,
  json: { error: 'unknown-configuration', message: 'there is no bootstrap configuration for "lamp"' },
};

describe('dunlin bootstrap list', () => {
  it('shows whom what is for, and how it is secured', async () => {
    const { out, exitCode } = await run(['list'], () => ({
      json: { configurations: [lamp, sensors], next: null },
    }));
    assert.equal(exitCode, 0);
    assert.deepEqual(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
      [
        ['ENDPOINT OR PATTERN', 'KIND', 'SERVERS', 'SECURITY', 'SET'],
        ['lamp', 'endpoint', 'coaps://192.0.2.1', 'psk', '60 s ago'],
        ['sensor-*', 'pattern', 'coap://a coaps://b', 'none psk (made anew)', '60 s ago'],
      ],
    );
  });

  it('goes through all pages up to the limit, and says when there are more', async () => {
    const pages: Record<string, TestAnswer> = {
      '': { json: { configurations: [lamp], next: 'endpoint:lamp' } },
      'endpoint:lamp': { json: { configurations: [sensors], next: 'pattern:sensor-*' } },
    };
    const answer = ({ url }: MadeRequest): TestAnswer =>
      pages[new URL(url).searchParams.get('after') ?? ''] ?? 'unreachable';
    const { out, err, sent } = await run(['list', '--contains', 'A', '--limit', '2'], answer);
    assert.deepEqual(sent, [
      'GET /bootstrap/configurations?contains=A&limit=2',
      'GET /bootstrap/configurations?contains=A&after=endpoint%3Alamp&limit=1',
    ]);
    assert.match(out, /lamp[\s\S]*sensor-\*/);
    assert.match(err, /There are more: dunlin bootstrap list --after "pattern:sensor-\*"/);
    const asJson = await run(['list', '--limit', '2', '--json'], answer);
    assert.deepEqual(JSON.parse(asJson.out), { configurations: [lamp, sensors], next: 'pattern:sensor-*' });
  });

  it('says when there are none', async () => {
    const { out } = await run(['list'], () => ({ json: { configurations: [], next: null } }));
    assert.equal(out, 'There are no bootstrap configurations.\n');
  });
});

describe('dunlin bootstrap get', () => {
  it('prints a document that set --file takes', async () => {
    const { out, sent } = await run(['get', 'lamp'], () => ({ json: lamp }));
    assert.deepEqual(sent, ['GET /bootstrap/endpoints/lamp']);
    const { target: _target, updatedAt: _updatedAt, ...terms } = lamp;
    assert.deepEqual(JSON.parse(out), terms);
    assert.match(out, /^\{\n {2}"servers": \[\n {4}\{\n {6}"uri": "coaps:/);
    assert.match(out, /\n {2}"deletes": \[\]\n\}\n$/);
    const asJson = await run(['get', 'lamp', '--json'], () => ({ json: lamp }));
    assert.deepEqual(JSON.parse(asJson.out), lamp);
  });

  it('prints integers beyond 2^53 exactly', async () => {
    const text = JSON.stringify({ ...lamp, writes: [{ path: '/9/0/1', value: 0, type: 'integer' }] });
    const { out } = await run(['get', 'lamp'], () => ({
      text: text.replace('"value":0', '"value":9223372036854775807'),
    }));
    assert.match(out, /"value": 9223372036854775807,/);
  });

  it('ends with exit code 3 when there is none', async () => {
    const { exitCode, err } = await run(['get', '--pattern', 'la*'], () => unknown);
    assert.equal(exitCode, 3);
    assert.match(err, /there is no bootstrap configuration/);
  });
});

describe('dunlin bootstrap remove', () => {
  it('removes that of an endpoint or of a pattern', async () => {
    const one = await run(['remove', 'lamp'], () => ({ status: 204, text: '' }));
    assert.deepEqual(one.sent, ['DELETE /bootstrap/endpoints/lamp']);
    assert.equal(one.out, 'removed the bootstrap configuration for lamp\n');
    const other = await run(['remove', '--pattern', 'a*', '--json'], () => ({ status: 204, text: '' }));
    assert.deepEqual(other.sent, ['DELETE /bootstrap/patterns/a*']);
    assert.deepEqual(JSON.parse(other.out), { removed: { pattern: 'a*' } });
    assert.equal((await run(['remove', 'lamp'], () => unknown)).exitCode, 3);
  });
});

describe('dunlin bootstrap sessions', () => {
  it('shows how bootstraps went', async () => {
    const { out, sent } = await run(['sessions', 'lamp'], () => ({
      json: { sessions: [running, failed], next: null },
    }));
    assert.deepEqual(sent, ['GET /bootstrap/sessions?endpoint=lamp&limit=100']);
    assert.match(out, /lamp +30 s ago +192\.0\.2\.7:40123 +psk +running +2 +s1/);
    assert.match(out, /psk +the device refused to write \/0\/1 with 4\.00 +1 +s1/);
    const none = await run(['sessions'], () => ({ json: { sessions: [], next: null } }));
    assert.equal(none.out, 'No bootstrap is remembered.\n');
  });

  it('goes on before one that was listed, with those that have a text in their endpoint names', async () => {
    const args = ['sessions', '--contains', 'La', '--before', 's9', '--limit', '1'];
    const { sent, err } = await run(args, () => ({ json: { sessions: [failed], next: 's1' } }));
    assert.deepEqual(sent, ['GET /bootstrap/sessions?contains=La&before=s9&limit=1']);
    assert.match(err, /There are older ones: dunlin bootstrap sessions --before s1\n/);
  });
});

describe('dunlin bootstrap session', () => {
  it('shows each step and its answer, with nothing in it that moves the cursor', async () => {
    const { out } = await run(['session', 's1'], () => ({ json: failed }));
    assert.match(out, /configuration +that of pattern la\*/);
    assert.match(out, /begun by +the device/);
    assert.match(out, /11:59:30\.100 +write +\/0\/1 +tlv, 70 bytes +4\.00 Bad Request \(no\\u\{1b\}room\)/);
    const still = await run(['session', 's1'], () => ({ json: running }));
    assert.match(still.out, /write +\/0\/1 +tlv, 70 bytes +no answer/);
  });

  it('ends with exit code 3 when it is not remembered', async () => {
    const { exitCode } = await run(['session', 's9'], () => ({
      status: 404,
      json: { error: 'unknown-session', message: 'no bootstrap session "s9" is remembered' },
    }));
    assert.equal(exitCode, 3);
  });
});

describe('dunlin bootstrap start', () => {
  const starting =
    (end: BootstrapSessionDocument) =>
    ({ method }: MadeRequest): TestAnswer =>
      method === 'POST' ? { status: 202, json: { ...running, initiatedBy: 'server' } } : { json: end };

  it('begins a bootstrap and waits for its end', async () => {
    const { exitCode, out, sent, requests } = await run(
      ['start', 'lamp', '--at', 'coap://192.0.2.7'],
      starting(finished),
    );
    assert.equal(exitCode, 0);
    assert.deepEqual(sent, ['POST /bootstrap/sessions', 'GET /bootstrap/sessions/s1']);
    assert.deepEqual(JSON.parse(String(requests[0]?.body)), { endpoint: 'lamp', uri: 'coap://192.0.2.7' });
    assert.match(out, /outcome +finished/);
  });

  it('does not wait when told not to', async () => {
    const { exitCode, out, sent, requests } = await run(['start', 'lamp', '--no-wait'], starting(finished));
    assert.equal(exitCode, 0);
    assert.deepEqual(sent, ['POST /bootstrap/sessions']);
    assert.deepEqual(JSON.parse(String(requests[0]?.body)), { endpoint: 'lamp' });
    assert.match(out, /outcome +running/);
  });

  for (const [kind, exitCode] of [
    ['refused', 4],
    ['rejected', 4],
    ['misbehaved', 4],
    ['no-answer', 5],
    ['timed-out', 5],
    ['association-ended', 5],
    ['superseded', 1],
    ['closed', 1],
  ] as const) {
    it(`ends with exit code ${exitCode} when it fails: ${kind}`, async () => {
      const end = { ...failed, failure: { kind, reason: 'the reason' } };
      const result = await run(['start', 'lamp'], starting(end));
      assert.equal(result.exitCode, exitCode);
      assert.equal(result.err, 'dunlin: the reason\n');
      assert.match(result.out, /outcome +the reason/);
    });
  }
});

describe('dunlin bootstrap credentials', () => {
  it('are those of the Bootstrap-Server', async () => {
    const credential = { id: 'b1', createdAt: updatedAt, kind: 'psk', endpoint: 'lamp', identity: 'lamp' };
    const added = await run(['credentials', 'add', 'lamp', '--psk-key', '00'.repeat(16)], () => ({
      status: 201,
      json: { credential, replaced: null, warnings: [] },
    }));
    assert.deepEqual(added.sent, ['POST /bootstrap/credentials']);
    assert.match(added.out, /From now on lamp must ask for its bootstrap over DTLS \(coaps\)/);
    const listed = await run(['credentials', 'list'], () => ({
      json: { credentials: [credential], next: null },
    }));
    assert.deepEqual(listed.sent, ['GET /bootstrap/credentials?limit=100']);
    const removed = await run(['credentials', 'remove', 'b1'], ({ method, url }) => {
      if (method === 'DELETE') return { status: 204, text: '' };
      return { json: url.includes('/b1') ? credential : { credentials: [], next: null } };
    });
    assert.ok(removed.sent.includes('DELETE /bootstrap/credentials/b1'), removed.sent.join('\n'));
    assert.match(removed.out, /lamp has no credentials left: it may ask for its bootstrap over plain CoAP/);
    const server = await run(['credentials', 'server'], () => ({
      json: {
        coaps: ['coaps://0.0.0.0:5784'],
        publicKey: 'MFkw',
        publicKeyFingerprint: 'sha256:00',
        certificate: null,
      },
    }));
    assert.deepEqual(server.sent, ['GET /bootstrap/server-identity']);
  });
});
