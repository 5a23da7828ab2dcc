import { DunlinApi, type ServerEvent } from '@dunlin/api';

import { testToken } from './dunlin-server.ts';

/** How long to wait for an event: generous, because test machines are busy. */
const patience = 120_000;

/** Everything that a server tells from the moment this is open. */
export class EventWatch implements AsyncDisposable {
  readonly events: ServerEvent[] = [];
  readonly #end = new AbortController();
  #reading: Promise<void> = Promise.resolve();
  #told: () => void = () => undefined;

  static async open(url: string): Promise<EventWatch> {
    const watch = new EventWatch();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    watch.#reading = watch.#read(url, resolve).catch(reject);
    await promise;
    return watch;
  }

  /** The first event of a type that fits, now or later. */
  async find<T extends ServerEvent['type']>(
    type: T,
    fits: (event: Extract<ServerEvent, { readonly type: T }>) => boolean = () => true,
  ): Promise<Extract<ServerEvent, { readonly type: T }>> {
    const isWanted = (event: ServerEvent): event is Extract<ServerEvent, { readonly type: T }> =>
      event.type === type && fits(event as Extract<ServerEvent, { readonly type: T }>);
    const end = performance.now() + patience;
    for (;;) {
      const found = this.events.find(isWanted);
      if (found !== undefined) return found;
      if (performance.now() > end) throw new Error(`no such ${type} among ${JSON.stringify(this.events)}`);
      await this.#more();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#reading;
  }

  async #read(url: string, onOpen: () => void): Promise<void> {
    try {
      const api = new DunlinApi({ url, fetch, token: testToken });
      for await (const { event } of api.events({ signal: this.#end.signal, onOpen })) {
        this.events.push(event);
        this.#told();
      }
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }

  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#told = resolve;
    const timer = setTimeout(resolve, 1000);
    await promise;
    clearTimeout(timer);
  }
}
