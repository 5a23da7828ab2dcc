import type { RouteAccess } from './access-guard.ts';
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
  /** The names of stores that take no changes. */
  readonly failingStores: () => Promise<readonly string[]>;
  /** Who may read the metrics, which count devices and requests and name neither. */
  readonly metricsAccess: RouteAccess;
}

/** `/healthz` (the process lives), `/readyz` (it serves, and can keep what it is told) and `/metrics`, at the root and, as the other routes are, below `/api/v1`. */
export function healthRoutes(
  app: HttpApp,
  { metrics, isReady, failingStores, metricsAccess }: HealthRoutesOptions,
): void {
  for (const prefix of ['', '/api/v1']) {
    const schema = { hide: prefix !== '', tags: ['health'] };
    const config = { access: 'anyone' } as const;
    app.get(`${prefix}/healthz`, { config, schema: { ...schema, operationId: 'healthz' } }, () => ({
      status: 'ok',
    }));
    app.get(`${prefix}/readyz`, { config, schema: { ...schema, operationId: 'readyz' } }, async () => {
      if (!isReady()) throw new RequestProblem(503, 'unavailable', 'the server is starting or closing');
      const failing = await failingStores();
      if (failing.length > 0) {
        const stores = failing.join(', ');
        throw new RequestProblem(503, 'unavailable', `cannot be written: ${stores}; the log says why`);
      }
      return { status: 'ready' };
    });
    app.get(
      `${prefix}/metrics`,
      {
        config: { access: metricsAccess },
        schema: { ...schema, operationId: 'metrics', produces: ['text/plain'] },
      },
      async (_request, reply) =>
        reply
          .type(metrics.contentType)
          .serializer((text: string) => text)
          .send(await metrics.metrics()),
    );
  }
}
