import type { HttpApp } from './http-app.ts';

/** A file of the page at `/`. */
export interface PageFile {
  /** Where it is served: `/`, `/page.js`. */
  readonly url: string;
  readonly contentType: string;
  readonly content: string;
}

/** The page runs its own script file and talks to its own server: nothing inline, nothing from elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the page at `/` and its files. */
export function pageRoutes(app: HttpApp, files: readonly PageFile[]): void {
  for (const { url, contentType, content } of files) {
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      reply
        .header('content-security-policy', contentSecurityPolicy)
        .header('cache-control', 'no-cache')
        .type(contentType)
        .serializer((text: string) => text)
        .send(content),
    );
  }
}
