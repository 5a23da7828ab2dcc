import type { FastifyReply } from 'fastify';

/**
 * Aborted when the one who asks goes away before the answer is sent. (Fastify's own `request.signal` is aborted
 * already when the body of the request has been read.)
 */
export function disconnection(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
