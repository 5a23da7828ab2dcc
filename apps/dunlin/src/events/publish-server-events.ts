import { contentToDocument, type DeviceSummary, type ServerEvent } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import {
  type ObjectDefinition,
  type ObjectDefinitions,
  parsePath,
  type TimestampedContent,
  unixTimeOf,
} from '@dunlin/lwm2m';
import type { NotifiedEvent, RegisteredEvent, Registration, UpdatedEvent } from '@dunlin/server';

import type { FleetIndex } from '../fleet/fleet-index.ts';
import { deviceToSummary, instantText } from '../http/device-to-summary.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import { updateToEventDocument } from '../http/firmware-to-document.ts';
import { operationToDocument } from '../http/operation-to-document.ts';
import type { UnreadEvent } from './event-log.ts';

/**
 * Publishes everything that happens on the server as events of the interface, until disposed.
 * The events of one device come in the order in which the server told of them.
 */
export function publishServerEvents(
  server: ManagedServer,
  definitions: ObjectDefinitions,
  publish: (event: ServerEvent | UnreadEvent) => void,
  known?: Pick<FleetIndex, 'find'>,
): Disposable {
  const subscriptions = new DisposableStack();
  const read = { server, definitions, known };
  subscriptions.use(server.registered.subscribe((registered) => publish(registeredEvent(registered, read))));
  subscriptions.use(server.updated.subscribe((updated) => publish(updatedEvent(updated, read))));
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
  for (const [type, signal] of [
    ['firmware-progress', server.firmwareProgress],
    ['firmware-finished', server.firmwareFinished],
  ] as const) {
    subscriptions.use(
      signal.subscribe((update) => {
        const document = updateToEventDocument(update);
        publish({ type, time: now(), endpoint: update.endpointName, update: document });
      }),
    );
  }
  return subscriptions;
}

/** What the documents of registrations are made with. */
interface Reading {
  readonly server: ManagedServer;
  readonly definitions: ObjectDefinitions;
  readonly known: Pick<FleetIndex, 'find'> | undefined;
}

function registeredEvent({ registration, replaced }: RegisteredEvent, reading: Reading): UnreadEvent {
  const device = summaryOf(registration, reading);
  const { registeredAt } = registration;
  const isInPlace = replaced !== undefined;
  return unread('registered', registration, (endpoint) => {
    const time = instantText(registeredAt);
    return { type: 'registered', time, endpoint, device: device(), replaced: isInPlace };
  });
}

function updatedEvent({ registration }: UpdatedEvent, reading: Reading): UnreadEvent {
  const device = summaryOf(registration, reading);
  const { updatedAt } = registration;
  return unread('updated', registration, (endpoint) => {
    return { type: 'updated', time: instantText(updatedAt), endpoint, device: device() };
  });
}

/** As it is now, whenever it is asked for: registrations are never changed, only replaced. */
function summaryOf(registration: Registration, { server, ...reading }: Reading): () => DeviceSummary {
  const reachability = server.reachabilityOf(registration);
  return () => deviceToSummary(registration, reachability, reading);
}

function unread(
  type: ServerEvent['type'],
  { endpointName, objects, additional }: Registration,
  read: (endpoint: string) => ServerEvent,
): UnreadEvent {
  let length = 512 + 64 * objects.size;
  for (const [name, value] of Object.entries(additional)) length += name.length + value.length;
  return { eventType: type, endpoint: endpointName, length, read: () => read(endpointName) };
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
