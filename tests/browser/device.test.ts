// The page of one device in a real browser: everything that can be asked of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

describe('the page of a device', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let browser: Browser;
  let device: Program;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    device = await server.device('bench-1', '--object', '3311', '--location=52.52,13.405');
  });

  after(async () => {
    await browser?.close();
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is found by its name, reads its Resources, and shows them with unit and origin', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices');
    await page.getByRole('link', { name: 'bench-1' }).click();
    await page.getByRole('heading', { level: 1, name: 'bench-1' }).waitFor();
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByText('Read: 2.05 Content').waitFor();
    const battery = page.getByRole('row', { name: /Battery Level/ });
    assert.match(await battery.innerText(), /100\s*%/);
    assert.match(await battery.innerText(), /Read/);
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('writes a value by a field of its type, refuses one out of range, and says what the device answered', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3311/0');
    await page.getByRole('checkbox', { name: /Show all/ }).check();
    const dimmer = page.getByRole('row', { name: /^Dimmer/ });
    await dimmer.getByRole('button', { name: /^Write/ }).click();
    const field = page.getByRole('textbox', { name: 'Dimmer' });
    await field.fill('1000');
    const form = page.getByRole('form', { name: 'Write Dimmer' });
    await form.getByRole('button', { name: 'Write', exact: true }).click();
    await page.getByText('Expected: from 0 to 100').waitFor();
    await field.fill('40');
    await form.getByText('As a command').click();
    await form.getByText('npx dunlin write bench-1 /3311/0/5851 40', { exact: true }).waitFor();
    await field.fill('400');
    await form.getByText(/as soon as what is typed is complete/).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await field.fill('40');
    await form.getByRole('button', { name: 'Write', exact: true }).click();
    await page.getByText('Write: 2.04 Changed').waitFor();
    await dimmer.getByText('40').waitFor();
    assert.match(await dimmer.innerText(), /Written/);
    assert.deepEqual(window.problems, []);
  });

  it('asks for a data format and with a timeout, when told so', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3/0');
    await page.getByText('More options').click();
    await page.getByRole('textbox', { name: /^Timeout/ }).fill('900');
    await page.getByText('Expected: 0.1 to 600 seconds').waitFor();
    await page.getByRole('textbox', { name: /^Timeout/ }).fill('30');
    await page.getByRole('combobox', { name: /^Data format/ }).selectOption('Plain text');
    await page.getByText('More options: 30 s, text').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByText(/refused the Read of \/3\/0 with 4\.06 Not Acceptable/).waitFor();
    await page.getByRole('button', { name: 'Read: Manufacturer' }).click();
    await page.getByRole('row', { name: /Manufacturer.*Read: 2\.05 Content/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('executes, and tells a refusal with the code and what it means', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/1/0');
    const trigger = page.getByRole('row', { name: /^Registration Update Trigger/ });
    await trigger.getByRole('button', { name: /^Execute/ }).click();
    const form = page.getByRole('form', { name: /^Execute/ });
    await form.getByRole('button', { name: 'Execute' }).click();
    await page.getByText('Execute: 2.04 Changed').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    assert.equal(
      await dialog.getByRole('button', { name: 'Delete' }).isDisabled(),
      true,
      'nothing is typed yet',
    );
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('textbox').fill('/1/0');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText(/refused the Delete of \/1\/0 with 4\.05 Method Not Allowed/).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('observes a value, which then moves by itself, and lists the observation', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3303/0');
    const sensor = page.getByRole('row', { name: /^Sensor Value/ });
    await sensor.getByRole('button', { name: /^Observe/ }).click();
    await page.getByText('Observe: 2.05 Content').waitFor();
    await sensor.getByText('Notified').waitFor();
    device.type('set /3303/0/5700 30.5');
    await sensor.getByText('30.5').waitFor();
    await page.getByRole('link', { name: 'Observations' }).click();
    await page.getByRole('row', { name: /\/3303\/0\/5700.*Active/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Tell the device: /3303/0/5700' }).click();
    await page.getByText('Nothing is observed.').waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('creates and deletes an instance, and discovers what is there', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3311');
    await page.getByRole('button', { name: 'Create' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Instance id/ }).fill('7');
    await dialog.getByRole('combobox', { name: 'On/Off' }).selectOption('true');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Create: 2.01 Created').waitFor();
    await page.goto('/devices/bench-1/resources/3311/7');
    await page.getByRole('button', { name: 'Discover' }).click();
    await page.getByRole('cell', { name: '/3311/7/5850', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('/3311/7');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Delete: 2.02 Deleted').waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('shows the messages of the Read just made, taken apart', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/messages');
    await page.getByRole('textbox', { name: 'Path to read' }).fill('/3/0/0');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    const chart = page.getByRole('grid', { name: 'Messages' });
    // The server asks a device what it is by itself, so that there may be more of them.
    await chart
      .getByText(/CON · GET · \/3\/0\/0/)
      .last()
      .waitFor();
    await chart
      .getByText(/ACK · 2\.05 Content · \/3\/0\/0/)
      .last()
      .click();
    const detail = page.getByRole('complementary', { name: 'The message in detail' });
    await detail.getByText('Manufacturer').waitFor();
    await detail.getByText('Content-Format').waitFor();
    assert.match(await detail.locator('pre').innerText(), /^0000 .*Dunlin/);
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'As a table' }).click();
    await page
      .getByRole('row', { name: /From the device.*2\.05 Content/ })
      .first()
      .waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save for Wireshark' }).click();
    assert.equal((await saved).suggestedFilename(), 'bench-1.pcapng');
    assert.deepEqual(window.problems, []);
  });

  it('shows where it is on a map that asks nobody', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/location');
    await page.getByRole('button', { name: 'Read' }).click();
    await page.getByRole('application', { name: 'Map of where bench-1 is' }).waitFor();
    await page.getByText('13.405').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('takes what is asked of a device that sleeps, and tells when it was done', async () => {
    await using sleeper = await server.device('sleeper-1', '--queue');
    await server.request('PATCH', '/api/v1/devices/sleeper-1', { awakeWindow: 0.5 });
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/sleeper-1/resources/3/0');
    await page.getByText('Asleep').waitFor();
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByText('Read: queued as 1; the device sleeps').waitFor();
    await page.getByRole('link', { name: '1 request waits' }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    sleeper.type('update');
    await page.getByText('Read: 2.05 Content').waitFor();
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByRole('row', { name: /Read.*\/3\/0.*Done/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('is given tags, and found by them', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/security');
    await page.getByRole('textbox', { name: 'New tag' }).fill('lab');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByRole('link', { name: 'lab' }).click();
    await page.waitForURL(/q=tag%3Alab$/);
    await page.getByRole('row', { name: /bench-1/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('is worked by keys alone', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/devices/bench-1/resources/3/0');
    const manufacturer = page.getByRole('button', { name: /^Manufacturer 0/ });
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await manufacturer.waitFor();
    await manufacturer.focus();
    await page.keyboard.press('r');
    await page.getByRole('row', { name: /Manufacturer.*Read: 2\.05 Content/ }).waitFor();
    await page.keyboard.press('j');
    await page.locator(':focus', { hasText: 'Model Number' }).waitFor();
    await page.getByRole('treeitem', { name: /^Temperature \/3303/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Temperature 0/ }).waitFor();
    assert.match(page.url(), /\/resources\/3303\/0$/);
    assert.deepEqual(window.problems, []);
  });
});
