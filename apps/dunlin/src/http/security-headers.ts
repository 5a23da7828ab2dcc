import type { HttpApp } from './http-app.ts';

/** A year, in seconds, for which browsers come over TLS only (RFC 6797). */
const transportSecurity = 'max-age=31536000';

/** Neither scripts nor frames nor anything else: what is no page is not to be shown as one. */
const noPage = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What a browser is told with every answer; a route may say otherwise. */
const always: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': noPage,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** On the answer itself, so that streams have the headers too, which the framework does not write. */
export function securityHeaders(app: HttpApp): void {
  app.addHook('onRequest', (request, { raw }, done) => {
    for (const [name, value] of Object.entries(always)) raw.setHeader(name, value);
    if (request.protocol === 'https') raw.setHeader('strict-transport-security', transportSecurity);
    done();
  });
}

/** The content policy of the console: it runs its own script files and talks to its own server; nothing inline, nothing from elsewhere. */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
