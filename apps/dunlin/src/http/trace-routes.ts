/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  TraceEntrySchema,
  type TracePage,
  TracePageSchema,
  TraceQuerySchema,
  TraceSwitchSchema,
  stringifyJson,
} from '@dunlin/api';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { now } from '@dunlin/node';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

import type { EventSink } from '../events/event-hub.ts';
import type { DeviceTrace } from '../trace/device-trace.ts';
import { recordToDocument, type TraceReading } from '../trace/record-to-document.ts';
import { traceCapture } from '../trace/trace-capture.ts';
import type { NumberedRecord } from '../trace/trace-ring.ts';
import type { Traces } from '../trace/traces.ts';
import { instantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import { eventStream } from './event-stream.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { DeviceParams } from './request-parts.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

export interface TraceRoutesOptions {
  readonly traces: Traces;
  readonly definitions: ObjectDefinitions;
  /** The server that the devices register with, if there is one. */
  readonly server: Pick<ManagedServer, 'device'> | undefined;
  readonly version: string;
}

/** The protocol trace of a device: `/devices/{endpoint}/trace`. */
export function traceRoutes(app: HttpApp, options: TraceRoutesOptions): void {
  pageRoute(app, options);
  switchRoute(app, options);
  clearRoute(app, options);
  const streams = new Set<EventSink>();
  liveRoute(app, options, streams);
  app.addHook('preClose', (done) => {
    for (const sink of streams) sink.close();
    done();
  });
  captureRoute(app, options);
}

function pageRoute(app: HttpApp, options: TraceRoutesOptions): void {
  app.get(
    '/devices/:endpoint/trace',
    {
      config: { access: 'viewer' },
      schema: described(
        'trace',
        'getTrace',
        'The messages of a device that were recorded; with wait also those that come',
        { params: DeviceParams, querystring: TraceQuerySchema, response: { 200: TracePageSchema } },
      ),
    },
    async (request, reply): Promise<TracePage> => {
      const { endpoint } = request.params;
      const { after = 0, limit = 500, wait } = request.query;
      const { traces } = options;
      if (wait === undefined)
        return page(endpoint, traces.find(endpoint), { after, limit, ...(await reading(options, endpoint)) });
      using watch = watched(await traces.watch(endpoint));
      await somethingAfter(watch.trace, after, { wait, signal: disconnection(reply) });
      return page(endpoint, watch.trace, { after, limit, ...(await reading(options, endpoint)) });
    },
  );
}

function switchRoute(app: HttpApp, options: TraceRoutesOptions): void {
  app.put(
    '/devices/:endpoint/trace',
    {
      config: { access: 'operator' },
      schema: described('trace', 'switchTrace', 'Record the messages of a device for a time', {
        params: DeviceParams,
        body: TraceSwitchSchema,
        consumes: ['application/json'],
        response: { 200: TracePageSchema },
      }),
    },
    async (request): Promise<TracePage> => {
      const { endpoint } = request.params;
      const trace = await options.traces.switchOn(endpoint, request.body.seconds * 1000);
      if (trace === undefined) throw tooMany();
      const after = trace.ring.last;
      return page(endpoint, trace, { after, limit: 1, ...(await reading(options, endpoint)) });
    },
  );
}

function clearRoute(app: HttpApp, { traces }: TraceRoutesOptions): void {
  app.delete(
    '/devices/:endpoint/trace',
    {
      config: { access: 'operator' },
      schema: described('trace', 'clearTrace', 'Forget what was recorded, and record no more', {
        params: DeviceParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      traces.clear(request.params.endpoint);
      return reply.code(204).send();
    },
  );
}

const LiveHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      pattern: String.raw`^\d{1,15}$`,
      description: 'The id of the last entry that was received.',
    }),
  ),
});
const LiveQuery = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Only entries with a higher id; without it all that are recorded, then those to come.',
      }),
    ),
  },
  { additionalProperties: false },
);

function liveRoute(app: HttpApp, options: TraceRoutesOptions, streams: Set<EventSink>): void {
  app.get(
    '/devices/:endpoint/trace/live',
    {
      config: { access: 'viewer' },
      schema: described(
        'trace',
        'followTrace',
        'The messages of a device as server-sent events: what is recorded, then what comes; recorded while it is read',
        {
          params: DeviceParams,
          querystring: LiveQuery,
          headers: LiveHeaders,
          produces: ['text/event-stream'],
          response: { 200: TraceEntrySchema },
        },
      ),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const watch = watched(await options.traces.watch(endpoint));
      const context = await reading(options, endpoint);
      const after = Number(request.headers['last-event-id'] ?? request.query.after ?? 0);
      stream(reply, watch, { after, context, streams });
    },
  );
}

/** Bytes that wait for one reader; one that lags further behind is cut off, and goes on after its last id. */
const maxWaiting = 8 * 1024 * 1024;

/** Below the idle timeouts of proxies, 30 s and more. */
const heartbeatInterval = 15_000;

function stream(
  reply: FastifyReply,
  watch: Disposable & { readonly trace: DeviceTrace },
  {
    after,
    context,
    streams,
  }: { readonly after: number; readonly context: TraceReading; readonly streams: Set<EventSink> },
): void {
  const { trace } = watch;
  const parts = new DisposableStack();
  parts.use(watch);
  const sink = eventStream(reply, () => parts.dispose());
  streams.add(sink);
  parts.defer(() => streams.delete(sink));
  const write = (text: string): void => {
    if (sink.waiting > maxWaiting) sink.close();
    else sink.write(text);
  };
  const send = (numbered: NumberedRecord): void => {
    const data = stringifyJson(recordToDocument(numbered, context));
    write(`id: ${numbered.id}\nevent: trace\ndata: ${data}\n\n`);
  };
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatInterval);
  parts.defer(() => clearInterval(heartbeat));
  sink.write('retry: 1000\n\n');
  for (const numbered of trace.ring.since(after, Infinity).records) send(numbered);
  parts.use(trace.appended.subscribe(send));
}

function captureRoute(app: HttpApp, { traces, version }: TraceRoutesOptions): void {
  app.get(
    '/devices/:endpoint/trace/pcapng',
    {
      config: { access: 'viewer' },
      schema: described('trace', 'captureTrace', 'What was recorded as a capture file for Wireshark', {
        params: DeviceParams,
        produces: ['application/x-pcapng'],
        response: { 200: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }) },
      }),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const records = traces.find(endpoint)?.ring.since(0, Infinity).records ?? [];
      const name = endpoint.replaceAll(/[^\w.-]/g, '_').slice(0, 80);
      return reply
        .type('application/x-pcapng')
        .header('content-disposition', `attachment; filename="${name}.pcapng"`)
        .send(Buffer.from(traceCapture(records, version)));
    },
  );
}

/** Resolves when there is a record after `after`, the time is over, or whoever asked has gone. */
async function somethingAfter(
  trace: DeviceTrace,
  after: number,
  { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
): Promise<void> {
  if (trace.ring.last > after || wait === 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  using _appended = trace.appended.subscribe(() => resolve());
  const timer = setTimeout(resolve, wait * 1000);
  signal.addEventListener('abort', () => resolve());
  await promise;
  clearTimeout(timer);
}

function page(
  endpoint: string,
  trace: DeviceTrace | undefined,
  { after, limit, ...context }: TraceReading & { readonly after: number; readonly limit: number },
): TracePage {
  const at = now();
  const { records, lost } = trace?.ring.since(after, limit) ?? { records: [], lost: 0 };
  const until = trace?.switchedOnUntil;
  return {
    endpoint,
    isRecording: trace?.isRecording(at) ?? false,
    recordingUntil: until === undefined || until <= at ? null : instantText(until),
    entries: records.map((numbered) => recordToDocument(numbered, context)),
    lost,
    next: records.at(-1)?.id ?? Math.min(after, trace?.ring.last ?? 0),
  };
}

async function reading({ definitions, server }: TraceRoutesOptions, endpoint: string): Promise<TraceReading> {
  return { definitions, registration: await server?.device(endpoint).registration() };
}

function watched<T>(watch: T | undefined): T {
  if (watch === undefined) throw tooMany();
  return watch;
}

function tooMany(): RequestProblem {
  return new RequestProblem(503, 'unavailable', 'as many devices as the server takes are traced already');
}
