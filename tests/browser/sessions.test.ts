// Sessions as a real browser keeps them: the link of `npm start`, cookies over TLS, and pages that are not ours.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder, testAdministrator } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, repository, run } from '../support/program.ts';
import { launchBrowser } from './support/browser-window.ts';

interface AuditEntries {
  readonly entries: readonly {
    readonly action: string;
    readonly outcome: string;
    readonly error: string | null;
  }[];
}

/** A page of somebody else, on another port of this machine. */
async function foreignPage(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

describe('a session in a browser', { skip: skipWithout('chromium', 'openssl') }, () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
  });

  it('is begun by the link that npm start prints, is out of reach of scripts, and works for our own pages only', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path, {}, [
      process.execPath,
      '--conditions=dunlin:source',
      `${repository}apps/dunlin/src/start.ts`,
    ]);
    const [, link = ''] = await server.program.waitFor(/(http:\S+\/sign-in\/\S+)/);
    await using foreign = await foreignPage();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(link);
    assert.equal(new URL(page.url()).pathname, '/', 'the link is not left in the address');
    assert.equal(await page.evaluate('document.cookie'), '');
    const ask = (method: string, url: string): Promise<number> =>
      page.evaluate(
        ([name = '', to = '']) => fetch(to, { method: name }).then(({ status }) => status),
        [method, url],
      );
    assert.equal(await ask('GET', '/api/v1/session'), 200);
    assert.equal(await ask('DELETE', '/api/v1/devices/nobody'), 404, 'a change is taken from our own page');

    // Another port of this host is the same site: the browser sends the cookie along, whatever SameSite says.
    await page.goto(foreign.url);
    const target = `${server.http}/api/v1/devices/dunlin-demo/execute/1/0/8`;
    const shown = await page.evaluate(
      (to) =>
        fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '' }).then(
          () => 'an answer',
          () => 'nothing',
        ),
      target,
    );
    assert.equal(shown, 'nothing', 'the other page does not even get the refusal');
    const audit = (await (await server.get('/api/v1/audit?action=execute')).json()) as AuditEntries;
    assert.deepEqual(
      audit.entries.map(({ action, outcome, error }) => [action, outcome, error]),
      [['execute', 'refused', 'forbidden-origin']],
    );
    await context.close();
  });

  it('is in a cookie with the prefix __Host- over TLS', async () => {
    using folder = new TemporaryFolder();
    const [key, cert] = [join(folder.path, 'http.key'), join(folder.path, 'http.crt')];
    const request =
      'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x';
    const made = await run([...request.split(' '), '-keyout', key, '-out', cert]);
    assert.equal(made.exitCode, 0, made.stderr);
    const flags = ['--http-certificate', cert, '--http-key', key];
    await using server = await DunlinServer.start(join(folder.path, 'data'), {}, dunlin('server', ...flags));
    const context = await browser.newContext({ baseURL: server.http, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto('/');
    const status = await page.evaluate(
      (user) =>
        fetch('/api/v1/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(user),
        }).then((answer) => answer.status),
      { ...testAdministrator },
    );
    assert.equal(status, 200);
    const cookies = await context.cookies();
    assert.deepEqual(
      cookies.map(({ name, secure, httpOnly, sameSite }) => [name, secure, httpOnly, sameSite]),
      [['__Host-dunlin-session', true, true, 'Strict']],
    );
    const known = await page.evaluate(() => fetch('/api/v1/session').then((answer) => answer.status));
    assert.equal(known, 200);
    await context.close();
  });
});
