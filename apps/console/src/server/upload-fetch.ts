import type { HttpAnswer, HttpFetch } from '@dunlin/api';

/** How much of a body has left the browser. */
export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
}

/**
 * A `fetch` that tells how much of the body has been sent, which that of browsers does not: XMLHttpRequest does. Its
 * answers are whole.
 */
export function uploadFetch(onProgress: (progress: UploadProgress) => void): HttpFetch {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      if (typeof body !== 'string' && !(body instanceof Uint8Array)) throw new Error('a body is sent whole');
      signal?.throwIfAborted();
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener('progress', ({ loaded, total }) => onProgress({ sent: loaded, total }));
      request.addEventListener('load', () => resolve(answerOf(request)));
      request.addEventListener('error', () => reject(new Error('the connection broke')));
      request.addEventListener('abort', () => reject(reasonOf(signal)));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      // Bytes of another kind of memory than the browser's own are copied into that.
      request.send(typeof body === 'string' ? body : new Uint8Array(body));
    });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('it was cancelled');
}

function answerOf(request: XMLHttpRequest): HttpAnswer {
  return {
    status: request.status,
    headers: { get: (name) => request.getResponseHeader(name) },
    body: null,
    text: () => Promise.resolve(request.responseText),
  };
}
