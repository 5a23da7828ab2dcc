import type { HttpApp } from './http-app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for routes whose requests may take as long as they take. */
    readonly takesItsTime?: boolean;
  }
}

/** The `config` of a route that takes large bodies, and looks by itself that they come. */
export const takesItsTime: { readonly takesItsTime: true } = { takesItsTime: true };

/**
 * Answers 408 when a request is not there whole in time. The limit of Node.js itself is one for all requests, and
 * would end every upload of an image that takes longer.
 */
export function limitRequestTime(app: HttpApp, limit: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    done();
    if (request.routeOptions.config.takesItsTime === true || request.raw.complete) return;
    const timer = setTimeout(() => {
      if (request.raw.complete || reply.sent) return;
      const error = Object.assign(new Error('the request is not whole'), {
        code: 'ERR_HTTP_REQUEST_TIMEOUT',
      });
      app.server.emit('clientError', error, request.raw.socket);
    }, limit);
    timer.unref();
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
