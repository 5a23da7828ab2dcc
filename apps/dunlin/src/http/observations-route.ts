/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  contentToDocument,
  type ObservationDocument,
  ObservationListSchema,
  ObservationStartedSchema,
  ObserveInputSchema,
} from '@dunlin/api';
import { formatPath, parsePath, type Path } from '@dunlin/lwm2m';
import type { ObservationSummary } from '@dunlin/server';
import { Type } from 'typebox';

import { attributesChange } from './attributes-route.ts';
import type { DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import { instantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedDevice, ManagedObservation } from './managed-server.ts';
import { nameAt } from './name-at.ts';
import {
  DeviceParams,
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
            'active (the default) tells the device at once, passive rejects its next notification (1.0 §5.5.3).',
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
      schema: described('observations', 'listObservations', 'What the server observes on a device', {
        params: DeviceParams,
        response: { 200: ObservationListSchema },
      }),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const call = { operation: 'observations', endpoint, timeout: undefined, signal: disconnection(reply) };
      return operations.run(call, async ({ device, registration }) => {
        const documentOf = ({ path, observedAt }: ObservationSummary): ObservationDocument => {
          const target = parsePath(path);
          const name = target && nameAt(target, operations.definitionOf(target, registration));
          return { path, ...name, observedAt: instantText(observedAt) };
        };
        return { observations: (await device.observations()).map(documentOf) };
      });
    },
  );
}

function observeRoute(app: HttpApp, operations: DeviceOperations): void {
  app.put(
    '/devices/:endpoint/observations/*',
    {
      schema: described('observations', 'observe', 'Observe a path; notifications come as events', {
        params: TargetParams,
        querystring: TimeoutQuery,
        body: ObserveInputSchema,
        consumes: ['application/json'],
        response: { 200: ObservationStartedSchema, 201: ObservationStartedSchema },
      }),
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
      const call = { operation: 'observe', endpoint, timeout: timeoutFrom(request.query), signal };
      const { attributes } = request.body;
      // The observation outlives the request, whose signal must end it only until it has begun.
      const establishing = new AbortController();
      const giveUp = (): void => establishing.abort(signal.reason);
      signal.addEventListener('abort', giveUp);
      const started = await operations.run(call, async ({ device, registration, options }) => {
        const isNew = !(await isObserved(device, path));
        const observation = device.observe(path, {
          signal: establishing.signal,
          ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
          ...(attributes === undefined ? {} : { attributes: attributesChange(attributes) }),
        });
        const { value } = await observation.started();
        signal.removeEventListener('abort', giveUp);
        keepTaking(observation);
        const definition = operations.definitionOf(path, registration);
        return { path: formatPath(path), isNew, content: contentToDocument(path, value, definition) };
      });
      return reply.code(started.isNew ? 201 : 200).send(started);
    },
  );
}

function cancelRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/observations/*',
    {
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
      const call = { operation: 'cancel-observation', endpoint, timeout, signal: disconnection(reply) };
      await operations.run(call, async ({ device, options }) => {
        if (!(await isObserved(device, path))) {
          throw new RequestProblem(
            404,
            'no-observation',
            `${formatPath(path)} of ${endpoint} is not observed`,
          );
        }
        await device.cancelObservation(path, { ...options, ...(way === undefined ? {} : { way }) });
      });
      return reply.code(204).send();
    },
  );
}

async function isObserved(device: ManagedDevice, path: Path): Promise<boolean> {
  const text = formatPath(path);
  return (await device.observations()).some((observation) => observation.path === text);
}

/**
 * Notifications reach applications through the server's signal; an observation that nobody iterates would keep
 * them in its buffer. Its end, whatever the reason, is told by `observationEnded`.
 */
function keepTaking(observation: ManagedObservation): void {
  void (async () => {
    for await (const notification of observation) void notification;
  })().catch(() => undefined);
}
