import { DunlinApi, type HttpBody, type HttpFetch } from '@dunlin/api';
import { type Signal, SignalSource } from '@dunlin/base';

const refused = new SignalSource<void>();

/** Told when the server does not know (any more) who uses the console. */
export const refusals: Signal<void> = refused;

/** The browser's `fetch` under the terms of the typed client: bound to the window, and with bodies of its own memory. */
const browserFetch: HttpFetch = async (url, { body, ...request }) =>
  await fetch(url, {
    ...request,
    ...(body === undefined ? {} : { body: await wholeOf(body) }),
  });

/** Browsers stream bodies over HTTP/2 only; what comes in pieces becomes a blob, which they keep where there is room. */
async function wholeOf(body: HttpBody): Promise<BodyInit> {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of body) pieces.push(new Uint8Array(piece));
  return new Blob(pieces);
}

/** The server that this page came from, asked in another way than by `fetch`. */
export function apiOver(ask: HttpFetch): DunlinApi {
  return new DunlinApi({
    url: location.origin,
    fetch: async (url, request) => {
      const answer = await ask(url, request);
      if (answer.status === 401) refused.emit();
      return answer;
    },
  });
}

/** The server that this page came from. */
export const api: DunlinApi = apiOver(browserFetch);
