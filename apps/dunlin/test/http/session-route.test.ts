import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type TestApp, testApp } from '../support/test-app.ts';
import { TestBrowser } from '../support/test-browser.ts';

const password = 'correct horse battery';

async function appWithUsers(): Promise<TestApp> {
  const app = await testApp();
  await app.access.control.addUser('ada', 'administrator', password);
  await app.access.control.addUser('vic', 'viewer', password);
  return app;
}

async function signedIn(app: TestApp, name: string): Promise<TestBrowser> {
  const browser = new TestBrowser(app);
  assert.equal((await browser.signIn(name, password)).status, 200);
  return browser;
}

describe('signing in', () => {
  it('gives a session in a cookie that scripts and other sites do not get, and says who it is', async () => {
    const app = await appWithUsers();
    const browser = new TestBrowser(app);
    const { status, body, headers } = await browser.signIn('ADA', password);
    assert.equal(status, 200);
    assert.deepEqual([body['kind'], body['name'], body['role']], ['session', 'ada', 'administrator']);
    const cookie = String(headers['set-cookie']);
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=604800']) {
      assert.ok(cookie.includes(`; ${attribute}`), cookie);
    }
    assert.doesNotMatch(cookie, /Domain/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal((await browser.ask('GET', '/api/v1/session')).body['name'], 'ada');
    assert.equal((await browser.ask('GET', '/api/v1/devices')).status, 200);
  });

  it('answers an unknown name as it answers a wrong password', async () => {
    const app = await appWithUsers();
    const wrong = await new TestBrowser(app).signIn('ada', 'another password');
    const unknown = await new TestBrowser(app).signIn('nobody', 'another password');
    assert.equal(wrong.status, 401);
    assert.deepEqual([unknown.status, unknown.text], [wrong.status, wrong.text]);
    assert.equal(wrong.headers['set-cookie'], undefined);
  });

  it('takes no session that somebody else chose (fixation), and ends the one before', async () => {
    const app = await appWithUsers();
    const browser = new TestBrowser(app);
    browser.cookie = 'dunlin-session=chosen-by-somebody-else';
    await browser.signIn('ada', password);
    const first = browser.cookie;
    assert.notEqual(first, 'dunlin-session=chosen-by-somebody-else');
    await browser.signIn('ada', password);
    assert.notEqual(browser.cookie, first);
    const before = new TestBrowser(app);
    before.cookie = first;
    assert.equal((await before.ask('GET', '/api/v1/session')).status, 401);
  });

  it('is slowed down after ten wrong passwords from one address, and not for good', async () => {
    const app = await appWithUsers();
    const browser = new TestBrowser(app);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      assert.equal((await browser.signIn('ada', `wrong password ${attempt}`)).status, 401);
    }
    const { status, headers, body } = await browser.signIn('ada', password);
    assert.deepEqual([status, body['error']], [429, 'too-many-requests']);
    app.access.pass(Number(headers['retry-after']) * 1000);
    assert.equal((await browser.signIn('ada', password)).status, 200);
  });

  it('refuses bodies that are no sign-in, and large ones', async () => {
    const app = await appWithUsers();
    const browser = new TestBrowser(app);
    for (const body of [
      {},
      { name: 'ada' },
      { name: 'ada', password: 1 },
      { name: 'ada', password, more: 1 },
    ]) {
      assert.equal((await browser.ask('POST', '/api/v1/session', body)).status, 400);
    }
    assert.equal((await browser.signIn('ada', 'x'.repeat(10_000))).status, 413);
  });

  it('works once by a link, until it is over', async () => {
    const app = await appWithUsers();
    const browser = new TestBrowser(app);
    const navigation = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };
    const url = `/sign-in/${app.access.control.newLink('ada')}`;
    const { status, headers } = await browser.ask('GET', url, undefined, navigation);
    assert.deepEqual([status, headers['location']], [303, '/']);
    assert.equal((await browser.ask('GET', '/api/v1/session')).body['name'], 'ada');
    const again = new TestBrowser(app);
    assert.equal((await again.ask('GET', url, undefined, navigation)).status, 401);
    assert.equal(again.cookie, undefined);
    const late = `/sign-in/${app.access.control.newLink('ada')}`;
    app.access.pass(10 * 60 * 1000 + 1);
    assert.equal((await again.ask('GET', late, undefined, navigation)).status, 401);
  });
});

describe('a session', () => {
  it('ends when its user signs out', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'vic');
    const { cookie } = browser;
    assert.equal((await browser.ask('DELETE', '/api/v1/session')).status, 204);
    assert.equal(browser.cookie, undefined, 'the browser forgets it');
    browser.cookie = cookie;
    assert.equal((await browser.ask('GET', '/api/v1/session')).status, 401);
  });

  it('ends when it is not used for eight hours, and after a week in any case', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'vic');
    const hour = 60 * 60 * 1000;
    const known = async (): Promise<boolean> => (await browser.ask('GET', '/api/v1/session')).status === 200;
    for (let elapsed = 0; elapsed + 7 < 7 * 24; elapsed += 7) {
      assert.ok(await known(), `after ${elapsed} h`);
      app.access.pass(7 * hour);
    }
    app.access.pass(7 * hour);
    assert.ok(!(await known()), 'a week is over');
    const idle = await signedIn(app, 'vic');
    app.access.pass(8 * hour);
    assert.equal((await idle.ask('GET', '/api/v1/session')).status, 401);
  });

  it('changes nothing for a page of another site, or of another port of this host', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'ada');
    const url = '/api/v1/devices/lamp/execute/3/0/4';
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      {},
    ] as Record<string, string>[]) {
      const { status, body } = await browser.ask('POST', url, undefined, headers);
      assert.deepEqual([status, body['error']], [403, 'forbidden-origin'], JSON.stringify(headers));
    }
    assert.deepEqual(app.device.asked, []);
    assert.equal(
      (await browser.ask('POST', url, undefined, { origin: 'http://127.0.0.1:8080' })).status,
      204,
    );
    assert.equal((await browser.ask('POST', url)).status, 204);
  });

  it('has the role that its user has now', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'vic');
    const url = '/api/v1/devices/lamp/execute/3/0/4';
    assert.equal((await browser.ask('POST', url)).status, 403);
    await app.ask('PATCH', '/api/v1/users/vic', { role: 'operator' });
    assert.equal((await browser.ask('POST', url)).status, 204);
  });

  it('goes on under another secret when its user changes the password; all others of the user end', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'vic');
    const other = await signedIn(app, 'vic');
    const before = browser.cookie;
    const change = { current: password, next: 'another long password' };
    const wrong = await browser.ask('PUT', '/api/v1/session/password', { ...change, current: 'wrong' });
    assert.equal(wrong.status, 401);
    assert.equal(
      (await browser.ask('PUT', '/api/v1/session/password', { ...change, next: 'short' })).status,
      400,
    );
    assert.equal((await browser.ask('PUT', '/api/v1/session/password', change)).status, 204);
    assert.notEqual(browser.cookie, before);
    assert.equal((await browser.ask('GET', '/api/v1/session')).status, 200);
    assert.equal((await other.ask('GET', '/api/v1/session')).status, 401);
    assert.equal((await new TestBrowser(app).signIn('vic', password)).status, 401);
    assert.equal((await new TestBrowser(app).signIn('vic', change.next)).status, 200);
  });

  it('is listed and ended by its user, and by administrators, but by nobody else', async () => {
    const app = await appWithUsers();
    const [ada, vic] = [await signedIn(app, 'ada'), await signedIn(app, 'vic')];
    const listed = async (browser: TestBrowser, query = ''): Promise<readonly Record<string, unknown>[]> =>
      (await browser.ask('GET', `/api/v1/sessions${query}`)).body['sessions'] as Record<string, unknown>[];
    assert.equal((await listed(ada)).length, 2);
    const own = await listed(vic);
    assert.deepEqual(
      own.map(({ user, isCurrent }) => [user, isCurrent]),
      [['vic', true]],
    );
    assert.equal((await vic.ask('GET', '/api/v1/sessions?user=ada')).status, 403);
    const [theirs] = await listed(ada, '?user=ada');
    assert.equal((await vic.ask('DELETE', `/api/v1/sessions/${String(theirs?.['id'])}`)).status, 404);
    assert.equal((await ada.ask('DELETE', `/api/v1/sessions/${String(own[0]?.['id'])}`)).status, 204);
    assert.equal((await vic.ask('GET', '/api/v1/session')).status, 401);
  });

  it('is not what a token has', async () => {
    const app = await appWithUsers();
    assert.equal((await app.ask('DELETE', '/api/v1/session')).status, 409);
    assert.equal((await app.ask('GET', '/api/v1/session')).body['kind'], 'token');
  });
});

describe('a stream of events', () => {
  async function openStream(app: TestApp, headers: Record<string, string>) {
    const answer = await app.app.inject({
      method: 'GET',
      url: '/api/v1/events',
      headers,
      payloadAsStream: true,
    });
    assert.equal(answer.statusCode, 200);
    const { promise, resolve } = Promise.withResolvers<void>();
    const body = answer.stream();
    body
      .on('close', resolve)
      .on('end', resolve)
      .on('error', () => resolve());
    body.resume();
    return promise;
  }

  it('ends when the session it is read with is ended', async () => {
    const app = await appWithUsers();
    const browser = await signedIn(app, 'vic');
    const ended = openStream(app, { cookie: browser.cookie ?? '' });
    await new Promise(setImmediate);
    await app.ask('DELETE', '/api/v1/users/vic');
    await ended;
    assert.equal(app.events.subscriberCount, 0);
  });

  it('ends when its token is removed, and when it expires', async () => {
    const app = await appWithUsers();
    const input = { role: 'viewer', lifetime: 60_000 } as const;
    const [one, other] = await Promise.all(
      ['one', 'other'].map((name) => app.access.control.addToken({ name, ...input }, 'test')),
    );
    assert.ok(one?.kind === 'added' && other?.kind === 'added');
    const first = openStream(app, { authorization: `Bearer ${one.secret}` });
    const second = openStream(app, { authorization: `Bearer ${other.secret}` });
    await new Promise(setImmediate);
    assert.equal((await app.ask('DELETE', `/api/v1/tokens/${one.token.id}`)).status, 204);
    await first;
    assert.equal(app.events.subscriberCount, 1);
    await app.access.live.look();
    assert.equal(app.events.subscriberCount, 1);
    app.access.pass(60_000);
    await app.access.live.look();
    await second;
    assert.equal(app.events.subscriberCount, 0);
  });
});
