/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  type HistoryBucketDocument,
  type HistoryDocument,
  type HistoryQuery,
  HistoryQuerySchema,
  HistorySchema,
  type HistorySeriesDocument,
  type HistorySeriesList,
  HistorySeriesListSchema,
  type PathPageQuery,
  PathPageQuerySchema,
  valueToDocument,
} from '@dunlin/api';
import { type Instant, instantFrom, milliseconds } from '@dunlin/base';
import { formatPath, type ObjectDefinitions, parsePath, type Path } from '@dunlin/lwm2m';
import type { HistoryBucket, HistoryRange, HistoryStore } from '@dunlin/server';

import { Type } from 'typebox';

import { historyCsv } from '../history/history-csv.ts';
import { definitionFor } from './device-operations.ts';
import { instantText, optionalInstantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { pathPage } from './path-page.ts';
import { DeviceParams, knownDevice } from './request-parts.ts';
import { badRequest } from './request-problem.ts';
import { described } from './route-schema.ts';

export interface HistoryRoutesOptions {
  readonly server: Pick<ManagedServer, 'device'>;
  readonly definitions: ObjectDefinitions;
  readonly store: HistoryStore;
  readonly now: () => Instant;
}

/** Buckets of one answer: more than a chart has points. */
const maxBuckets = 10_000;

const day = 86_400_000;

/** The values that a device had: `/devices/{endpoint}/history`. */
export function historyRoutes(app: HttpApp, options: HistoryRoutesOptions): void {
  app.get(
    '/devices/:endpoint/history/paths',
    {
      config: { access: 'viewer' },
      schema: described('history', 'historyPaths', 'The paths of a device of which values are kept', {
        params: DeviceParams,
        querystring: PathPageQuerySchema,
        response: { 200: HistorySeriesListSchema },
      }),
    },
    async (request) => seriesOf(options, request.params.endpoint, request.query),
  );
  app.get(
    '/devices/:endpoint/history',
    {
      config: { access: 'viewer' },
      schema: described(
        'history',
        'history',
        'The values that a path had, or what they were in parts of time',
        {
          params: DeviceParams,
          querystring: HistoryQuerySchema,
          produces: ['application/json', 'text/csv'],
          response: { 200: Type.Unsafe<HistoryDocument | Buffer>(HistorySchema) },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const document = await historyOf(options, endpoint, request.query);
      if (request.query.format !== 'csv') return document;
      const name = `${endpoint}${document.path}`.replaceAll(/[^\w.-]/g, '_').slice(0, 100);
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="${name}.csv"`)
        .send(Buffer.from(historyCsv(document)));
    },
  );
}

async function seriesOf(
  options: HistoryRoutesOptions,
  endpoint: string,
  query: PathPageQuery,
): Promise<HistorySeriesList> {
  const device = options.server.device(endpoint);
  await knownDevice(device, endpoint);
  const nameOf = await namesOf(options, endpoint);
  const found = await options.store.series(endpoint);
  const documents = found.map(({ path, type, first, last }): HistorySeriesDocument => {
    const facts = { path, type, first: instantText(first), last: instantText(last) };
    return Object.assign(facts, nameOf(parsePath(path)));
  });
  const { page, next } = pathPage(documents, query, ({ name }) => name);
  return { series: page, next };
}

async function historyOf(
  options: HistoryRoutesOptions,
  endpoint: string,
  query: HistoryQuery,
): Promise<HistoryDocument> {
  await knownDevice(options.server.device(endpoint), endpoint);
  const path = parsePath(query.path);
  if (path === undefined || !('resourceId' in path))
    throw badRequest('query.path', 'must be that of a Resource or a Resource Instance, such as /3303/0/5700');
  const to = instantIn(query, 'to') ?? options.now();
  const from = instantIn(query, `from`) ?? instantFrom(to - day);
  const range: HistoryRange = { endpointName: endpoint, path: formatPath(path), from, to };
  const nameOf = await namesOf(options, endpoint);
  const facts = { path: range.path, ...nameOf(path), from: instantText(from), to: instantText(to) };
  return { ...facts, ...(await contentOf(options.store, range, query)) };
}

async function contentOf(
  store: HistoryStore,
  range: HistoryRange,
  { resolution, limit = 1000 }: HistoryQuery,
): Promise<Pick<HistoryDocument, 'samples' | 'buckets' | 'resolution' | 'next'>> {
  if (resolution !== undefined) {
    if ((range.to - range.from) / (resolution * 1000) > maxBuckets)
      throw badRequest('query.resolution', `gives more than ${maxBuckets} parts of the time asked for`);
    const buckets = await store.buckets(range, milliseconds(resolution * 1000));
    return { samples: [], buckets: buckets.map(bucketDocument), resolution, next: null };
  }
  const found = await store.samples(range, limit + 1);
  const rest = found[limit];
  return {
    samples: found.slice(0, limit).map(({ at, type, value, origin }) => ({
      time: instantText(at),
      value: valueToDocument(type, value),
      origin,
    })),
    buckets: [],
    resolution: null,
    next: optionalInstantText(rest?.at),
  };
}

function bucketDocument({ at, count, minimum, maximum, mean, last }: HistoryBucket): HistoryBucketDocument {
  return {
    time: instantText(at),
    count,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(mean === undefined ? {} : { mean }),
    last: valueToDocument(last.type, last.value),
  };
}

type Named = { readonly name?: string; readonly units?: string };

async function namesOf(
  { server, definitions }: HistoryRoutesOptions,
  endpoint: string,
): Promise<(path: Path | undefined) => Named> {
  const registration = await server.device(endpoint).registration();
  return (path) => {
    if (path === undefined || !('resourceId' in path)) return {};
    const definition = definitionFor(definitions, path.objectId, registration);
    const resource = definition?.resources.get(path.resourceId);
    if (resource === undefined) return {};
    const { name, units } = resource;
    return { name, ...(units === undefined ? {} : { units }) };
  };
}

function instantIn(query: HistoryQuery, name: keyof Pick<HistoryQuery, `from` | 'to'>): Instant | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw badRequest(`query.${name}`, 'must be a time such as 2026-01-31T12:00:00Z');
  return instantFrom(time);
}
