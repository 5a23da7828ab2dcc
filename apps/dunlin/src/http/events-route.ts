import { maxEndpointNameLength, ServerEventSchema } from '@dunlin/api';
import { Type } from 'typebox';

import type { EventHub, EventSink } from '../events/event-hub.ts';
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

/** Server-sent events: `GET /events`. */
export function eventsRoute(app: HttpApp, hub: EventHub): void {
  app.get(
    '/events',
    {
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
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const sink: EventSink = {
        write: (text) => void response.write(text),
        get waiting() {
          return response.writableLength;
        },
        close: () => {
          response.end();
          // A reader that takes nothing would hold the end back for ever.
          if (response.writableLength > 0) response.destroy();
        },
      };
      const subscription = hub.subscribe(sink, {
        endpoint: request.query.endpoint,
        lastEventId: request.headers['last-event-id'],
      });
      response.on('close', () => subscription[Symbol.dispose]());
      response.on('error', () => subscription[Symbol.dispose]());
    },
  );
}
