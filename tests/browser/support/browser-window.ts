import { AxeBuilder } from '@axe-core/playwright';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

import { testAdministrator } from '../../support/dunlin-server.ts';

/** How long an expectation may take to come true, in milliseconds: generous, because test machines are busy. */
const patience = 60_000;

/** WCAG 2.2 AA, and what is good practice beyond. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Starts the browser of the machine, without a window. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // The sandbox of Chromium refuses to be started by root, who runs the tests in containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** A window of the browser, which takes note of whatever is wrong in it. */
export class BrowserWindow implements AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, breaches of the content policy, and requests to other hosts. */
  readonly problems: string[] = [];
  readonly #context: BrowserContext;

  /** A window of somebody who has signed in, as the administrator unless told otherwise; `null` for nobody. */
  static async open(
    browser: Browser,
    origin: string,
    user: { readonly name: string; readonly password: string } | null = testAdministrator,
    screen: Readonly<BrowserContextOptions> = {},
  ): Promise<BrowserWindow> {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...screen,
    });
    context.setDefaultTimeout(patience);
    if (user !== null) {
      const answer = await context.request.post('/api/v1/session', { data: user });
      if (!answer.ok()) throw new Error(`${user.name} cannot sign in: ${await answer.text()}`);
    }
    return new BrowserWindow(context, await context.newPage(), origin);
  }

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const text = message.text();
      // What the server refuses and when it is away is part of the stories, and shown by the page.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) this.problems.push(text);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'blob:' && url.origin !== origin) this.problems.push(`a request to ${url.origin}`);
    });
  }

  /** What axe finds against WCAG 2.2 AA, in each of the two themes. */
  async accessibilityProblems(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: this.page }).withTags(rules).analyze();
      for (const { id, nodes } of violations) {
        for (const { html, failureSummary } of nodes) {
          found.push(`${colorScheme}: ${id}: ${html.slice(0, 200)}: ${failureSummary ?? ''}`);
        }
      }
    }
    await this.page.emulateMedia({ colorScheme: null });
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
