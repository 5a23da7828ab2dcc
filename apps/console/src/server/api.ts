import { DunlinApi, type HttpFetch } from '@dunlin/api';

/** The browser's `fetch` under the terms of the typed client: bound to the window, and with bodies of its own memory. */
const browserFetch: HttpFetch = (url, { body, ...request }) =>
  fetch(url, {
    ...request,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });

/** The server that this page came from. */
export const api: DunlinApi = new DunlinApi({ url: location.origin, fetch: browserFetch });
