import { createHash } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { HttpApp } from './http-app.ts';
import { pagePolicy } from './security-headers.ts';

/** A file of the console. */
export interface PageFile {
  /** Where it is served: `/`, `/assets/index-4f2a.js`. */
  readonly url: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  /** The same, for browsers that take it compressed. */
  readonly gzipped?: Uint8Array;
}

/** The names of these files have a digest of their content in them: what a name stands for never changes. */
const immutable = 'public, max-age=31536000, immutable';

/**
 * Serves the console: its files, and its page wherever a browser that wants a page finds no other route, because
 * every page of the console has a URL of its own. They are for anyone: people sign in with them, and they have nothing of
 * devices in them.
 */
export function pageRoutes(app: HttpApp, files: readonly PageFile[]): void {
  const page = files.find(({ url }) => url === '/');
  for (const file of files) {
    const send = sender(file, file === page ? 'no-cache' : immutable);
    app.get(file.url, { config: { access: 'anyone' }, schema: { hide: true } }, (request, reply) =>
      send(request, reply),
    );
  }
  if (page === undefined) return;
  const sendPage = sender(page, 'no-cache');
  app.get('/*', { config: { access: 'anyone' }, schema: { hide: true } }, (request, reply) => {
    if (!wantsPage(request)) return reply.callNotFound();
    return sendPage(request, reply);
  });
}

function wantsPage(request: FastifyRequest): boolean {
  const { url, headers } = request;
  if (url.startsWith('/api/') || url.startsWith('/assets/')) return false;
  return headers.accept?.includes('text/html') === true;
}

function sender(
  file: PageFile,
  caching: string,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  const tag = `"${createHash('sha256').update(file.content).digest('base64url').slice(0, 22)}"`;
  return (request, reply) => {
    void reply
      .header('content-security-policy', pagePolicy)
      .header('cache-control', caching)
      .header('etag', tag)
      .header('vary', 'accept-encoding');
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    void reply.type(file.contentType);
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (file.gzipped === undefined || !takesGzip) return reply.send(file.content);
    return reply.header('content-encoding', 'gzip').send(file.gzipped);
  };
}
