import type { ServerEvent } from '@dunlin/api';
import { formatHostAndPort, now } from '@dunlin/node';

import { instantText } from '../http/device-to-summary.ts';
import type { ManagedBootstrapServer } from '../http/managed-bootstrap-server.ts';
import { stepToDocument } from '../http/session-to-document.ts';

/** Publishes what happens in bootstraps as events of the interface, until disposed. */
export function publishBootstrapEvents(
  server: Pick<ManagedBootstrapServer, 'started' | 'stepped' | 'finished' | 'failed'>,
  publish: (event: ServerEvent) => void,
): Disposable {
  const subscriptions = new DisposableStack();
  subscriptions.use(
    server.started.subscribe(({ session }) => {
      const { id, endpointName, initiatedBy, address, port, security, startedAt } = session;
      publish({
        type: 'bootstrap-started',
        time: instantText(startedAt),
        endpoint: endpointName,
        session: id,
        initiatedBy,
        address: formatHostAndPort(address, port),
        security,
      });
    }),
  );
  subscriptions.use(
    server.stepped.subscribe(({ sessionId, endpointName, step }) =>
      publish({
        type: 'bootstrap-step',
        time: instantText(step.answer?.at ?? step.startedAt),
        endpoint: endpointName,
        session: sessionId,
        step: stepToDocument(step),
      }),
    ),
  );
  subscriptions.use(
    server.finished.subscribe(({ session: { id, endpointName, endedAt } }) =>
      publish({
        type: 'bootstrap-finished',
        time: instantText(endedAt ?? now()),
        endpoint: endpointName,
        session: id,
      }),
    ),
  );
  subscriptions.use(
    server.failed.subscribe(({ session: { id, endpointName, endedAt, failure } }) => {
      if (failure === undefined) return;
      publish({
        type: 'bootstrap-failed',
        time: instantText(endedAt ?? now()),
        endpoint: endpointName,
        session: id,
        failure,
      });
    }),
  );
  return subscriptions;
}
