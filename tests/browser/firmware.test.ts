// An update of firmware in a real browser: from a file to the device that runs it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import type { Program } from '../support/program.ts';
import { TcpRelay } from '../support/tcp-relay.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

describe('firmware', { skip: skipWithout('chromium') }, () => {
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

  it('is added as a file, sent to the device with progress, and runs in the end', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/firmware');
    const file = {
      name: 'bench-2.1.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(20_000, 7),
    };
    await page.getByLabel('File').setInputFiles(file);
    await page.getByRole('textbox', { name: 'Version' }).fill('2.1');
    await page.getByRole('button', { name: 'Add an image' }).click();
    await page.getByRole('row', { name: /bench-2\.1\.bin 2\.1 any 19\.5 KiB/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.goto('/devices/bench-1/firmware');
    await page.getByRole('button', { name: 'Start the update' }).click();
    await page.getByRole('progressbar', { name: 'Progress of bench-2.1.bin' }).waitFor();
    await page.getByText('Succeeded').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('link', { name: 'Messages' }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('goes to all devices that fit a filter, once their number is typed', async () => {
    await using other = await server.device('bench-2');
    assert.ok(other.pid > 0);
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/firmware');
    await page.getByRole('button', { name: 'Update several devices' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 devices fit').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('textbox', { name: 'Type 2 to confirm' }).fill('2');
    await dialog.getByRole('button', { name: 'Update 2' }).click();
    await dialog.getByText('2 of 2 updated, 0 failed').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('is removed when its name is typed', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/firmware');
    await page.getByRole('button', { name: 'Remove: bench-2.1.bin' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('bench-2.1.bin');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No images.').waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('is sent with its progress in bytes, can be stopped on its way, and says when the connection breaks off', async () => {
    await using relay = await TcpRelay.open(Number(new URL(server.http).port));
    await using window = await BrowserWindow.open(browser, relay.url);
    const { page } = window;
    await page.goto('/firmware');
    const upload = page.getByRole('progressbar', { name: 'Upload' });
    const add = page.getByRole('button', { name: 'Add an image' });
    // Far more than all buffers between the browser and the relay hold, so that an upload can stand still on its way.
    const buffer = Buffer.alloc(32 * 1024 * 1024, 9);
    const someSent = page.getByText(/^[1-9].* of 32\.0 MiB sent$/);
    await page.getByLabel('File').setInputFiles({ name: 'large.bin', mimeType: 'text/plain', buffer });

    await Promise.all([relay.holdUp(), add.click()]);
    await someSent.waitFor();
    assert.equal(await upload.getAttribute('max'), String(buffer.length));
    assert.notEqual(await upload.getAttribute('value'), '0');
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await upload.waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('alert').count(), 0, 'who stops it need not be told');

    await Promise.all([relay.holdUp(), add.click()]);
    await someSent.waitFor();
    relay.break();
    await page.getByText(/The connection broke off after .* of 32\.0 MiB/).waitFor();
    assert.equal(await page.getByRole('row', { name: /large\.bin/ }).count(), 0);
    relay.letGo();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /large\.bin .* 32\.0 MiB/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });
});
