import type { BootstrapDiagnostic } from '@dunlin/bootstrap';
import { formatPath } from '@dunlin/lwm2m';
import { formatHostAndPort } from '@dunlin/node';
import type { ServerDiagnostic } from '@dunlin/server';
import type { Logger } from 'pino';

import { identityText } from '../http/identity-text.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import type { HandshakeFailure } from './handshake-failure.ts';

/** Logs what happens to registrations, to operations that waited and to firmware, until disposed. */
export function logServerEvents(server: ManagedServer, log: Logger): Disposable {
  const subscriptions = new DisposableStack();
  subscriptions.use(
    server.registered.subscribe(({ registration: { endpointName, peer, lifetime } }) => {
      const { security } = peer;
      const address = formatHostAndPort(peer.address, peer.port);
      const secured = { security: security.kind, identity: identityText(security) };
      log.info({ endpoint: endpointName, address, ...secured, lifetime }, 'registered');
    }),
  );
  subscriptions.use(
    server.updated.subscribe(({ registration: { endpointName } }) =>
      log.debug({ endpoint: endpointName }, 'updated'),
    ),
  );
  subscriptions.use(
    server.deregistered.subscribe(({ registration: { endpointName } }) =>
      log.info({ endpoint: endpointName }, 'deregistered'),
    ),
  );
  subscriptions.use(
    server.expired.subscribe(({ registration: { endpointName } }) =>
      log.info({ endpoint: endpointName }, 'expired'),
    ),
  );
  subscriptions.use(
    server.operationFinished.subscribe(({ endpointName, id, request, state }) => {
      const what = {
        endpoint: endpointName,
        operation: id,
        name: request.name,
        path: formatPath(request.path),
      };
      const reason = state.kind === 'failed' ? { reason: state.failure.message } : {};
      log.info({ ...what, ...reason }, `an operation that waited is ${state.kind}`);
    }),
  );
  subscriptions.use(
    server.firmwareFinished.subscribe(({ endpointName, image, state }) => {
      const reason = state.kind === 'failed' ? { reason: state.failure.message } : {};
      log.info(
        { endpoint: endpointName, image: image.name, ...reason },
        `an update of firmware ${state.kind}`,
      );
    }),
  );
  return subscriptions;
}

/** Logs one diagnostic. What peers do wrong is ordinary; what fails here is an error. */
export function logDiagnostic(diagnostic: ServerDiagnostic | BootstrapDiagnostic, log: Logger): void {
  switch (diagnostic.kind) {
    // `Refusals` logs these, as many as are of use: anybody can make them happen.
    case 'request-refused':
      return;
    case 'tolerated':
      log.debug({ endpoint: diagnostic.endpointName, reason: diagnostic.reason }, 'tolerated');
      return;
    case 'undecodable-notification': {
      const { endpointName, path, reason } = diagnostic;
      log.info({ endpoint: endpointName, path, reason }, 'could not read a notification');
      return;
    }
    case 'cancellation-failed': {
      const { endpointName, path, error } = diagnostic;
      log.info(
        { endpoint: endpointName, path, reason: reasonOf(error) },
        'an observation was cancelled unconfirmed',
      );
      return;
    }
    case 'trigger-sent': {
      const { endpointName, number, path } = diagnostic;
      log.info({ endpoint: endpointName, number, path }, 'woke a device by short message');
      return;
    }
    case 'trigger-failed': {
      const { endpointName, reason } = diagnostic;
      log.info({ endpoint: endpointName, reason }, 'could not wake a device by short message');
      return;
    }
    case 'store-failed':
      log.error({ doing: diagnostic.doing, reason: reasonOf(diagnostic.error) }, 'the store failed');
  }
}

/** Logs a request that was refused. */
export function logRefusal(
  diagnostic: Extract<ServerDiagnostic | BootstrapDiagnostic, { readonly kind: 'request-refused' }>,
  log: Logger,
): void {
  const { operation, endpointName, coapCode, reason, peer } = diagnostic;
  const address = formatHostAndPort(peer.address, peer.port);
  log.info({ operation, endpoint: endpointName, address, coapCode, reason }, 'refused a request');
}

/** Logs a handshake that failed. */
export function logHandshakeFailure(failure: HandshakeFailure, log: Logger): void {
  const { address, claimed, endpoint, reason } = failure;
  const identity = claimed && identityText(claimed);
  log.info({ address, endpoint, security: claimed?.kind, identity, reason }, 'a handshake failed');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
