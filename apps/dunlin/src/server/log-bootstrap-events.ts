import { formatHostAndPort } from '@dunlin/node';
import type { Logger } from 'pino';

import type { ManagedBootstrapServer } from '../http/managed-bootstrap-server.ts';

/** Logs what happens in bootstraps, until disposed; never what is written in them. */
export function logBootstrapEvents(
  server: Pick<ManagedBootstrapServer, 'started' | 'stepped' | 'finished' | 'failed'>,
  log: Logger,
): Disposable {
  const subscriptions = new DisposableStack();
  subscriptions.use(
    server.started.subscribe(({ session: { id, endpointName, initiatedBy, address, port, security } }) =>
      log.info(
        {
          endpoint: endpointName,
          session: id,
          initiatedBy,
          address: formatHostAndPort(address, port),
          security,
        },
        'bootstrap started',
      ),
    ),
  );
  subscriptions.use(
    server.stepped.subscribe(({ endpointName, step: { operation, path, answer } }) =>
      log.debug({ endpoint: endpointName, operation, path, coapCode: answer?.coapCode }, 'bootstrap step'),
    ),
  );
  subscriptions.use(
    server.finished.subscribe(({ session: { id, endpointName } }) =>
      log.info({ endpoint: endpointName, session: id }, 'bootstrap finished'),
    ),
  );
  subscriptions.use(
    server.failed.subscribe(({ session: { id, endpointName, failure } }) =>
      log.warn(
        { endpoint: endpointName, session: id, failure: failure?.kind, reason: failure?.reason },
        'bootstrap failed',
      ),
    ),
  );
  return subscriptions;
}
