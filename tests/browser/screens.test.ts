// The console on a telephone, worked by a finger, and in the few colours that somebody has chosen for everything.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { DunlinServer, TemporaryFolder, testAdministrator } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const telephone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};
const fewColours: BrowserContextOptions = { forcedColors: 'active' };

describe('the console on other screens', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let browser: Browser;
  let device: Program;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    device = await server.device('bench-1');
  });

  after(async () => {
    await browser?.close();
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const openOn = (screen: BrowserContextOptions): Promise<BrowserWindow> =>
    BrowserWindow.open(browser, server.http, testAdministrator, screen);

  /** What sticks out sideways a finger would have to look for. */
  async function assertFits(page: Page, selector = 'html'): Promise<void> {
    const [needed, present] = await page.evaluate<[number, number]>(`(() => {
      const { scrollWidth, clientWidth } = document.querySelector(${JSON.stringify(selector)});
      return [scrollWidth, clientWidth];
    })()`);
    assert.ok(needed <= present, `${page.url()} needs ${needed} of ${present} pixels`);
  }

  it('fits a telephone: nothing sticks out sideways on any page, nor in the largest form', async () => {
    await using window = await openOn(telephone);
    const { page } = window;
    const ofDevice = '/devices/bench-1';
    for (const path of [
      '/',
      '/devices',
      '/firmware',
      '/bootstrap',
      '/credentials',
      '/help',
      `${ofDevice}/resources/3303/0`,
    ]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await assertFits(page);
    }
    for (const tab of ['messages', 'telemetry', 'security', 'firmware', 'events']) {
      await page.goto(`${ofDevice}/${tab}`);
      await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor();
      await assertFits(page);
    }
    await page.goto('/bootstrap');
    await page.getByRole('button', { name: 'Add a configuration' }).tap();
    await page
      .getByRole('dialog')
      .getByRole('textbox', { name: /Endpoint name/ })
      .fill('lamp-1');
    await page.getByRole('row', { name: '/0/1/5 Secret Key made anew at each bootstrap' }).waitFor();
    await assertFits(page, 'dialog');
    assert.deepEqual(window.problems, []);
  });

  it('is worked by taps: finds a device, reads and writes a Resource, and goes on by the pages above', async () => {
    await using window = await openOn(telephone);
    const { page } = window;
    await page.goto('/devices');
    await page.getByRole('row', { name: /Reachable bench-1/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('link', { name: 'bench-1' }).tap();
    await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor();
    await page.getByRole('treeitem', { name: /^Device 0/ }).tap();
    await page.getByRole('button', { name: 'Read', exact: true }).tap();
    await page.getByRole('row', { name: /^UTC Offset/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Write: UTC Offset' }).tap();
    const form = page.getByRole('form', { name: 'Write UTC Offset' });
    await form.getByRole('textbox').fill('+02:00');
    await form.getByRole('button', { name: 'Write', exact: true }).tap();
    await page.getByText('Write: 2.04 Changed').waitFor();
    await page.getByRole('link', { name: 'Firmware' }).first().tap();
    await page.getByRole('heading', { level: 1, name: 'Firmware' }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  /** What is painted around an element, beside its ground, which is not painted there. */
  const edgeOf = (page: Page, selector: string): Promise<string> =>
    page.evaluate<string>(`(() => {
      const { outlineStyle, borderBottomColor } = getComputedStyle(document.querySelector(${JSON.stringify(selector)}));
      return [outlineStyle, borderBottomColor].join(' ');
    })()`);

  it('tells what is current and what is selected without any ground', async () => {
    await using window = await openOn(fewColours);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3303/0');
    await page.getByRole('treeitem', { name: /^Temperature 0/, selected: true }).waitFor();
    const [pages, parts] = ['[aria-label="Pages"]', '[aria-label="Parts of the device"]'];
    for (const [one, other] of [
      ['[role=treeitem][aria-selected=true]', '[role=treeitem][aria-selected=false]'],
      [`${pages} a[aria-current=page]`, `${pages} a:not([aria-current])`],
      [`${parts} a[aria-current=page]`, `${parts} a:not([aria-current])`],
    ] as const) {
      assert.notEqual(await edgeOf(page, one), await edgeOf(page, other), one);
    }
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.goto('/devices');
    const row = page.getByRole('row', { name: /Reachable bench-1/ });
    await row.waitFor();
    const unselected = await edgeOf(page, '[data-row="0"]');
    await row.getByRole('checkbox').check();
    await page.getByText('1 selected').waitFor();
    assert.notEqual(await edgeOf(page, '[data-row="0"]'), unselected);
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });
});
