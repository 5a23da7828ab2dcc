import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { type TestAnswer, testContext } from '../support/test-context.ts';

async function run(args: readonly string[], json: unknown, files: Record<string, string> = {}) {
  const context = testContext((): TestAnswer => ({ json }), { files });
  const exitCode = await runProgram(args, context);
  const [request] = context.requests;
  const body: unknown = typeof request?.body === 'string' ? JSON.parse(request.body) : undefined;
  return { exitCode, out: context.out(), err: context.err(), request, body };
}

const vic = { name: 'vic', role: 'viewer', createdAt: '2026-01-01T11:00:00Z', signedInAt: null };
const grafana = {
  id: '0123456789abcdef',
  name: 'grafana',
  role: 'viewer',
  createdAt: '2026-01-01T11:00:00Z',
  createdBy: 'admin',
  expiresAt: null,
  usedAt: null,
};

describe('dunlin users', () => {
  it('adds a user and prints the password that the server made', async () => {
    const { exitCode, out, body } = await run(['users', 'add', 'vic', 'viewer'], {
      user: vic,
      password: 'p-w',
    });
    assert.equal(exitCode, 0);
    assert.deepEqual(body, { name: 'vic', role: 'viewer' });
    assert.match(out, /added vic with the password p-w\n.*once/);
  });

  it('takes a password from a file, without the end of the line', async () => {
    const answer = { user: vic, password: null };
    const args = ['users', 'add', 'vic', 'viewer', '--password-file', 'pw'];
    const { body, out } = await run(args, answer, { pw: 'correct horse battery\n' });
    assert.deepEqual(body, { name: 'vic', role: 'viewer', password: 'correct horse battery' });
    assert.equal(out, 'added vic\n');
  });

  it('lists, changes and removes users', async () => {
    const listed = await run(['users', 'list'], { users: [vic], next: null });
    assert.match(listed.out, /NAME +ROLE.*\nvic +viewer +60 min ago +never\n/);
    const some = await run(['users', 'list', '--contains', 'V'], { users: [vic], next: null });
    assert.match(some.request?.url ?? '', /\/users\?contains=V&/);
    const changed = await run(['users', 'change', 'vic', '--role', 'operator'], { ...vic, role: 'operator' });
    assert.deepEqual(changed.body, { role: 'operator' });
    assert.equal(changed.request?.method, 'PATCH');
    const removed = await run(['users', 'remove', 'vic'], null);
    assert.equal(removed.request?.method, 'DELETE');
    assert.match(removed.request?.url ?? '', /\/users\/vic$/);
  });

  it('refuses a role that is none', async () => {
    const { exitCode, err } = await run(['users', 'add', 'vic', 'root'], null);
    assert.equal(exitCode, 2);
    assert.match(err, /Allowed choices are viewer, operator, administrator/);
  });
});

describe('dunlin tokens', () => {
  it('prints a new token alone on standard output', async () => {
    const args = ['tokens', 'add', 'grafana', 'viewer', '--expires', '30d'];
    const { out, err, body } = await run(args, { token: grafana, secret: 'dunlin_x' });
    assert.equal(out, 'dunlin_x\n');
    assert.match(err, /once, does not expire; dunlin tokens remove 0123456789abcdef removes it/);
    assert.deepEqual(body, { name: 'grafana', role: 'viewer', expiresIn: 30 * 86_400 });
  });

  it('reads times, and refuses what is none', async () => {
    const answer = { token: grafana, secret: 'dunlin_x' };
    const never = await run(['tokens', 'add', 'a', 'viewer', '--expires', 'never'], answer);
    assert.deepEqual(never.body, { name: 'a', role: 'viewer', expiresIn: null });
    const none = await run(['tokens', 'add', 'a', 'viewer'], answer);
    assert.deepEqual(none.body, { name: 'a', role: 'viewer' });
    for (const text of ['soon', '0d', '10', '-1h', '1y']) {
      assert.equal(
        (await run(['tokens', 'add', 'a', 'viewer', `--expires=${text}`], answer)).exitCode,
        2,
        text,
      );
    }
  });

  it('lists and removes tokens', async () => {
    const listed = await run(['tokens', 'list'], { tokens: [grafana], next: null });
    assert.match(listed.out, /0123456789abcdef +grafana +viewer +admin +never +never\n/);
    const some = await run(['tokens', 'list', '--contains', 'G'], { tokens: [grafana], next: null });
    assert.match(some.request?.url ?? '', /\/tokens\?contains=G&/);
    const removed = await run(['tokens', 'remove', '0123456789abcdef'], null);
    assert.equal(removed.request?.method, 'DELETE');
  });
});

describe('dunlin audit', () => {
  const entry = {
    id: 7,
    time: '2026-01-01T11:00:00.000Z',
    actorKind: 'user',
    actor: 'ada',
    from: '192.0.2.1',
    action: 'execute',
    endpoint: 'lamp\u001b[31m',
    path: '/3/0/4',
    subject: null,
    outcome: 'failed',
    status: 502,
    error: 'device-refused',
  };

  it('shows entries, with nothing in them that steers the terminal', async () => {
    const { out } = await run(['audit'], { entries: [entry], next: null });
    assert.match(
      out,
      /ada +192\.0\.2\.1 +execute +lamp\\u\{1b\}\[31m \/3\/0\/4 +failed device-refused 502\n/,
    );
  });

  it('asks for what fits, and tells where it goes on', async () => {
    const args = ['audit', '--actor', 'ada', '--since', '2026-01-01', '--outcome', 'failed', '--limit', '1'];
    const { request, err } = await run(args, { entries: [entry], next: '7' });
    const { searchParams } = new URL(request?.url ?? '');
    assert.deepEqual(Object.fromEntries(searchParams), {
      actor: 'ada',
      outcome: 'failed',
      since: '2026-01-01T00:00:00.000Z',
      limit: '1',
    });
    assert.match(err, /dunlin audit --after 7/);
    assert.equal((await run(['audit', '--since', 'yesterday'], null)).exitCode, 2);
  });
});
