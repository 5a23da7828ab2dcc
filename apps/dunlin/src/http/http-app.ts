import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

import type { ErrorDocument, ServerIdentityDocument } from '@dunlin/api';
import { parseJson, stringifyJson } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { HistoryStore } from '@dunlin/server';
import { firmwareImageLimitsDefaults } from '@dunlin/server';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
  type RouteOptions,
} from 'fastify';

import type { UploadedDefinitions } from '../definitions/uploaded-definitions.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Activity } from '../overview/activity.ts';
import type { Traces } from '../trace/traces.ts';
import { accessGuard, type AccessParts, type RouteAccess } from './access-guard.ts';
import { auditHook, type AuditParts } from './audit-hook.ts';
import { auditRoute } from './audit-route.ts';
import { attributesRoutes } from './attributes-route.ts';
import { bootstrapCheckRoute } from './bootstrap-check-route.ts';
import { type ConfigurationRouteOptions, configurationRoutes } from './bootstrap-route.ts';
import { type SessionsRouteOptions, sessionsRoutes } from './bootstrap-sessions-route.ts';
import { bootstrapScope } from './credential-scope.ts';
import { type CredentialsRouteOptions, credentialsRoutes } from './credentials-route.ts';
import { definitionsRoutes } from './definitions-route.ts';
import {
  DeviceOperations,
  deviceOperationLimits,
  type DeviceOperationLimits,
  type OperationObserver,
} from './device-operations.ts';
import { devicesRoutes, type FleetParts } from './devices-route.ts';
import { discoverRoute } from './discover-route.ts';
import { errorAnswer } from './error-answer.ts';
import { eventLogRoute, eventsRoute } from './events-route.ts';
import { executeRoute } from './execute-route.ts';
import { firmwareDownloadRoute } from './firmware-download-route.ts';
import { firmwareImagesRoutes } from './firmware-images-route.ts';
import { firmwareListRoute } from './firmware-list-route.ts';
import { firmwareUpdatesRoutes } from './firmware-updates-route.ts';
import { historyRoutes } from './history-routes.ts';
import { healthRoutes, type MetricsPage } from './health-routes.ts';
import type { ManagedServer } from './managed-server.ts';
import { observationsRoutes } from './observations-route.ts';
import { operationsRoutes } from './operations-route.ts';
import { describeAsOpenApi } from './open-api.ts';
import { overviewRoute } from './overview-route.ts';
import { originGuard } from './origin-guard.ts';
import { type PageFile, pageRoutes } from './page-routes.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { limitRequestTime } from './request-time.ts';
import { resourcesRoutes } from './resources-route.ts';
import { securityHeaders } from './security-headers.ts';
import { serverIdentityRoute } from './server-identity-route.ts';
import { type SmsRouteParts, smsRoutes } from './sms-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { sessionRoutes, signInLinkRoute } from './session-route.ts';
import { tokensRoutes } from './tokens-route.ts';
import { userSessionsRoutes } from './user-sessions-route.ts';
import { usersRoutes } from './users-route.ts';
import { validatorCompiler } from './validation.ts';
import { valuesRoutes } from './values-route.ts';

/** The HTTP application, with types from the schemas of its routes. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What the interface observes of itself, for metrics. */
export interface HttpObserver extends OperationObserver {
  /** `route` is the pattern of the route, never the URL. */
  requestEnded(method: string, route: string, status: number): void;
}

/** The server as the interface has it: devices, and what they prove themselves with. */
export interface ServerParts {
  readonly server: ManagedServer;
  /** Bytes of the largest image of firmware that is taken; by default that of the library. */
  readonly firmwareImageSize?: number;
  /** Its devices, to be found. */
  readonly fleet: FleetParts;
  /** The values that they had. */
  readonly history: HistoryStore;
  /** How often what happens. */
  readonly activity: Activity;
  /** The time of the server. */
  readonly now: () => Instant;
  /** What devices prove themselves with, and what new credentials are made with. */
  readonly security: CredentialsRouteOptions;
  /** What devices have to know of the server to trust it. */
  readonly identity: () => ServerIdentityDocument;
  /** Short messages, where there are any. */
  readonly sms?: SmsRouteParts;
}

/** The Bootstrap-Server as the interface has it. */
export interface BootstrapParts extends ConfigurationRouteOptions, SessionsRouteOptions {
  readonly security: CredentialsRouteOptions;
  readonly identity: () => ServerIdentityDocument;
}

export interface HttpAppOptions extends Partial<ServerParts> {
  readonly definitions: UploadedDefinitions;
  readonly events: EventHub;
  /** The messages of devices that are watched. */
  readonly traces: Traces;
  readonly bootstrap?: BootstrapParts | undefined;
  /** Who may do what. */
  readonly access: AccessParts & { readonly audit: AuditParts };
  readonly metrics: MetricsPage;
  /** Who may read them. Default: viewers. */
  readonly metricsAccess?: RouteAccess | undefined;
  /** True while the server serves: `/readyz`. */
  readonly isReady: () => boolean;
  /** The names of stores that take no changes; default none. */
  readonly failingStores?: () => Promise<readonly string[]>;
  /** The files of the page at `/`. */
  readonly page: readonly PageFile[];
  /** Milliseconds of a clock that never runs backwards. */
  readonly clock: () => number;
  readonly version: string;
  readonly observer?: HttpObserver;
  readonly logger?: FastifyBaseLogger;
  /** Host names under which a browser may reach the interface; `undefined` for any. */
  readonly hostNames?: readonly string[] | undefined;
  /** PEM texts of TLS; plain HTTP without. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Addresses and networks whose `X-Forwarded-For` and `-Proto` are believed. */
  readonly proxies?: readonly string[] | undefined;
  readonly limits?: Partial<HttpLimits>;
  /** Told of every route that is added. */
  readonly onRoute?: (route: RouteOptions) => void;
}

interface HttpLimits extends DeviceOperationLimits {
  /** Bytes of a body; larger ones are answered with 413. Room for an Object Instance with a large opaque value. */
  readonly body: number;
  /** Bytes of all header fields together; more are answered with 431. */
  readonly headers: number;
  /** Milliseconds a client may take to send its request whole; then 408. An image may take longer, if it goes on coming. */
  readonly requestTimeout: number;
  /** Connections at one time. */
  readonly connections: number;
}

const httpLimits: HttpLimits = {
  ...deviceOperationLimits,
  body: 1024 * 1024,
  headers: 16 * 1024,
  requestTimeout: 30_000,
  connections: 2000,
};

/** Builds the interface; it listens to nothing yet. */
export async function buildHttpApp(options: Readonly<HttpAppOptions>): Promise<HttpApp> {
  const limits = { ...httpLimits, ...options.limits };
  const app = newApp(options, limits);
  const { onRoute } = options;
  if (onRoute !== undefined) app.addHook('onRoute', onRoute);
  const { server, definitions, events, traces, bootstrap, access, page, version } = options;
  const { metrics, metricsAccess = 'viewer', isReady, failingStores = () => Promise.resolve([]) } = options;
  await describeAsOpenApi(app, version);
  await app.register(
    (api: HttpApp, _options, done) => {
      if (server !== undefined) serverRoutes(api, { ...options, server, limits });
      eventsRoute(api, events);
      eventLogRoute(api, events);
      traceRoutes(api, { traces, definitions, server, version });
      accessRoutes(api, access);
      if (bootstrap !== undefined) bootstrapRoutes(api, bootstrap);
      done();
    },
    { prefix: '/api/v1' },
  );
  if (server !== undefined) firmwareDownloadRoute(app, server.firmware);
  healthRoutes(app, { metrics, isReady, failingStores, metricsAccess });
  signInLinkRoute(app, access.control);
  pageRoutes(app, page);
  return app;
}

/** Devices and what they prove themselves with. */
function serverRoutes(
  api: HttpApp,
  options: Readonly<HttpAppOptions & { readonly server: ManagedServer; readonly limits: HttpLimits }>,
): void {
  const { server, fleet, history, activity, now, definitions, observer, clock, limits, security, identity } =
    options;
  const operations = new DeviceOperations({ server, definitions, observer, clock, limits });
  if (fleet !== undefined) devicesRoutes(api, { server, definitions, fleet, history });
  if (fleet !== undefined && activity !== undefined && now !== undefined)
    overviewRoute(api, { index: fleet.index, activity, events: options.events, now, startedAt: now() });
  if (history !== undefined && now !== undefined)
    historyRoutes(api, { server, definitions, store: history, now });
  resourcesRoutes(api, operations);
  executeRoute(api, operations);
  discoverRoute(api, operations);
  attributesRoutes(api, operations);
  observationsRoutes(api, operations);
  operationsRoutes(api, operations);
  valuesRoutes(api, operations);
  definitionsRoutes(api, definitions);
  const { firmware } = server;
  const { firmwareImageSize: imageSize = firmwareImageLimitsDefaults.imageSize } = options;
  firmwareImagesRoutes(api, { firmware, imageSize, uploadPause: limits.requestTimeout });
  firmwareListRoute(api, firmware);
  firmwareUpdatesRoutes(api, operations);
  if (security !== undefined) credentialsRoutes(api, security);
  if (options.sms !== undefined) smsRoutes(api, { ...options.sms, server });
  if (identity !== undefined) serverIdentityRoute(api, identity);
}

/** Who may use the interface. */
function accessRoutes(api: HttpApp, { control, audit }: HttpAppOptions['access']): void {
  sessionRoutes(api, control);
  userSessionsRoutes(api, control);
  usersRoutes(api, control);
  tokensRoutes(api, control);
  auditRoute(api, audit.log);
}

/** What devices are given, how it went, and what they prove themselves with for it. */
function bootstrapRoutes(api: HttpApp, { security, identity, ...options }: BootstrapParts): void {
  configurationRoutes(api, options);
  bootstrapCheckRoute(api, options);
  sessionsRoutes(api, options);
  credentialsRoutes(api, { ...security, scope: bootstrapScope });
  serverIdentityRoute(api, identity, bootstrapScope);
}

function newApp(options: Readonly<HttpAppOptions>, limits: HttpLimits): HttpApp {
  const app: HttpApp = fastify({
    ...(options.logger === undefined ? { logger: false } : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    serverFactory: (listener) => httpServer(listener, options, limits),
    trustProxy: options.proxies === undefined || options.proxies.length === 0 ? false : [...options.proxies],
    routerOptions: { maxParamLength: 4096 },
    forceCloseConnections: 'idle',
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => stringifyJson);
  app.setReplySerializer(stringifyJson);
  readBodies(app);
  limitRequestTime(app, limits.requestTimeout);
  answerErrors(app, options.observer);
  auditHook(app, options.access.audit);
  securityHeaders(app);
  originGuard(app, options.hostNames);
  accessGuard(app, options.access);
  return app;
}

/** The limit on the time of whole requests is not that of Node.js, see `limitRequestTime`. */
function httpServer(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  { tls }: Pick<HttpAppOptions, 'tls'>,
  limits: HttpLimits,
): RawServerDefault {
  const common = { maxHeaderSize: limits.headers, headersTimeout: limits.requestTimeout, requestTimeout: 0 };
  return tls === undefined
    ? createServer(common, listener)
    : createSecureServer({ ...common, ...tls, minVersion: 'TLSv1.2' }, listener);
}

/** JSON with exact integers; texts and bytes as bytes, read by the type of the Resource they are for. */
function readBodies(app: HttpApp): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = body.toString();
    const document = text === '' ? { kind: 'json' as const, value: undefined } : parseJson(text);
    if (document.kind === 'failure') done(badRequest('body', `is no JSON: ${document.reason}`));
    else done(null, document.value);
  });
  for (const type of ['text/plain', 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, new Uint8Array(Buffer.from(body)));
    });
  }
}

function answerErrors(app: HttpApp, observer: HttpObserver | undefined): void {
  app.setErrorHandler(answer);
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?');
    const message = `there is no ${request.method} ${path}; /api/v1/openapi.json lists what there is`;
    return answer(new RequestProblem(404, 'not-found', message), request, reply);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    observer?.requestEnded(request.method, route, reply.statusCode);
    request.log.debug({ method: request.method, route, status: reply.statusCode }, 'answered');
    done();
  });
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, document, retryAfter } = errorAnswer(error);
  request.audit.error = document.error;
  if (status >= 500 && document.error === 'internal') request.log.error({ err: error }, 'a request failed');
  // RFC 9110 §11.6.1; not Basic, for which a browser would ask by itself.
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="dunlin"');
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(document satisfies ErrorDocument);
}
