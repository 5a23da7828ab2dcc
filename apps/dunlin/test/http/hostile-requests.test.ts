// What somebody tries who means no good: nothing of it gets anywhere, and nothing of it breaks the server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import pino from 'pino';

import { administratorToken, localTestToken } from '../support/test-access.ts';
import { type TestApp, testApp } from '../support/test-app.ts';
import { TestBrowser } from '../support/test-browser.ts';

/** Names of devices as an attacker would register them. */
const hostileNames = [
  '../../api/v1/users',
  '..%2f..%2fusers',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE entry; --",
  'a\r\nset-cookie: dunlin-session=x',
  '\u0000\u001b[2J',
  '__proto__',
  '%',
  '\u{10ffff}',
];

async function status(
  { ask }: Pick<TestApp, 'ask'>,
  url: string,
  headers: Record<string, string> = {},
): Promise<number> {
  return (await ask('GET', url, undefined, headers)).status;
}

describe('hostile requests', () => {
  it('reach no file beyond those of the page (path traversal)', async () => {
    const app = await testApp();
    for (const url of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..%2f..%2f..%2fetc%2fpasswd',
      '/assets/....//....//etc/passwd',
      '//etc/passwd',
      '/..\\..\\etc\\passwd',
      '/assets/%00',
      '/%c0%ae%c0%ae/etc/passwd',
    ]) {
      const { status: code, text } = await app.ask('GET', url, undefined, { authorization: '' });
      assert.ok([400, 404].includes(code), `${url} ${code}`);
      assert.doesNotMatch(text, /root:|"private"/);
    }
  });

  it('get around the role of no route by writing its path another way', async () => {
    const app = await testApp();
    for (const url of [
      '/api/v1//users',
      '/api/v1/./users',
      '/api/v1/x/../users',
      '/api/v1/users/',
      '/api/v1/users%2f',
      '/API/V1/USERS',
      '/api/v1/users;x=1',
      '/api/v1/%75sers',
      '//api/v1/users',
      '/healthz/../api/v1/users',
    ]) {
      const { status: code, text } = await app.ask('GET', url, undefined, { authorization: '' });
      assert.ok([400, 401, 404].includes(code), `${url} ${code}`);
      assert.doesNotMatch(text, /"users":/);
    }
    for (const header of ['x-original-url', 'x-rewrite-url', 'x-http-method-override']) {
      const headers = { authorization: '', [header]: header.endsWith('url') ? '/healthz' : 'GET' };
      assert.equal(await status(app, '/api/v1/users', headers), 401);
    }
  });

  it('put nothing into the headers of answers (header injection)', async () => {
    const app = await testApp();
    for (const name of hostileNames) {
      const url = `/api/v1/devices/${encodeURIComponent(name)}`;
      for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
        const { status: code, headers, text } = await app.ask(method, url, undefined);
        assert.ok(code === 400 || code === 404, `${method} ${name} ${code}`);
        assert.equal(headers['set-cookie'], undefined);
        assert.match(String(headers['content-type']), /^application\/json/);
        assert.doesNotMatch(text, /\p{Cc}/u, 'control characters are escaped');
      }
    }
  });

  it('are in the audit log as they came, and still can be read there', async () => {
    const app = await testApp();
    for (const name of hostileNames) await app.ask('DELETE', `/api/v1/devices/${encodeURIComponent(name)}`);
    const { status: code, body } = await app.ask('GET', '/api/v1/audit');
    assert.equal(code, 200);
    const names = (body['entries'] as { endpoint: string }[]).map(({ endpoint }) => endpoint);
    assert.deepEqual(names.toReversed(), hostileNames);
  });

  it('cannot say they come from elsewhere, unless a proxy that is named says so', async () => {
    const forwarded = { 'x-forwarded-for': '127.0.0.1', authorization: `Bearer ${localTestToken}` };
    const url = '/api/v1/session';
    const { app: direct } = await testApp();
    const from = '192.0.2.7';
    const lied = await direct.inject({ url, headers: forwarded, remoteAddress: from });
    assert.equal(lied.statusCode, 401);
    const { app: behind, access } = await testApp({ proxies: ['10.0.0.0/8'] });
    const headers = { authorization: `Bearer ${administratorToken}`, 'x-forwarded-for': '203.0.113.5' };
    await behind.inject({ method: 'DELETE', url: '/api/v1/devices/x', headers, remoteAddress: '10.1.2.3' });
    await behind.inject({ method: 'DELETE', url: '/api/v1/devices/x', headers, remoteAddress: from });
    const entries = await access.audit.log.find({ limit: 10 });
    assert.deepEqual(entries.map((entry) => entry.from).toReversed(), ['203.0.113.5', from]);
  });

  it('get cookies for TLS only by a proxy that is named', async () => {
    const signIn = async (proxies: readonly string[]): Promise<string> => {
      const { app, access } = await testApp({ proxies });
      await access.control.addUser('ada', 'viewer', 'correct horse battery');
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: { 'x-forwarded-proto': 'https' },
        payload: { name: 'ada', password: 'correct horse battery' },
        remoteAddress: '10.1.2.3',
      });
      assert.equal(answer.statusCode, 200);
      return String(answer.headers['set-cookie']);
    };
    assert.match(await signIn(['10.1.2.3']), /^__Host-dunlin-session=.*; Secure$/);
    assert.doesNotMatch(await signIn([]), /Secure|__Host-/);
  });

  it('get headers of security with every answer, errors and streams too', async () => {
    const app = await testApp();
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/api/v1/devices'],
      ['GET', '/nothing'],
      ['POST', '/api/v1/session'],
    ] as const) {
      const { headers } = await app.ask(method, url);
      assert.equal(headers['x-content-type-options'], 'nosniff', url);
      assert.equal(headers['x-frame-options'], 'DENY', url);
      assert.equal(headers['referrer-policy'], 'no-referrer', url);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/);
      if (url.startsWith('/api/')) assert.equal(headers['cache-control'], 'no-store', url);
    }
    const stream = await app.app.inject({
      url: '/api/v1/events',
      headers: { authorization: `Bearer ${administratorToken}` },
      payloadAsStream: true,
    });
    assert.equal(stream.headers['x-content-type-options'], 'nosniff');
    stream.stream().destroy();
  });

  it('leave no secret in the log or in an answer', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const app = await testApp({ logger });
    const password = 'a password to be looked for';
    const answers: string[] = [];
    const note = (text: string): void => void answers.push(text);
    note((await app.ask('POST', '/api/v1/users', { name: 'ada', role: 'viewer', password })).text);
    const browser = new TestBrowser(app);
    note((await browser.signIn('ada', password)).text);
    note((await browser.signIn('ada', `${password} and more`)).text);
    note((await app.ask('POST', '/api/v1/users', { name: 'bad name', role: 'viewer', password })).text);
    note((await app.ask('POST', '/api/v1/session', { name: 'ada', password: [password] })).text);
    note((await browser.ask('PUT', '/api/v1/session/password', { current: password, next: 'x' })).text);
    const link = app.access.control.newLink('ada');
    await browser.ask('GET', `/sign-in/${link}`, undefined, {});
    for (const url of ['/api/v1/users', '/api/v1/sessions', '/api/v1/tokens', '/api/v1/audit'])
      note((await app.ask('GET', url)).text);
    const [, session = ''] = (browser.cookie ?? '').split('=');
    assert.ok(session.length > 40);
    assert.ok(lines.length > 5, 'the log was written');
    for (const secret of [password, session, link, administratorToken, 'argon2']) {
      assert.ok(!lines.some((line) => line.includes(secret)), `the log has ${secret}`);
      assert.ok(!answers.some((text) => text.includes(secret)), `an answer has ${secret}`);
    }
  });
});
