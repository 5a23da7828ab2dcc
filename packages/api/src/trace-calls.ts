import { type ApiCallOptions, type ApiCalls, parsed } from './api-calls.ts';
import {
  type TraceEntry,
  TraceEntrySchema,
  type TracePage,
  TracePageSchema,
  type TraceQuery,
} from './trace-document.ts';

/** How a trace is followed. */
export interface FollowTraceOptions extends ApiCallOptions {
  /** Only entries with a higher id. Without it what is recorded comes first. */
  readonly after?: number;
  /** Called when the stream is open: nothing that passes from then on is missed. */
  readonly onOpen?: () => void;
}

/** The messages between the server and its devices. */
export class TraceCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** What was recorded of a device; with `wait` what comes in that time too. */
  page(
    endpoint: string,
    { after, limit, wait }: Readonly<TraceQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<TracePage> {
    return this.#calls.json(TracePageSchema, {
      method: 'GET',
      path: tracePath(endpoint),
      query: { after, limit, wait },
      ...options,
    });
  }

  /** Records for so many seconds although nobody watches. */
  switchOn(endpoint: string, seconds: number, options: Readonly<ApiCallOptions> = {}): Promise<TracePage> {
    return this.#calls.json(TracePageSchema, {
      method: 'PUT',
      path: tracePath(endpoint),
      json: { seconds },
      ...options,
    });
  }

  /** Forgets what was recorded, and records no more. */
  async clear(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: tracePath(endpoint), ...options });
  }

  /** What was recorded as a capture file for Wireshark. */
  capture(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<Uint8Array> {
    return this.#calls.bytes({
      method: 'GET',
      path: `${tracePath(endpoint)}/pcapng`,
      headers: { accept: 'application/x-pcapng' },
      ...options,
    });
  }

  /** What is recorded, then what comes, until the connection ends, which ends the iteration. */
  async *follow(
    endpoint: string,
    { after, signal, onOpen }: Readonly<FollowTraceOptions> = {},
  ): AsyncGenerator<TraceEntry, void, void> {
    const call = { method: 'GET', path: `${tracePath(endpoint)}/live`, query: { after }, signal } as const;
    for await (const { data } of this.#calls.stream(call, onOpen)) yield parsed(TraceEntrySchema, data);
  }
}

function tracePath(endpoint: string): string {
  return `/devices/${encodeURIComponent(endpoint)}/trace`;
}
