// Every page of the console can be used by everybody: axe finds nothing against WCAG 2.2 AA, in light and in dark.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const device = '/devices/lamp';

/** By path: a heading or a tab that says that the page is there. */
const pages = [
  '/',
  '/devices',
  device,
  `${device}/resources/3/0`,
  `${device}/messages`,
  `${device}/telemetry`,
  `${device}/observations`,
  `${device}/operations`,
  `${device}/location`,
  `${device}/firmware`,
  `${device}/security`,
  `${device}/sms`,
  `${device}/events`,
  '/firmware',
  '/bootstrap',
  '/credentials',
  '/definitions',
  '/sms',
  '/users',
  '/tokens',
  '/audit',
  '/help',
] as const;

describe('every page of the console', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let lamp: Program;
  let browser: Browser;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    lamp = await server.device('lamp', '--location=54.37,8.64');
    await server.json('observe', 'lamp', '/3303/0/5700', '--keep', '--count', '1');
    await server.json('credentials', 'add', 'lamp-2', '--psk-generate');
    await server.json('bootstrap', 'set', 'lamp-3', '--to', server.coap);
  });

  after(async () => {
    await browser?.close();
    await lamp?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  for (const path of pages) {
    it(`has nothing against WCAG 2.2 AA in either theme: ${path}`, async () => {
      await using window = await BrowserWindow.open(browser, server.http);
      const { page } = window;
      await page.goto(path);
      await page.getByRole('main').getByRole('heading').first().waitFor();
      await page.waitForLoadState('domcontentloaded');
      assert.equal(await page.getByText('There is no such page').count(), 0);
      assert.deepEqual(await window.accessibilityProblems(), []);
      assert.deepEqual(window.problems, []);
    });
  }

  it('has nothing against it where nobody has signed in', async () => {
    await using window = await BrowserWindow.open(browser, server.http, null);
    await window.page.goto('/');
    await window.page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
  });
});
