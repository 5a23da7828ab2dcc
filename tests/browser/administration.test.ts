// What administrators do, in a real browser: users, tokens, credentials, bootstrap, and going anywhere by keys.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const barrel = `<?xml version="1.0" encoding="UTF-8"?>
<LWM2M><Object ObjectType="MODefinition"><Name>Barrel</Name><Description1>Holds something.</Description1>
<ObjectID>33000</ObjectID><ObjectURN>urn:oma:lwm2m:x:33000</ObjectURN><LWM2MVersion>1.0</LWM2MVersion>
<ObjectVersion>1.0</ObjectVersion><MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>
<Resources><Item ID="0"><Name>Fill Level</Name><Operations>R</Operations>
<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory><Type>Integer</Type>
<RangeEnumeration>0..100</RangeEnumeration><Units>%</Units><Description>How full it is.</Description></Item>
</Resources></Object></LWM2M>`;

describe('administration in the console', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let browser: Browser;

  before(async () => {
    [server, browser] = await Promise.all([DunlinServer.start(folder.path), launchBrowser()]);
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('adds a user whose password is shown once, changes the role, and removes the user', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/users');
    const form = page.getByRole('form', { name: 'Add a user' });
    await form.getByRole('textbox', { name: 'Name' }).fill('oskar');
    await form.getByRole('combobox', { name: 'Role' }).selectOption('operator');
    await form.getByRole('button', { name: 'Add a user' }).click();
    await page.getByText('The password of oskar, shown this once:').waitFor();
    await page.getByRole('combobox', { name: 'Role of oskar' }).selectOption('viewer');
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Remove: oskar' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('oskar');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).last().click();
    await page.getByRole('row', { name: /^oskar/ }).waitFor({ state: 'detached' });
    assert.deepEqual(window.problems, []);
  });

  it('makes a token that works, shown once', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/tokens');
    const form = page.getByRole('form', { name: 'Make a token' });
    await form.getByRole('textbox', { name: 'Name' }).fill('backup');
    await form.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText(/shown this once/).waitFor();
    const secret = await form.locator('code').innerText();
    const answer = await fetch(`${server.http}/api/v1/devices`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(answer.status, 200);
    await page.getByRole('row', { name: /^backup viewer/ }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('gives a device a key made in the browser, and shows what devices have to know of the server', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/credentials');
    const form = page.getByRole('form', { name: 'Add a credential' });
    await form.getByRole('textbox', { name: 'Endpoint', exact: true }).fill('lamp-1');
    await form.getByRole('button', { name: 'Add a credential' }).click();
    await page.getByText('The key, made here and shown this once:').waitFor();
    const key = await form.locator('code').innerText();
    assert.match(key, /^[0-9a-f]{32}$/);
    assert.deepEqual(await window.accessibilityProblems(), []);
    const keyFile = join(folder.path, 'lamp-1.key');
    await writeFile(keyFile, key);
    const client = dunlin(
      'client',
      '--server',
      server.coaps,
      '--endpoint',
      'lamp-1',
      '--psk-key-file',
      keyFile,
    );
    await using device = new Program(client);
    await device.waitFor(/registered/);
    await page.getByRole('row', { name: /^lamp-1 Pre-shared key lamp-1/ }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('configures a bootstrap, and follows a device through it', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/bootstrap');
    await page.getByRole('button', { name: 'Add a configuration' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Endpoint name/ }).fill('fresh-*');
    const servers = [{ uri: server.coap, shortServerId: 1 }];
    await dialog.getByRole('tab', { name: 'As JSON' }).click();
    await dialog.getByRole('textbox', { name: /as JSON/ }).fill(JSON.stringify({ servers }));
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /^fresh-\*/ }).waitFor();
    const client = dunlin('client', '--bootstrap', server.bootstrapCoap, '--endpoint', 'fresh-1');
    await using device = new Program(client);
    await device.waitFor(/registered/);
    const timeline = page.getByRole('region', { name: 'Bootstrap of fresh-1' });
    await timeline.getByText('Finished', { exact: true }).waitFor();
    await timeline.getByText('Bootstrap-Finish').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('adds the definition of an Object, which is used at once, and finds it by its name', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/definitions?q=Barrel');
    await page.getByRole('searchbox', { name: /Search/ }).waitFor();
    const file = { name: 'barrel.xml', mimeType: 'application/xml', buffer: Buffer.from(barrel) };
    await page.getByLabel('Definition file (DDF, XML)').setInputFiles(file);
    await page.getByRole('button', { name: 'Add a definition' }).click();
    await page.getByText('Added: Barrel /33000 1.0').waitFor();
    await page.getByRole('button', { name: 'Barrel', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByRole('row', { name: /Fill Level.*0 … 100 %/ })
      .waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('tells who did what in the audit log, and at a glance what goes on', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/audit');
    await page.getByRole('row', { name: /admin user .* addUser oskar Done/ }).waitFor();
    await page.getByRole('combobox', { name: 'Result' }).selectOption('refused');
    await page.getByRole('row', { name: /addUser/ }).waitFor({ state: 'detached' });
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.goto('/');
    await page.getByRole('link', { name: /^\d+ online/ }).waitFor();
    await page.getByRole('region', { name: 'In the last minute' }).getByText('Registrations').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('goes anywhere by keys: a palette, two-letter ways and a help that lists them', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/');
    await page.getByText('Live').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('fresh');
    await page.getByRole('option', { name: 'fresh-1' }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'fresh-1' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('fresh');
    await page.waitForURL(/q=fresh$/);
    await page.getByRole('row', { name: /fresh-1/ }).focus();
    await page.keyboard.press('?');
    await page.getByRole('heading', { level: 1, name: 'Help' }).waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });
});
