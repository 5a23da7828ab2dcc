import {
  contentToDocument,
  type ObservationDocument,
  ObservationListSchema,
  ObservationStartedSchema,
  ObserveInputSchema,
  PathPageQuerySchema,
} from '@dunlin/api';
import { formatPath, parsePath } from '@dunlin/lwm2m';
import { comparePathTexts, type DesiredObservation, type ObservationSummary } from '@dunlin/server';
import { Type } from 'typebox';

import { attributesChange } from './attributes-route.ts';
import type { DeviceOperations } from './device-operations.ts';
import { instantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedDevice } from './managed-server.ts';
import { nameAt } from './name-at.ts';
import { pathPage } from './path-page.ts';
import {
  DeviceParams,
  knownDevice,
  pathFrom,
  readable,
  TargetParams,
  timeoutFrom,
  TimeoutQuery,
} from './request-parts.ts';
import { RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';

const CancelQuery = Type.Object(
  {
    ...TimeoutQuery.properties,
    way: Type.Optional(
      Type.Unsafe<'active' | 'passive'>(
        Type.Enum(['active', 'passive'], {
          description:
            'active tells the device at once, passive rejects its next notification (1.0 §5.5.3). Default: active, and passive for a device that sleeps.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
);

/** `/devices/{endpoint}/observations` and, below it, Observe and Cancel Observation. */
export function observationsRoutes(app: HttpApp, operations: DeviceOperations): void {
  listRoute(app, operations);
  observeRoute(app, operations);
  cancelRoute(app, operations);
}

function listRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/observations',
    {
      config: { access: 'viewer' },
      schema: described(
        'observations',
        'listObservations',
        'What is observed on a device, and what shall be when it can be reached',
        {
          params: DeviceParams,
          querystring: PathPageQuerySchema,
          response: { 200: ObservationListSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const call = { operation: 'observations', endpoint, timeout: undefined, signal: disconnection(reply) };
      return operations.run(call, async (device, registration) => {
        await knownDevice(device, endpoint);
        const observations = await observationsOf(device, (path) => {
          const target = parsePath(path);
          return target === undefined ? {} : nameAt(target, operations.definitionOf(target, registration));
        });
        const { page, next } = pathPage(observations, request.query, ({ name }) => name);
        return { observations: page, next };
      });
    },
  );
}

function observeRoute(app: HttpApp, operations: DeviceOperations): void {
  app.put(
    '/devices/:endpoint/observations/*',
    {
      config: { access: 'operator' },
      schema: described(
        'observations',
        'observe',
        'Observe a path, in this and all registrations to come; notifications come as events',
        {
          params: TargetParams,
          querystring: TimeoutQuery,
          body: ObserveInputSchema,
          consumes: ['application/json'],
          response: {
            200: ObservationStartedSchema,
            201: ObservationStartedSchema,
            202: ObservationStartedSchema,
          },
        },
      ),
      // A request without a body asks for no attributes.
      preValidation: (request, _reply, done) => {
        request.body ??= {};
        done();
      },
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const { endpoint } = request.params;
      const signal = disconnection(reply);
      const timeout = timeoutFrom(request.query);
      const call = { operation: 'observe', endpoint, timeout, signal };
      const { attributes } = request.body;
      const wish = await operations.run(call, async (device, registration) => {
        const change = attributes === undefined ? {} : { attributes: attributesChange(attributes) };
        const { observation, isNew, content } = await device.desired.observe(path, {
          timeout,
          signal,
          ...change,
        });
        const definition = operations.definitionOf(path, registration);
        const first = content && { content: contentToDocument(path, content, definition) };
        return { path: formatPath(path), isNew, state: observation.state, ...first };
      });
      const location = `/api/v1/devices/${encodeURIComponent(endpoint)}/observations`;
      if (wish.content === undefined) return reply.code(202).header('location', location).send(wish);
      return reply.code(wish.isNew ? 201 : 200).send(wish);
    },
  );
}

function cancelRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/observations/*',
    {
      config: { access: 'operator' },
      schema: described('observations', 'cancelObservation', 'Observe a path no longer', {
        params: TargetParams,
        querystring: CancelQuery,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const { endpoint } = request.params;
      const { way } = request.query;
      const timeout = timeoutFrom(request.query);
      const signal = disconnection(reply);
      const call = { operation: 'cancel-observation', endpoint, timeout, signal };
      await operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        const text = formatPath(path);
        const isObserved = (await observationsOf(device)).some((observation) => observation.path === text);
        if (!isObserved)
          throw new RequestProblem(404, 'no-observation', `${text} of ${endpoint} is not observed`);
        await device.desired.withdrawObservation(path, { timeout, signal, ...(way && { way }) });
      });
      return reply.code(204).send();
    },
  );
}

type NameOf = (path: string) => Pick<ObservationDocument, 'name'>;

/** What is wished, and what is observed without being wished, by path. */
async function observationsOf(
  device: ManagedDevice,
  nameOf: NameOf = () => ({}),
): Promise<readonly ObservationDocument[]> {
  const observed = await device.observations();
  const wishes = (await device.desired.list()).filter((wish) => wish.kind === 'observation');
  const wished = new Set(wishes.map(({ path }) => path));
  const others = observed.filter(({ path }) => !wished.has(path));
  return [
    ...wishes.map((wish) => wishToDocument(wish, observed, nameOf)),
    ...others.map((observation) => observationToDocument(observation, nameOf)),
  ].sort((one, other) => comparePathTexts(one.path, other.path));
}

function observationToDocument(
  { path, observedAt }: ObservationSummary,
  nameOf: NameOf,
): ObservationDocument {
  const since = instantText(observedAt);
  return { path, ...nameOf(path), state: 'active', isDesired: false, since, observedAt: since };
}

function wishToDocument(
  { path, state, since, reason, coapCode }: DesiredObservation,
  observed: readonly ObservationSummary[],
  nameOf: NameOf,
): ObservationDocument {
  const observation = observed.find((each) => each.path === path);
  return {
    path,
    ...nameOf(path),
    state,
    isDesired: true,
    since: instantText(since),
    ...(observation && { observedAt: instantText(observation.observedAt) }),
    ...(reason === undefined ? {} : { reason }),
    ...(coapCode === undefined ? {} : { coapCode }),
  };
}
