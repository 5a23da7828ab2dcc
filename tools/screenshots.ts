// Makes the pictures of docs/images anew: the console with simulated devices, in Chromium.
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';

import { BrowserWindow, launchBrowser } from '../tests/browser/support/browser-window.ts';
import { DunlinServer, TemporaryFolder } from '../tests/support/dunlin-server.ts';
import type { Program } from '../tests/support/program.ts';
import { root } from './checks/repository.ts';

using folder = new TemporaryFolder();
await using server = await DunlinServer.start(folder.path);
await using devices = new AsyncDisposableStack();
const names = [
  'greenhouse-north',
  'greenhouse-south',
  'cold-store-1',
  'cold-store-2',
  'gate-lamp',
  'weather-mast',
];
const programs = new Map<string, Program>();
for (const name of names) {
  const place = name === 'weather-mast' ? ['--location=54.18,7.89'] : [];
  const sleeps = name.startsWith('cold-store') ? ['--queue'] : [];
  programs.set(name, devices.use(await server.device(name, '--object', '3311', ...place, ...sleeps)));
}
await server.request('PUT', '/api/v1/devices/greenhouse-north/tags', { tags: ['field', 'lab'] });

const browser = await launchBrowser();
const window = await BrowserWindow.open(browser, server.http);
const { page } = window;

await take(page, 'overview', '/');
await take(page, 'devices', '/devices');
await page.goto('/devices/greenhouse-north/resources/3/0');
await page.getByRole('button', { name: 'Read', exact: true }).click();
await page.getByText('Read: 2.05 Content').waitFor();
await take(page, 'resources');
await page.goto('/devices/greenhouse-north/resources/3303/0');
// Its Sensor Units are the unit of the chart.
await page.getByRole('button', { name: 'Read', exact: true }).click();
await page.getByText('Read: 2.05 Content').waitFor();
await page
  .getByRole('row', { name: /^Sensor Value/ })
  .getByRole('button', { name: /bserv/ })
  .click();
await page.goto('/devices/greenhouse-north/messages');
for (const path of ['/3/0', '/3/0/99', '/3303/0/5700']) {
  await page.getByRole('textbox', { name: 'Path to read' }).fill(path);
  await page.getByRole('button', { name: 'Read', exact: true }).click();
  await delay(400);
}
await page
  .getByText(/2\.05 Content · \/3303\/0\/5700/)
  .first()
  .click();
await take(page, 'messages');
await server.json('observe', 'greenhouse-north', '/3311/0/5851', '--keep', '--count', '1');
// A lamp that is dimmed now and then, beside a temperature that moves by itself.
for (const dimmer of [20, 35, 60, 80, 75, 90, 65, 40, 45, 30]) {
  programs.get('greenhouse-north')?.type(`set /3311/0/5851 ${dimmer}`);
  await delay(4500);
}
const [first, last] = [-46_000, 1000].map((shift) => new Date(Date.now() + shift).toISOString());
await take(page, 'telemetry', `/devices/greenhouse-north/telemetry?q=15m ${first}/${last}`);
await page.emulateMedia({ colorScheme: 'dark' });
await take(page, 'resources-dark', '/devices/greenhouse-north/resources/3/0');
await browser.close();

async function take(from: Page, name: string, url?: string): Promise<void> {
  if (url !== undefined) await from.goto(url);
  await from.getByText('Live', { exact: true }).waitFor();
  await delay(800);
  await from.screenshot({ path: `${root}docs/images/console-${name}.png` });
}
