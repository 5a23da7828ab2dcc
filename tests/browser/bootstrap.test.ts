// What a device is given before it registers, made by a form in a real browser.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { Browser, Locator } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

describe('bootstrap configurations in the console', { skip: skipWithout('chromium') }, () => {
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

  /** Waits until screen readers are told something of a field. */
  async function waitForProblem(dialog: Locator, field: Locator, problem: RegExp): Promise<void> {
    await dialog.getByText(problem).first().waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    const described = (await field.getAttribute('aria-describedby'))?.split(' ') ?? [];
    const told = await Promise.all(described.map((id) => dialog.locator(`[id="${id}"]`).innerText()));
    assert.match(told.join(' '), problem);
  }

  it('are made by a form that tells at each field what is wrong with it, and a device bootstraps with them', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/bootstrap');
    await page.getByRole('button', { name: 'Add a configuration' }).click();
    const dialog = page.getByRole('dialog');
    const first = dialog.getByRole('group', { name: 'Server 1', exact: true });
    const second = dialog.getByRole('group', { name: 'Server 2', exact: true });
    await dialog.getByRole('textbox', { name: /Endpoint name/ }).fill('formed-1');

    const uri = first.getByRole('textbox', { name: 'Server URI' });
    await uri.fill('http://127.0.0.1');
    await waitForProblem(dialog, uri, /Server URI must be of the form coap:/);
    await uri.fill(server.coaps);

    await dialog.getByRole('button', { name: 'Add a server' }).click();
    const shortServerId = second.getByRole('textbox', { name: 'Short Server ID' });
    await shortServerId.fill('1');
    await waitForProblem(dialog, shortServerId, /Short Server ID must not be 1, which another account has/);
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await shortServerId.and(page.locator(':focus')).waitFor();
    await second.getByRole('button', { name: 'Remove server 2' }).click();

    await dialog.getByText('Nothing is wrong.').waitFor();
    const preview = dialog.getByRole('region', { name: 'What a device is asked' });
    await preview.getByRole('row', { name: `/0/1/0 LWM2M Server URI ${server.coaps}` }).waitFor();
    await preview.getByRole('row', { name: '/0/1/5 Secret Key made anew at each bootstrap' }).waitFor();

    await dialog
      .getByRole('checkbox', { name: 'Make a key for the Bootstrap-Server, shown this once' })
      .check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(/with PSK identity formed-1, shown this once/).waitFor();
    const key = await dialog.locator('code').innerText();
    assert.match(key, /^[0-9a-f]{32}$/);
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row', { name: /^formed-1/ }).waitFor();

    const keyFile = join(folder.path, 'formed-1.key');
    await writeFile(keyFile, key);
    const where = ['--bootstrap', server.bootstrapCoaps, '--endpoint', 'formed-1', '--psk-key-file', keyFile];
    await using device = new Program(dunlin('client', ...where));
    await device.waitFor(/registered/);
    const timeline = page.getByRole('region', { name: 'Bootstrap of formed-1' });
    await timeline.getByText('Finished', { exact: true }).waitFor();
    assert.deepEqual(window.problems, []);
  });

  it('are edited by the form and as JSON, which are two views of one draft', async () => {
    const path = '/api/v1/bootstrap/endpoints/edited-1';
    const key = '000102030405060708090a0b0c0d0e0f';
    const security = { kind: 'psk', identity: 'edited-1', key };
    const set = await server.fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ servers: [{ uri: 'coaps://127.0.0.1', shortServerId: 7, security }] }),
    });
    assert.equal(set.status, 201);
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/bootstrap');
    await page.getByRole('button', { name: 'Edit edited-1' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Lifetime, s' }).fill('600');
    assert.equal(await dialog.getByRole('textbox', { name: 'Key in hexadecimal digits' }).inputValue(), '');

    await dialog.getByRole('tab', { name: 'Form' }).press('ArrowRight');
    const json = dialog.getByRole('textbox', { name: /as JSON/ });
    const typed = JSON.parse(await json.inputValue()) as { readonly servers: readonly object[] };
    assert.deepEqual(typed.servers, [
      {
        uri: 'coaps://127.0.0.1',
        shortServerId: 7,
        security: { kind: 'psk', identity: 'edited-1' },
        lifetime: 600,
      },
    ]);
    await json.fill('{"servers": [');
    assert.equal(await dialog.getByRole('tab', { name: 'Form' }).isDisabled(), true);
    assert.deepEqual(await window.accessibilityProblems(), []);
    await json.fill(JSON.stringify({ ...typed, verify: true, writes: [{ path: '/3/0/14', value: 5 }] }));
    await dialog.getByRole('list', { name: 'What is wrong' }).getByText('writes.0.value').waitFor();

    await dialog.getByRole('tab', { name: 'Form' }).click();
    assert.equal(await dialog.getByRole('checkbox', { name: /what it has/ }).isChecked(), true);
    const value = dialog.getByRole('group', { name: 'Write 1' }).getByRole('textbox', { name: 'Value' });
    await waitForProblem(dialog, value, /Value/);
    await value.fill('+01:00');
    await dialog.getByText('Nothing is wrong.').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const kept = (await (await server.fetch(path)).json()) as Record<string, unknown>;
    assert.equal(kept['verify'], true);
    assert.deepEqual(kept['writes'], [{ path: '/3/0/14', value: '+01:00', type: 'string' }]);
    assert.deepEqual(window.problems, []);
  });

  it('have rights, deletes, periods and the account of the Bootstrap-Server, each by its fields', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/bootstrap');
    await page.getByRole('button', { name: 'Add a configuration' }).click();
    const dialog = page.getByRole('dialog');
    const first = dialog.getByRole('group', { name: 'Server 1', exact: true });
    await dialog.getByRole('textbox', { name: /Endpoint name/ }).fill('whole-*');
    await first.getByRole('combobox', { name: 'Security' }).selectOption('None (NoSec)');
    const uri = first.getByRole('textbox', { name: 'Server URI' });
    assert.equal(await uri.inputValue(), 'coap://127.0.0.1:5683', 'the scheme goes with security');

    await first.getByText('More', { exact: true }).click();
    await first.getByRole('textbox', { name: 'Default pmin, s' }).fill('60');
    const maximum = first.getByRole('textbox', { name: 'Default pmax, s' });
    await maximum.fill('5');
    await waitForProblem(dialog, maximum, /Default pmax, s must not be less/);
    await first.getByText('More', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await maximum.and(page.locator(':focus')).waitFor();
    await maximum.fill('300');
    await first.getByRole('combobox', { name: 'Notifications while offline' }).selectOption('Dropped');

    await dialog.getByRole('combobox', { name: 'Who may do what' }).selectOption('As these entries say');
    const rights = dialog.getByRole('group', { name: 'Rights: Server with Short Server ID 1' });
    await rights.getByRole('checkbox', { name: 'Write' }).check();
    const deletes = dialog.getByRole('combobox', { name: 'What is deleted' });
    await deletes.selectOption('Nothing');
    await waitForProblem(dialog, deletes, /What is deleted must have \/2 or \//);
    await deletes.selectOption('These paths');
    await dialog.getByRole('button', { name: 'Remove path 2' }).click();
    await dialog.getByRole('checkbox', { name: /account of the Bootstrap-Server/ }).check();
    await dialog.getByRole('textbox', { name: 'Hold off, s' }).fill('10');
    await dialog.getByText('Nothing is wrong.').waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const kept = await (await server.fetch('/api/v1/bootstrap/patterns/whole-*')).json();
    const { updatedAt: _updatedAt, ...terms } = kept as Record<string, unknown>;
    const security = { kind: 'none' };
    assert.deepEqual(terms, {
      target: { pattern: 'whole-*' },
      servers: [
        {
          uri: 'coap://127.0.0.1:5683',
          shortServerId: 1,
          security,
          lifetime: 86_400,
          defaultMinimumPeriod: 60,
          defaultMaximumPeriod: 300,
          notificationStoring: false,
        },
      ],
      bootstrapServer: { uri: 'coap://127.0.0.1:5783', security, clientHoldOffTime: 10 },
      accessControl: [{ path: '/3/0', owner: 1, acl: { '1': ['write'], others: ['read'] } }],
      deletes: ['/0', '/2'],
    });
    assert.deepEqual(window.problems, []);
  });
});
