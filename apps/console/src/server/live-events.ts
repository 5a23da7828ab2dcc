import type { ReceivedEvent, ServerEvent } from '@dunlin/api';
import { type Signal, SignalSource } from '@dunlin/base';

/** Whether what is shown is what is: `cut` since when it may not be. Milliseconds since 1970. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'cut'; readonly since: number };

/** The stream of events, as `DunlinApi` gives it. */
export interface EventsOrigin {
  events(options: {
    readonly signal: AbortSignal;
    readonly lastEventId?: string;
    readonly onOpen: () => void;
  }): AsyncIterable<ReceivedEvent>;
}

export interface LiveEventsOptions {
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when the server knows for whom the stream is, or when the signal is aborted. */
  readonly admitted: (signal: AbortSignal) => Promise<void>;
}

/** The waits between attempts to connect again, in milliseconds: soon at first, for a server that just restarts. */
const retryWaits: readonly number[] = [250, 500, 1000, 2000, 5000];

/** The one stream of events of this page: it comes back by itself, from where it was. */
export class LiveEvents implements Disposable {
  readonly #origin: EventsOrigin;
  readonly #options: LiveEventsOptions;
  readonly #events = new SignalSource<ServerEvent>();
  readonly #changes = new SignalSource<Connection>();
  readonly #ending = new AbortController();
  #connection: Connection = { kind: 'connecting' };
  #lastEventId: string | undefined;

  constructor(origin: EventsOrigin, options: Readonly<LiveEventsOptions>) {
    this.#origin = origin;
    this.#options = options;
  }

  get events(): Signal<ServerEvent> {
    return this.#events;
  }

  get connection(): Connection {
    return this.#connection;
  }

  get connectionChanges(): Signal<Connection> {
    return this.#changes;
  }

  /** Reads the stream until this is disposed. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    let attempt = 0;
    while (!signal.aborted) {
      await this.#options.admitted(signal);
      try {
        await this.#follow(signal, () => (attempt = 0));
      } catch {
        // Whatever ended it: the connection is cut, which is shown, and tried again.
        if (signal.aborted) return;
      }
      if (this.#connection.kind !== 'cut') this.#enter({ kind: 'cut', since: this.#options.now() });
      const wait = retryWaits[Math.min(attempt, retryWaits.length - 1)] ?? 0;
      attempt += 1;
      await this.#options.sleep(wait, signal);
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #follow(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const stream = this.#origin.events({
      signal,
      ...(this.#lastEventId === undefined ? {} : { lastEventId: this.#lastEventId }),
      onOpen: () => {
        onOpen();
        this.#enter({ kind: 'live' });
      },
    });
    for await (const { id, event } of stream) {
      this.#lastEventId = id;
      this.#events.emit(event);
    }
  }

  #enter(connection: Connection): void {
    this.#connection = connection;
    this.#changes.emit(connection);
  }
}
