// Who may use the console, in a real browser: signing in, roles, sessions that end, and a server that goes away.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder, testAdministrator } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const viewer = { name: 'vera', password: 'password of a viewer' } as const;

describe('access to the console', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let browser: Browser;
  let device: Program;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    device = await server.device('bench-1');
    const added = await server.request('POST', '/api/v1/users', { ...viewer, role: 'viewer' });
    assert.equal(added.status, 201, await added.text());
  });

  after(async () => {
    await browser?.close();
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is asked for a name and a password, refuses wrong ones, and then shows the page that was asked for', async () => {
    await using window = await BrowserWindow.open(browser, server.http, null);
    const { page } = window;
    await page.goto('/devices/bench-1/security');
    await page.getByRole('textbox', { name: 'Name' }).fill(testAdministrator.name);
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('the name or the password is wrong').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('textbox', { name: 'Password' }).fill(testAdministrator.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor();
    assert.match(page.url(), /\/devices\/bench-1\/security$/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Dunlin' }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('shows a viewer what is known, and refuses to ask devices in his name', async () => {
    await using window = await BrowserWindow.open(browser, server.http, viewer);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3/0');
    await page.getByText('vera viewer').waitFor();
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByText(/this needs the role operator; vera is viewer/).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('asks again when the session is over, and goes on where one was', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/events');
    await page.getByText('Live').waitFor();
    const { sessions } = (await (await server.get('/api/v1/sessions')).json()) as {
      sessions: { id: string }[];
    };
    for (const { id } of sessions) await server.request('DELETE', `/api/v1/sessions/${id}`);
    await page.getByRole('heading', { name: 'Sign in to Dunlin' }).waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill(testAdministrator.name);
    await page.getByRole('textbox', { name: 'Password' }).fill(testAdministrator.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor();
    await page.getByText('Live').waitFor();
    assert.match(page.url(), /\/devices\/bench-1\/events$/);
    assert.deepEqual(window.problems, []);
  });

  it('says that what is shown may be old while the server is away, and is live again when it is back', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices');
    await page.getByRole('row', { name: /bench-1/ }).waitFor();
    await page.getByText('Live').waitFor();
    const { ports } = server;
    await server.program.stop();
    await page.getByText(/Connection lost .*what is shown may be old/).waitFor();
    assert.equal(
      await page
        .locator('.stale')
        .getByRole('row', { name: /bench-1/ })
        .count(),
      1,
    );
    assert.deepEqual(await window.accessibilityProblems(), []);
    server = await DunlinServer.start(folder.path, ports);
    await page.getByText('Live').waitFor();
    assert.equal(await page.locator('.stale').count(), 0);
    await page.getByRole('row', { name: /bench-1/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });
});
