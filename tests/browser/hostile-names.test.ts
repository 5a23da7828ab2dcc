// Devices choose their names and values: whatever they are, a browser shows them as text.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const script = '<script>document.title="hacked"</script><img src=x onerror="document.title=\'hacked\'">';
const names = [
  `"'>${script}`,
  'javascript:alert(1)',
  '../../devices?q=1#a',
  'a/b%2Fc&d',
  '\u202Egnihton \u{1F426}',
];

describe('hostile names in the console', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  const devices: Program[] = [];
  let server: DunlinServer;
  let browser: Browser;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    devices.push(...(await Promise.all(names.map((name) => server.device(name)))));
  });

  after(async () => {
    await browser?.close();
    for (const device of devices) await device[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('are text in the list, and links that lead to their device', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    for (const name of names) {
      await page.goto('/devices');
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    }
    assert.doesNotMatch(await page.title(), /^hacked/);
    assert.deepEqual(window.problems, []);
  });

  it('are text as values, in events and in messages', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    const [name = ''] = names;
    const device = `/devices/${encodeURIComponent(name)}`;
    await page.goto(`${device}/messages`);
    await page.getByText('No message yet').waitFor();
    const path = `/api/v1${device}/resources/3/0/15`;
    const written = await server.request('PUT', path, { value: script });
    assert.equal(written.status, 204, await written.text());
    await page.getByRole('grid', { name: 'Messages' }).getByText(/PUT/).click();
    const detail = page.getByRole('complementary', { name: 'The message in detail' });
    await detail.getByText(script).first().waitFor();
    await page.goto(`${device}/resources/3/0`);
    await page
      .getByRole('row', { name: /^Timezone/ })
      .getByText('<script>')
      .waitFor();
    assert.doesNotMatch(await page.title(), /^hacked/);
    assert.deepEqual(window.problems, []);
  });
});
