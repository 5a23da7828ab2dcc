import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

import fastify from 'fastify';
import { pino } from 'pino';

import type { HttpApp } from '../../src/http/http-app.ts';
import { pageRoutes } from '../../src/http/page-routes.ts';
import { loadPage } from '../../src/server/page-files.ts';

const silent = pino({ level: 'silent' });
const browser = { accept: 'text/html,*/*;q=0.8' };

describe('the files of the console', () => {
  let folder: string;
  let app: HttpApp;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dunlin-page-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html>the console');
    await writeFile(join(folder, 'assets', 'index-4f2a.js'), 'console.log(1)');
    app = fastify();
    app.get('/api/v1/devices', () => ({ devices: [] }));
    pageRoutes(app, await loadPage(silent, pathToFileURL(`${folder}/`)));
  });

  after(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it('are its page at every URL that a browser opens, so that each page of it can be linked to', async () => {
    for (const url of ['/', '/devices', '/devices/urn%3Adev%3Aa%2Fb/resources/3/0', '/no/such/page']) {
      const answer = await app.inject({ url, headers: browser });
      assert.equal(answer.statusCode, 200, url);
      assert.equal(answer.body, '<!doctype html>the console');
      assert.equal(answer.headers['cache-control'], 'no-cache');
    }
  });

  it('are not the answer of the interface or of a missing file', async () => {
    for (const url of ['/api/v1/nothing', '/assets/index-old.js', '/assets/../../../etc/passwd']) {
      const answer = await app.inject({ url, headers: url.startsWith('/assets/..') ? {} : browser });
      assert.equal(answer.statusCode, 404, url);
    }
    assert.equal((await app.inject({ url: '/no/such/page' })).statusCode, 404, 'a program wants no page');
  });

  it('may be kept for ever, except the page, which is asked for again by its tag', async () => {
    const script = await app.inject({ url: '/assets/index-4f2a.js' });
    assert.match(String(script.headers['cache-control']), /immutable/);
    assert.match(String(script.headers['content-type']), /^text\/javascript/);
    const page = await app.inject({ url: '/', headers: browser });
    const again = await app.inject({
      url: '/',
      headers: { ...browser, 'if-none-match': String(page.headers['etag']) },
    });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
  });

  it('are compressed for those who take it', async () => {
    const answer = await app.inject({
      url: '/assets/index-4f2a.js',
      headers: { 'accept-encoding': 'br, gzip' },
    });
    assert.equal(answer.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(answer.rawPayload).toString(), 'console.log(1)');
  });

  it('forbid everything that is inline or from elsewhere', async () => {
    const { headers } = await app.inject({ url: '/', headers: browser });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/);
  });

  it('are one page that says what to do while the console is not built', async () => {
    const [page, ...others] = await loadPage(silent, new URL('none/', pathToFileURL(`${folder}/`)));
    assert.equal(others.length, 0);
    assert.match(new TextDecoder().decode(page?.content), /npm run build:console/);
  });
});
