import { EventLogQuerySchema, EventPageSchema, maxEndpointNameLength, ServerEventSchema } from '@dunlin/api';
import { Type } from 'typebox';

import type { EventHub } from '../events/event-hub.ts';
import { eventStream } from './event-stream.ts';
import type { HttpApp } from './http-app.ts';
import { RequestProblem } from './request-problem.ts';
import { described } from './route-schema.ts';

const EventsQuery = Type.Object(
  {
    endpoint: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: maxEndpointNameLength,
        description: 'Only events of this device.',
      }),
    ),
  },
  { additionalProperties: false },
);

const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'The id of the last event that was received, to go on from there.',
    }),
  ),
});

/** Events of the past: `GET /events/log`. */
export function eventLogRoute(app: HttpApp, hub: EventHub): void {
  app.get(
    '/events/log',
    {
      config: { access: 'viewer' },
      schema: described('events', 'pastEvents', 'What happened, as far as it is kept, the newest first', {
        querystring: EventLogQuerySchema,
        response: { 200: EventPageSchema },
      }),
    },
    (request) => {
      const { endpoint, type: wanted, before, limit = 100 } = request.query;
      const fits = wanted === undefined ? {} : { fits: (type: string): boolean => type === wanted };
      return hub.past({ limit, endpoint, before, ...fits });
    },
  );
}

/** Server-sent events: `GET /events`. */
export function eventsRoute(app: HttpApp, hub: EventHub): void {
  app.get(
    '/events',
    {
      config: { access: 'viewer' },
      schema: described('events', 'events', 'What happens, as server-sent events, from now on', {
        querystring: EventsQuery,
        headers: EventsHeaders,
        produces: ['text/event-stream'],
        response: { 200: ServerEventSchema },
      }),
      exposeHeadRoute: false,
    },
    (request, reply) => {
      if (hub.isFull) {
        throw new RequestProblem(
          503,
          'unavailable',
          'as many readers of events as the server takes are there',
        );
      }
      const subscriptions = new DisposableStack();
      const sink = eventStream(reply, () => subscriptions.dispose());
      subscriptions.use(
        hub.subscribe(sink, {
          endpoint: request.query.endpoint,
          lastEventId: request.headers['last-event-id'],
        }),
      );
    },
  );
}
