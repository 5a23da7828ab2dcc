/** What the typed client needs of an answer; that of the platform's `fetch` is one. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
}

/** What is sent: whole, or piece by piece. */
export type HttpBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A request, as far as `fetch` of any platform needs to know. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly signal?: AbortSignal;
}

/** How the typed client reaches the network: a function like the platform's `fetch`, which must be told of iterables (`duplex`). */
export type HttpFetch = (url: string, request: HttpRequest) => Promise<HttpAnswer>;
