// Short messages in the console: a server with an account at a message centre, and one without.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Browser } from 'playwright-core';

import { coapClient } from '../support/coap-client.ts';
import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin } from '../support/program.ts';
import { MessageCentreServer } from '../support/sms/message-centre-server.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const account = { systemId: 'lwm2m', password: 's3cret', number: '10690' } as const;
const phone = '491700000001';

describe('short messages in the console', { skip: skipWithout('chromium', 'coap-client-notls') }, () => {
  const folder = new TemporaryFolder();
  let centre: MessageCentreServer;
  let server: DunlinServer;
  let browser: Browser;

  before(async () => {
    centre = await MessageCentreServer.open([account]);
    const { systemId, password, number } = account;
    const flags = ['--smpp', centre.url, '--smpp-system-id', systemId, '--sms-number', number];
    const env = { DUNLIN_SMPP_PASSWORD: password };
    [server, browser] = await Promise.all([
      DunlinServer.start(folder.path, {}, dunlin('server', ...flags), env),
      launchBrowser(),
    ]);
  });

  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await centre?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('are on the overview and on a page of their own, where a device is given its number', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await page.goto('/');
    const card = page.getByRole('region', { name: 'Short messages' });
    await card.getByText('Short messages can be sent and received').waitFor();
    await card.getByRole('link', { name: 'Short messages' }).click();
    await page.getByRole('heading', { level: 1, name: 'Short messages' }).waitFor();
    const form = page.getByRole('form', { name: 'Give a device its number' });
    await form.getByRole('textbox', { name: 'Endpoint name' }).fill('phone');
    await form.getByRole('textbox', { name: /^Number/ }).fill('+49');
    await page.getByText('Expected: 3 to 15 digits').waitFor();
    await form.getByRole('textbox', { name: /^Number/ }).fill(phone);
    await form.getByRole('button', { name: 'Give it this number' }).click();
    await page
      .getByRole('table', { name: 'Numbers of devices' })
      .getByRole('row', { name: new RegExp(`phone.*${phone}`) })
      .waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('wake a device, and tell where they go, what was sent, and what is left', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await server.json('sms', 'provision', 'phone', phone);
    await registers('phone', server.coap);
    await page.goto('/devices/phone');
    const parts = page.getByRole('navigation', { name: 'Parts of the device' });
    await parts.getByRole('link', { name: 'Short messages' }).click();
    await page.getByText('Short messages go to').waitFor();
    await page.getByText('Nothing was sent lately.').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Wake by short message' }).first().click();
    await page.getByText('Sent; waiting for the device').waitFor();
    await page
      .getByRole('table', { name: 'Sent lately' })
      .getByRole('row', { name: /phone.*Wakes the device/ })
      .waitFor();
    await page
      .getByRole('table', { name: 'Budgets' })
      .getByRole('row', { name: /to this number, of the server’s own accord 1 19 20/ })
      .waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('carry what is asked when told so, and the refusal says why they cannot', async () => {
    await using window = await BrowserWindow.open(browser, server.http);
    const { page } = window;
    await server.json('sms', 'provision', 'phone', phone);
    await registers('phone', server.coap);
    await page.goto('/devices/phone/resources/3/0');
    await page.getByText('More options').click();
    await page.getByRole('checkbox', { name: /^By short message/ }).check();
    await page.getByText('More options: sms').waitFor();
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    // Without DTLS only what wakes a device goes by short message.
    await page.getByText(/DTLS/).first().waitFor();
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });

  it('are nowhere at a server that has none', async () => {
    using other = new TemporaryFolder();
    await using without = await DunlinServer.start(other.path);
    await using window = await BrowserWindow.open(browser, without.http);
    const { page } = window;
    await page.goto('/sms');
    await page.getByText('This server neither sends nor receives short messages.').waitFor();
    assert.equal(
      await page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name: 'Short messages' })
        .count(),
      0,
    );
    assert.deepEqual(await window.accessibilityProblems(), []);
    assert.deepEqual(window.problems, []);
  });
});

/** A device of a mode with short messages registers, and is heard of no more. */
async function registers(endpoint: string, coap: string): Promise<void> {
  const query = `ep=${endpoint}&lwm2m=1.0&b=UQS&lt=300&sms=${phone}`;
  const { responses } = await coapClient(
    '-m',
    'post',
    '-t',
    '40',
    '-e',
    '</1/0>,</3/0>',
    `${coap}/rd?${query}`,
  );
  assert.deepEqual(
    responses.map(({ code }) => code),
    ['2.01'],
  );
}
