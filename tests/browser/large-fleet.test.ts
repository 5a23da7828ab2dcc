// The list of devices in a real browser while 100,000 devices are registered with the real server, over real sockets.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { DevicePage } from '@dunlin/api';
import type { Browser, Page } from 'playwright-core';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program } from '../support/program.ts';
import { BrowserWindow, launchBrowser } from './support/browser-window.ts';

const devices = 100_000;

/** How long the server may take for the answer to a filter, in milliseconds. */
const answerBudget = 150;
/** How long the page may take from the answer to the picture. */
const paintBudget = 100;

/** Filters, how many devices fit each, and the first of these in the order of names. */
const filters = [
  { filter: 'sim-0123', total: 100, first: 'sim-012300' },
  { filter: 'binding:UQ', total: 20_000, first: 'sim-000001' },
  { filter: 'endpoint:*77', total: 1000, first: 'sim-000077' },
  { filter: 'has:/3342', total: 20_000, first: 'sim-008001' },
  { filter: '-has:/3303 -endpoint:sim-00*', total: 36_000, first: 'sim-014001' },
  { filter: 'sim-09998', total: 10, first: 'sim-099980' },
] as const;

describe('a list of 100,000 devices', { skip: skipWithout('chromium') }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let fleet: Program;
  let browser: Browser;
  let window: BrowserWindow;

  before(async () => {
    // What a device says of itself would be one exchange more with each of them.
    const environment = { DUNLIN_READ_FACTS: 'false', DUNLIN_LOG_LEVEL: 'warn' };
    [server, browser] = await Promise.all([
      DunlinServer.start(folder.path, {}, dunlin('server'), environment),
      launchBrowser(),
    ]);
    const flags = ['--devices', `${devices}`, '--rate', '3000', '--per-socket', '2000'];
    fleet = new Program(dunlin('simulate', '--server', server.coap, ...flags));
    await fleet.waitFor(/100000 of 100000 registered/);
    window = await BrowserWindow.open(browser, server.http);
  });

  after(async () => {
    await window?.[Symbol.asyncDispose]();
    await browser?.close();
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is counted, and only the rows in sight are in the page', async () => {
    const { page } = window;
    await page.goto('/devices');
    await page.getByRole('row', { name: /sim-000001/ }).waitFor();
    await page.getByText('100000 devices').waitFor();
    assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '100001');
    assert.ok((await page.getByRole('row').count()) < 60);
  });

  it('is searched by the server within 150 ms', async (t) => {
    const best = new Map<string, number>();
    // The best of several, some seconds apart: the others tell what else the machine did.
    for (let round = 0; round < 10; round += 1) {
      for (const { filter, total, first } of filters) {
        const started = performance.now();
        const answer = await server.get(`/api/v1/devices?filter=${encodeURIComponent(filter)}`);
        const found = (await answer.json()) as DevicePage;
        const took = performance.now() - started;
        best.set(filter, Math.min(took, best.get(filter) ?? Infinity));
        assert.equal(found.total, total, filter);
        assert.equal(found.devices[0]?.endpoint, first);
      }
    }
    for (const [filter, took] of best) {
      t.diagnostic(`${filter}: ${took.toFixed(1)} ms`);
      assert.ok(took <= answerBudget, `${filter}: ${took} ms`);
    }
  });

  it('shows what fits a filter within 100 ms after the answer', async (t) => {
    const { page } = window;
    let best = Infinity;
    for (const { filter, total, first } of filters) {
      const { sinceAnswer } = await whenPainted(page, { row: 0, endpoint: first }, () =>
        page.getByRole('combobox', { name: 'Filter devices' }).fill(filter),
      );
      await page.getByText(`${total} devices`, { exact: true }).waitFor();
      best = Math.min(best, sinceAnswer);
    }
    t.diagnostic(`${best.toFixed(1)} ms`);
    assert.ok(best <= paintBudget, `${best} ms`);
    await page.getByRole('combobox', { name: 'Filter devices' }).fill('');
    await page.getByText('100000 devices').waitFor();
  });

  it('is there within a moment wherever one scrolls to', async (t) => {
    const { page } = window;
    let best = Infinity;
    for (const row of [20_000, 90_000, 70_000, 30_000, 50_000]) {
      const { sinceStart } = await whenPainted(page, { row, endpoint: endpointAt(row) }, () =>
        scrollTo(page, row),
      );
      best = Math.min(best, sinceStart);
    }
    t.diagnostic(`${best.toFixed(1)} ms`);
    assert.ok(best <= answerBudget + paintBudget, `${best} ms`);
  });

  it('changes rows in place, and lets newcomers wait', async () => {
    const { page } = window;
    await scrollTo(page, 50_000);
    await page.getByRole('row', { name: endpointAt(50_000) }).waitFor();
    const places = await placesOf(page);
    await using _again = await server.device(endpointAt(50_003), '--queue');
    await using _newcomer = await server.device('first-of-all');
    await page.getByText('1 new device').waitFor();
    await page
      .getByRole('row', { name: endpointAt(50_003) })
      .getByText('UQ')
      .waitFor();
    const later = await placesOf(page);
    assert.ok(later.size > 20);
    for (const [endpoint, top] of later) assert.equal(top, places.get(endpoint), endpoint);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('100001 devices').waitFor();
    await page.locator(`[data-row="50000"]`, { hasText: endpointAt(49_999) }).waitFor();
  });

  it('keeps what is near in memory, however far one scrolls', async (t) => {
    const { page } = window;
    const atFirst = await memoryOf(page);
    for (let row = 600; row < devices; row += 2000) {
      await scrollTo(page, row);
      await page.locator(`[data-row="${row}"]`, { hasText: 'sim-' }).waitFor();
    }
    const grown = (await memoryOf(page)) - atFirst;
    t.diagnostic(`${atFirst} bytes, and then ${grown} more`);
    // Fifty pages of a hundred rows were seen, which would be 16 MB were they kept.
    assert.ok(grown < 4 * 2 ** 20, `${grown} bytes more`);
    assert.deepEqual(window.problems, []);
  });
});

/** The name of the device in a row of the whole list. */
function endpointAt(row: number): string {
  return `sim-${String(row + 1).padStart(6, '0')}`;
}

function scrollTo(page: Page, row: number): Promise<void> {
  return page.evaluate(
    `document.querySelector('[data-row]').parentElement.parentElement.scrollTop = ${row} * 36`,
  );
}

/** Where each device that is in the page is shown, in pixels from the top of the window. */
async function placesOf(page: Page): Promise<ReadonlyMap<string, number>> {
  const places = await page.evaluate<[string, number][]>(`[...document.querySelectorAll('[data-row]')].map(
    (row) => [/sim-\\d+/.exec(row.textContent)?.[0], row.getBoundingClientRect().top])`);
  return new Map(places);
}

/** Milliseconds from the beginning of `act`, and from the last answer with devices, to the picture with the device in that row. */
async function whenPainted(
  page: Page,
  { row, endpoint }: { readonly row: number; readonly endpoint: string },
  act: () => Promise<void>,
): Promise<{ readonly sinceStart: number; readonly sinceAnswer: number }> {
  await page.evaluate(`{
    performance.clearResourceTimings();
    const started = performance.now();
    const isThere = () =>
      document.querySelector('[data-row="${row}"]')?.textContent.includes('${endpoint}') === true;
    globalThis.painted = new Promise((resolve) => {
      const told = () => {
        const at = performance.now();
        const answers = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/v1/devices?'));
        resolve({ sinceStart: at - started, sinceAnswer: at - answers.at(-1).responseEnd });
      };
      const changes = new MutationObserver(() => {
        if (!isThere()) return;
        changes.disconnect();
        // A frame is on the screen when a task runs after it.
        requestAnimationFrame(() => setTimeout(told));
      });
      changes.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    // Else the promise would be the answer, and be waited for.
    undefined;
  }`);
  await act();
  return page.evaluate<{ sinceStart: number; sinceAnswer: number }>('globalThis.painted');
}

/** The bytes of the objects of the page that are in use. */
async function memoryOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
