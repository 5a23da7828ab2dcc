// Charts of a device in a real browser: chosen, zoomed, moved by keys, and live.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser, Locator, Page } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const temperature = '/3303/0/5700';
const dimmer = '/3311/0/5851';
const battery = '/3/0/9';
const power = '/3311/0/5805';

describe('the charts of a device', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let browser: Browser;
  let device: Program;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
    device = await server.device('meter-1', '--object', '3311');
    // The unit of a temperature is told by its Sensor Units (5701).
    await server.json('read', 'meter-1', '/3303/0');
    for (const path of [temperature, dimmer, battery]) {
      await server.json('observe', 'meter-1', path, '--keep', '--count', '1');
    }
  });

  after(async () => {
    await browser?.close();
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('show two sensors with an axis each, zoom, and go back to what is live, which moves', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto(`/devices/meter-1/telemetry?q=15m ${temperature} ${dimmer}`);
    const chart = chartOf(page, /^Chart of Sensor Value, Dimmer, /);
    await whole(chart);
    const points = await pointsOf(chart);
    device.type(`set ${dimmer} 37`);
    const legend = page.getByRole('table', { name: 'Lines of the chart' });
    await legend.getByRole('row', { name: /Sensor Value.*Cel/ }).waitFor();
    await legend.getByRole('row', { name: /Dimmer.*\b37\b/ }).waitFor();
    assert.ok((await pointsOf(chart)) > points);
    assert.deepEqual(await window.accessibilityProblems(), []);

    const box = await chart.boundingBox();
    assert.ok(box !== null);
    const [left, right, middle] = [box.x + box.width * 0.3, box.x + box.width * 0.6, box.y + 100];
    await page.mouse.move(left, middle);
    await page.mouse.down();
    await page.mouse.move(right, middle, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/q=15m%20\d{4}-.*Z%2F.*Z%20%2F3303%2F0%2F5700%20%2F3311%2F0%2F5851$/);
    assert.deepEqual(await window.accessibilityProblems(), []);

    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.waitForURL(/q=15m%20%2F3303%2F0%2F5700%20%2F3311%2F0%2F5851$/);
    await whole(chart);
    const shown = await pointsOf(chart);
    device.type(`set ${dimmer} 38`);
    await legend.getByRole('row', { name: /Dimmer.*\b38\b/ }).waitFor();
    assert.ok((await pointsOf(chart)) > shown);
    assert.deepEqual(window.problems, []);
  });

  it('are worked by keys: from value to value, zoom, move and back; and are a table too', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto(`/devices/meter-1/telemetry?q=15m ${battery}`);
    const chart = chartOf(page, /^Chart of Battery Level, /);
    await whole(chart);
    await chart.focus();
    await page.keyboard.press('End');
    await page
      .getByRole('status')
      .getByText(/Battery Level \d+ %/)
      .waitFor({ state: 'attached' });
    await page.keyboard.press('+');
    await page.waitForURL(/Z%2F/);
    const zoomed = page.url();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.waitForURL((url) => url.href !== zoomed);
    await page.keyboard.press('0');
    await page.waitForURL(/q=15m%20%2F3%2F0%2F9$/);
    await page.getByText('As a table').click();
    await page
      .getByRole('table', { name: 'Values of the chart' })
      .getByRole('columnheader', { name: 'Battery Level /3/0/9, %' })
      .waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('show what is chosen, and refuse a third unit with the reason', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await server.json('observe', 'meter-1', power, '--keep', '--count', '1');
    await page.goto(`/devices/meter-1/telemetry?q=1h ${temperature}`);
    await page.getByText(/^Choose resources: 1 of/).click();
    await page.getByRole('checkbox', { name: new RegExp(battery) }).check();
    await page.waitForURL(/q=1h%20%2F3303%2F0%2F5700%20%2F3%2F0%2F9$/);
    await chartOf(page, /^Chart of Sensor Value, Battery Level, /).waitFor();
    await page.getByRole('checkbox', { name: new RegExp(power) }).click();
    await page.getByText(/is in Wh, and the chart has an axis for each of Cel and %/).waitFor();
    assert.equal(await page.getByRole('checkbox', { name: new RegExp(power) }).isChecked(), false);
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('combobox', { name: 'Range' }).selectOption('All that is kept');
    await page.waitForURL(/q=all%20/);
    await chartOf(page, /^Chart of Sensor Value, Battery Level, /).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('say why the values of the past cannot be had, and show what comes', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    const error = { error: 'unavailable', message: 'the history is not there now' };
    await page.route('**/history?*', (route) => route.fulfill({ status: 503, json: error }));
    await page.goto(`/devices/meter-1/telemetry?q=15m ${dimmer}`);
    await page.getByText('the history is not there now').waitFor();
    device.type(`set ${dimmer} 44`);
    const legend = page.getByRole('table', { name: 'Lines of the chart' });
    await legend.getByRole('row', { name: /Dimmer.*\b44\b/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('have a gap while the device was away', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await using lamp = await server.device('lamp-away');
    await server.json('read', 'lamp-away', battery);
    await page.goto('/devices/lamp-away/telemetry');
    await page.getByText('Choose what to see over time').waitFor();
    await server.json('observe', 'lamp-away', temperature, '--keep', '--count', '1');
    lamp.type('quit');
    await page.goto('/devices/lamp-away/telemetry');
    await page.getByText('Its registration ended').waitFor();
    await using back = await server.device('lamp-away');
    // It is notified of for certain once it is observed anew.
    await server.json('observe', 'lamp-away', temperature, '--keep', '--count', '1');
    back.type(`set ${temperature} 25.5`);
    await chartOf(page, /^Chart of Sensor Value, .*, 1 gap while the device was away/).waitFor();
    assert.deepEqual(window.problems, []);
  });
});

function chartOf(page: Page, name: RegExp): Locator {
  return page.getByRole('application', { name });
}

/** Waits until what the server kept is there, which comes a moment after the chart. */
function whole(chart: Locator): Promise<void> {
  return chart.and(chart.page().locator('[aria-busy="false"]')).waitFor();
}

async function pointsOf(chart: Locator): Promise<number> {
  return Number(await chart.getAttribute('data-points'));
}
