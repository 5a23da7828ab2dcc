import { contentToDocument, type ServerEvent } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import {
  type ObjectDefinition,
  type ObjectDefinitions,
  parsePath,
  type TimestampedContent,
  unixTimeOf,
} from '@dunlin/lwm2m';
import type { NotifiedEvent, Registration } from '@dunlin/server';

import { deviceToSummary, instantText } from '../http/device-to-summary.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import { operationToDocument } from '../http/operation-to-document.ts';

/**
 * Publishes everything that happens on the server as events of the interface, until disposed.
 * The events of one device come in the order in which the server told of them.
 */
export function publishServerEvents(
  server: ManagedServer,
  definitions: ObjectDefinitions,
  publish: (event: ServerEvent) => void,
): Disposable {
  const subscriptions = new DisposableStack();
  subscriptions.use(
    server.registered.subscribe(({ registration, replaced }) =>
      publish({
        type: 'registered',
        time: instantText(registration.registeredAt),
        endpoint: registration.endpointName,
        device: deviceToSummary(registration, server.reachabilityOf(registration), definitions),
        replaced: replaced !== undefined,
      }),
    ),
  );
  subscriptions.use(
    server.updated.subscribe(({ registration }) =>
      publish({
        type: 'updated',
        time: instantText(registration.updatedAt),
        endpoint: registration.endpointName,
        device: deviceToSummary(registration, server.reachabilityOf(registration), definitions),
      }),
    ),
  );
  subscriptions.use(
    server.deregistered.subscribe(({ registration }) => publish(gone('deregistered', registration))),
  );
  subscriptions.use(server.expired.subscribe(({ registration }) => publish(gone('expired', registration))));
  subscriptions.use(
    server.notified.subscribe((notified) => {
      const event = notificationEvent(notified, definitions);
      if (event !== undefined) publish(event);
    }),
  );
  subscriptions.use(
    server.observationEnded.subscribe(({ endpoint, path, reason, coapCode }) => {
      const code = coapCode === undefined ? {} : { coapCode };
      publish({ type: 'observation-ended', time: now(), endpoint, path, reason, ...code });
    }),
  );
  for (const [type, signal] of [
    ['operation-queued', server.operationQueued],
    ['operation-sent', server.operationSent],
    ['operation-finished', server.operationFinished],
  ] as const) {
    subscriptions.use(
      signal.subscribe((operation) => {
        const document = operationToDocument(operation, definitions);
        publish({ type, time: now(), endpoint: operation.endpointName, operation: document });
      }),
    );
  }
  return subscriptions;
}

function now(): string {
  return instantText(Date.now());
}

function gone(type: 'deregistered' | 'expired', registration: Registration): ServerEvent {
  return {
    type,
    time: now(),
    endpoint: registration.endpointName,
    registrationId: registration.id,
  };
}

/** `undefined` for a notification without any content, of which there is nothing to tell. */
function notificationEvent(
  { endpoint, path, time, content, isFresh }: NotifiedEvent,
  definitions: ObjectDefinitions,
): ServerEvent | undefined {
  const target = parsePath(path);
  const [newest, ...older] = content;
  if (target === undefined || newest === undefined) return undefined;
  const definition = 'objectId' in target ? definitions.find(target.objectId) : undefined;
  const documentOf = ({ content: measured }: TimestampedContent, of: ObjectDefinition | undefined) =>
    contentToDocument(target, measured, of);
  return {
    type: 'notification',
    time: instantText(time),
    endpoint,
    path,
    isFresh,
    content: documentOf(newest, definition),
    ...(newest.time === undefined ? {} : { measuredAt: measuredAt(newest, time) }),
    ...(older.length === 0
      ? {}
      : {
          history: older.map((entry) => ({
            measuredAt: measuredAt(entry, time),
            content: documentOf(entry, definition),
          })),
        }),
  };
}

/** When content was measured; a time that is relative to now is relative to its arrival (R-1134). */
function measuredAt(content: TimestampedContent, arrivedAt: Instant): string {
  return instantText(unixTimeOf(content, arrivedAt / 1000) * 1000);
}
