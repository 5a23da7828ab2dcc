import type { TraceEntry } from '@dunlin/api';

/** The live trace of a device, as `DunlinApi` gives it. */
export interface TraceOrigin {
  follow(
    endpoint: string,
    options: { readonly signal: AbortSignal; readonly after?: number; readonly onOpen: () => void },
  ): AsyncIterable<TraceEntry>;
}

/** What is shown of a trace. */
export interface TraceState {
  /** The oldest first. */
  readonly entries: readonly TraceEntry[];
  /** Entries that came while it is paused. */
  readonly held: number;
  readonly isPaused: boolean;
  readonly failure: unknown;
}

/** Entries that are kept: as many as the server keeps. */
const capacity = 4000;

/** Milliseconds before another attempt after the stream ended. */
const retryWait = 1000;

export interface TraceFollowerOptions {
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Collects what comes and hands it on, once a frame. */
  readonly collect: (take: (entries: readonly TraceEntry[]) => void) => (entry: TraceEntry) => void;
}

/** Follows the messages of one device. */
export class TraceFollower implements Disposable {
  readonly #origin: TraceOrigin;
  readonly #endpoint: string;
  readonly #options: TraceFollowerOptions;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<() => void>();
  #state: TraceState = { entries: [], held: 0, isPaused: false, failure: undefined };
  #waiting: readonly TraceEntry[] = [];
  #last: number | undefined;

  constructor(origin: TraceOrigin, endpoint: string, options: TraceFollowerOptions) {
    this.#origin = origin;
    this.#endpoint = endpoint;
    this.#options = options;
  }

  get state(): TraceState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  /** Follows until it is disposed of; comes back where it was when the stream ends. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    const take = this.#options.collect((entries) => this.#take(entries));
    while (!signal.aborted) {
      try {
        const after = this.#last === undefined ? {} : { after: this.#last };
        const onOpen = (): void => this.#change({ failure: undefined });
        for await (const entry of this.#origin.follow(this.#endpoint, { signal, onOpen, ...after })) {
          this.#last = entry.id;
          take(entry);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#change({ failure: error });
      }
      await this.#options.sleep(retryWait, signal);
    }
  }

  /** Holds what is shown; what comes meanwhile is shown when it goes on. */
  pause(isPaused: boolean): void {
    const held = isPaused ? [] : this.#waiting;
    if (!isPaused) this.#waiting = [];
    this.#change({ isPaused, held: 0, entries: appended(this.#state.entries, held) });
  }

  /** Shows nothing of what came so far. */
  clear(): void {
    this.#waiting = [];
    this.#change({ entries: [], held: 0 });
  }

  #take(entries: readonly TraceEntry[]): void {
    if (this.#state.isPaused) {
      this.#waiting = appended(this.#waiting, entries);
      this.#change({ held: this.#waiting.length });
    } else this.#change({ entries: appended(this.#state.entries, entries) });
  }

  #change(change: Partial<TraceState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function appended(entries: readonly TraceEntry[], more: readonly TraceEntry[]): readonly TraceEntry[] {
  return more.length === 0 ? entries : [...entries, ...more].slice(-capacity);
}
