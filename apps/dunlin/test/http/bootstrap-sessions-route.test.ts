import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { BootstrapSessionDocument, ServerEvent } from '@dunlin/api';
import { milliseconds } from '@dunlin/base';

import { testBootstrapApp, type TestBootstrapApp } from '../support/test-bootstrap-app.ts';

const url = '/api/v1/bootstrap/sessions';
const plain = { uri: 'coap://192.0.2.1', shortServerId: 1 };

async function give({ ask }: TestBootstrapApp, endpointName: string, more: object = {}): Promise<void> {
  const path = `/api/v1/bootstrap/endpoints/${endpointName}`;
  const { status, text } = await ask('PUT', path, { servers: [plain], ...more });
  assert.equal(status, 201, text);
}

async function sessions({ ask }: TestBootstrapApp, query = ''): Promise<readonly BootstrapSessionDocument[]> {
  const { status, body, text } = await ask('GET', `${url}${query}`);
  assert.equal(status, 200, text);
  return body['sessions'] as readonly BootstrapSessionDocument[];
}

/** What an event says but for its time. */
function withoutTime({ time: _time, ...facts }: ServerEvent): object {
  return facts;
}

describe('GET /bootstrap/sessions', () => {
  it('shows each step of a bootstrap and its answer, and nothing of what was written', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp', { bootstrapServer: { uri: 'coap://10.0.0.1:5783', securityInstanceId: 0 } });
    await app.world.bootstrap('lamp');
    const [session] = await sessions(app);
    assert.ok(session);
    const { id, startedAt, endedAt, address, steps, ...facts } = session;
    assert.deepEqual(facts, {
      endpoint: 'lamp',
      initiatedBy: 'client',
      security: 'none',
      target: { endpoint: 'lamp' },
      outcome: 'finished',
    });
    assert.match(address, /^10\.0\.0\.2:\d+$/);
    assert.ok(endedAt !== undefined && endedAt >= startedAt);
    assert.deepEqual(
      steps.map(({ operation, path, format, answer }) =>
        [operation, path, format, answer?.coapCode].filter((part) => part !== undefined).join(' '),
      ),
      [
        'request 2.04',
        'discover / 2.05',
        'write /0/1 tlv 2.04',
        'write /0/0 tlv 2.04',
        'write /1/0 tlv 2.04',
        'finish 2.04',
      ],
    );
    assert.ok(!JSON.stringify(session).includes('192.0.2.1'));
    assert.deepEqual((await app.ask('GET', `${url}/${id}`)).body, session);
  });

  it('shows why one failed, with what the device said', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp', { writes: [{ path: '/3303/0', resources: { '5700': 1 } }] });
    await app.world.bootstrap('lamp');
    const [session] = await sessions(app);
    assert.equal(session?.outcome, 'failed');
    assert.equal(session.failure?.kind, 'refused');
    assert.match(session.failure.reason, /\/3303\/0/);
    const last = session.steps.at(-1);
    assert.equal(last?.answer?.coapCode, '4.04');
    assert.equal(last.answer.coapMeaning, 'Not Found');
  });

  it('lists by outcome, and goes on before a session', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp', {});
    for (let count = 0; count < 3; count += 1) await app.world.bootstrap('lamp');
    const ids = async (query: string) =>
      ((await app.ask('GET', `${url}${query}`)).body['sessions'] as { id: string }[]).map(({ id }) => id);
    const all = await ids('');
    assert.equal(all.length, 3);
    assert.deepEqual(await ids(`?before=${all[0]}&limit=1`), [all[1]]);
    assert.deepEqual(await ids('?before=forgotten'), []);
    assert.deepEqual(await ids('?outcome=finished'), all);
    assert.deepEqual(await ids('?outcome=failed'), []);
    assert.equal((await app.ask('GET', `${url}?outcome=odd`)).body['field'], 'query.outcome');
  });

  it('finds a part of endpoint names in any case of letters, over several pages', async () => {
    await using app = await testBootstrapApp();
    for (const name of ['Lamp-1', 'door', 'lamp-2']) await give(app, name);
    for (const name of ['Lamp-1', 'door', 'lamp-2']) await app.world.bootstrap(name);
    const found: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const before = next === '' ? '' : `&before=${next}`;
      const { body } = await app.ask('GET', `${url}?contains=LAMP&limit=1${before}`);
      const page = body['sessions'] as readonly BootstrapSessionDocument[];
      assert.equal(page.length, 1);
      found.push(...page.map(({ endpoint }) => endpoint));
      next = body['next'] as string | null;
    }
    assert.deepEqual(found, ['lamp-2', 'Lamp-1']);
    assert.equal((await app.ask('GET', `${url}?contains=`)).body['field'], 'query.contains');
  });

  it('lists the newest first, of one endpoint when that is said, and no more than asked for', async () => {
    await using app = await testBootstrapApp();
    for (const name of ['lamp', 'sensor']) await give(app, name);
    for (const name of ['lamp', 'sensor', 'lamp']) await app.world.bootstrap(name);
    const endpointsOf = (list: readonly BootstrapSessionDocument[]) => list.map(({ endpoint }) => endpoint);
    assert.deepEqual(endpointsOf(await sessions(app)), ['lamp', 'sensor', 'lamp']);
    assert.deepEqual(endpointsOf(await sessions(app, '?endpoint=lamp')), ['lamp', 'lamp']);
    assert.deepEqual(endpointsOf(await sessions(app, '?limit=2')), ['lamp', 'sensor']);
    assert.deepEqual(await sessions(app, '?endpoint=nobody'), []);
  });

  it('refuses a limit out of bounds, an unknown filter, and a session that is none', async () => {
    await using app = await testBootstrapApp();
    for (const query of ['limit=0', 'limit=1001', 'limit=x', `endpoint=${'x'.repeat(513)}`, 'endpoint=']) {
      assert.equal((await app.ask('GET', `${url}?${query}`)).status, 400, query);
    }
    const { status, body } = await app.ask('GET', `${url}/nothing`);
    assert.equal(status, 404);
    assert.deepEqual(body, {
      error: 'unknown-session',
      message: 'no bootstrap session "nothing" is remembered',
    });
    assert.equal((await app.ask('GET', `${url}/${'x'.repeat(65)}`)).status, 400);
  });
});

describe('POST /bootstrap/sessions', () => {
  it('begins a bootstrap with a device that waits, and says where to look how it goes', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp');
    const { address, port } = app.world.device.shell.local;
    const answer = await app.ask('POST', url, { endpoint: 'lamp', uri: `coap://${address}:${port}` });
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.body['initiatedBy'], 'server');
    assert.equal(answer.body['outcome'], 'running');
    assert.equal(answer.headers['location'], `${url}/${String(answer.body['id'])}`);
    await app.world.network.runUntil(() => app.world.events.includes('finished lamp'), milliseconds(60_000));
    assert.equal((await sessions(app))[0]?.outcome, 'finished');
    assert.equal(app.world.device.lines.at(-1), 'POST /bs');
  });

  it('goes to where a device is registered from when nothing is said', async () => {
    const asked: string[] = [];
    const known = new Map<string, string>();
    await using app = await testBootstrapApp({
      addressOf: (endpoint) => {
        asked.push(endpoint);
        return Promise.resolve(known.get(endpoint));
      },
    });
    await give(app, 'lamp');
    const unknown = await app.ask('POST', url, { endpoint: 'lamp' });
    assert.equal(unknown.status, 400, unknown.text);
    assert.match(String(unknown.body['message']), /say where/);
    const { address, port } = app.world.device.shell.local;
    known.set('lamp', `coap://${address}:${port}`);
    assert.equal((await app.ask('POST', url, { endpoint: 'lamp' })).status, 202);
    assert.deepEqual(asked, ['lamp', 'lamp']);
    await app.world.network.runUntil(() => app.world.events.includes('finished lamp'), milliseconds(60_000));
  });

  it('refuses one while another of the same device is under way, with 409', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp');
    const { address, port } = app.world.device.shell.local;
    const body = { endpoint: 'lamp', uri: `coap://${address}:${port}` };
    const { body: first } = await app.ask('POST', url, body);
    const second = await app.ask('POST', url, body);
    assert.equal(second.status, 409);
    assert.deepEqual(second.body, {
      error: 'conflict',
      message: `a bootstrap of lamp is under way: ${String(first['id'])}`,
    });
  });

  it('refuses an endpoint that has credentials over plain CoAP, with 409 (R-730)', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp');
    const credential = { kind: 'psk', endpoint: 'lamp', identity: 'lamp', key: '00'.repeat(16) };
    assert.equal((await app.ask('POST', '/api/v1/bootstrap/credentials', credential)).status, 201);
    const { address, port } = app.world.device.shell.local;
    const { status, body } = await app.ask('POST', url, {
      endpoint: 'lamp',
      uri: `coap://${address}:${port}`,
    });
    assert.equal(status, 409, JSON.stringify(body));
    assert.equal(body['error'], 'conflict');
    assert.deepEqual(app.world.device.lines, []);
  });

  it('refuses an endpoint that is given nothing, with 404', async () => {
    await using app = await testBootstrapApp();
    const { status, body } = await app.ask('POST', url, { endpoint: 'nobody', uri: 'coap://10.0.0.2' });
    assert.equal(status, 404);
    assert.equal(body['error'], 'unknown-configuration');
  });

  for (const [what, body] of [
    ['nothing', {}],
    ['an unknown member', { endpoint: 'lamp', url: 'coap://10.0.0.2' }],
    ['an endless name', { endpoint: 'x'.repeat(513) }],
    ['no name', { endpoint: '' }],
    ['a number as name', { endpoint: [1] }],
    ['another scheme', { endpoint: 'lamp', uri: 'http://10.0.0.2' }],
    ['no URI', { endpoint: 'lamp', uri: '10.0.0.2:5683' }],
    ['a URI with a path', { endpoint: 'lamp', uri: 'coap://10.0.0.2/bs' }],
    ['a URI with a user', { endpoint: 'lamp', uri: 'coap://me@10.0.0.2' }],
    ['an endless URI', { endpoint: 'lamp', uri: `coap://${'x'.repeat(600)}` }],
  ] as const) {
    it(`refuses ${what} with 400`, async () => {
      await using app = await testBootstrapApp();
      await give(app, 'lamp');
      const { status, text } = await app.ask('POST', url, body);
      assert.equal(status, 400, text);
      assert.deepEqual(await sessions(app), []);
    });
  }
});

describe('events of bootstraps', () => {
  it('tell of the start, each answer, and the end', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp');
    await app.world.bootstrap('lamp');
    const [{ id, address } = { id: '', address: '' }] = await sessions(app);
    assert.deepEqual(
      app.told.map(({ type }) => type),
      ['bootstrap-started', ...Array.from({ length: 4 }, () => 'bootstrap-step'), 'bootstrap-finished'],
    );
    const [started, step] = app.told;
    assert.deepEqual(started && withoutTime(started), {
      type: 'bootstrap-started',
      endpoint: 'lamp',
      session: id,
      initiatedBy: 'client',
      address,
      security: 'none',
    });
    assert.ok(step?.type === 'bootstrap-step');
    assert.deepEqual(
      [step.session, step.step.operation, step.step.answer?.coapCode],
      [id, 'discover', '2.05'],
    );
    const finished = app.told.at(-1);
    assert.deepEqual(finished && withoutTime(finished), {
      type: 'bootstrap-finished',
      endpoint: 'lamp',
      session: id,
    });
  });

  it('tell of a failure and its reason', async () => {
    await using app = await testBootstrapApp();
    await give(app, 'lamp');
    app.world.device.misbehaviour = ({ line }) => (line === 'PUT /1/0' ? 'silence' : undefined);
    await app.world.bootstrap('lamp');
    const failed = app.told.at(-1);
    assert.ok(failed?.type === 'bootstrap-failed');
    assert.equal(failed.failure.kind, 'no-answer');
    assert.equal(failed.endpoint, 'lamp');
  });
});
