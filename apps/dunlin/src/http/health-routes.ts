import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';

/** What `/metrics` serves. */
export interface MetricsPage {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthRoutesOptions {
  readonly metrics: MetricsPage;
  readonly isReady: () => boolean;
}

/** `/healthz` (the process lives), `/readyz` (it serves) and `/metrics`, at the root and, as the other routes are, below `/api/v1`. */
export function healthRoutes(app: HttpApp, { metrics, isReady }: HealthRoutesOptions): void {
  for (const prefix of ['', '/api/v1']) {
    const schema = { hide: prefix !== '', tags: ['health'] };
    app.get(`${prefix}/healthz`, { schema: { ...schema, operationId: 'healthz' } }, () => ({ status: 'ok' }));
    app.get(`${prefix}/readyz`, { schema: { ...schema, operationId: 'readyz' } }, () => {
      if (!isReady()) throw new RequestProblem(503, 'unavailable', 'the server is starting or closing');
      return { status: 'ready' };
    });
    app.get(
      `${prefix}/metrics`,
      { schema: { ...schema, operationId: 'metrics', produces: ['text/plain'] } },
      async (_request, reply) =>
        reply
          .type(metrics.contentType)
          .serializer((text: string) => text)
          .send(await metrics.metrics()),
    );
  }
}
