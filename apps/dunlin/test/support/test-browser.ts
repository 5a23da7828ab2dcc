import type { Answer, TestApp } from './test-app.ts';

/** The origin of the pages that a test browser shows. */
const host = '127.0.0.1:8080';

type Method = Parameters<TestApp['ask']>[0];

/** A browser that shows a page of the server: it keeps the cookie it is given, and says where its requests come from. */
export class TestBrowser {
  readonly #app: TestApp;
  cookie: string | undefined;

  constructor(app: TestApp) {
    this.#app = app;
  }

  async ask(
    method: Method,
    url: string,
    body?: unknown,
    headers: Record<string, string> = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
  ): Promise<Answer> {
    const answer = await this.#app.ask(method, url, body, {
      authorization: '',
      host,
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
      ...headers,
    });
    const given = answer.headers['set-cookie'];
    const [pair] = typeof given === 'string' ? given.split(';') : [];
    if (pair !== undefined) this.cookie = pair.endsWith('=') ? undefined : pair;
    return answer;
  }

  signIn(name: string, password: string): Promise<Answer> {
    return this.ask('POST', '/api/v1/session', { name, password });
  }
}
