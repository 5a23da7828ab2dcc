import {
  type AttributesInput,
  AttributesInputSchema,
  type DesiredAttributesDocument,
  DesiredAttributesListSchema,
  DesiredAttributesSchema,
  PathPageQuerySchema,
} from '@dunlin/api';
import { seconds } from '@dunlin/base';
import { formatPath, type NotificationAttributesChange, parsePath } from '@dunlin/lwm2m';
import type { DesiredAttributes } from '@dunlin/server';

import type { DeviceOperations } from './device-operations.ts';
import { instantText } from './device-to-summary.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { nameAt } from './name-at.ts';
import { changeToDocument } from './operation-to-document.ts';
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

/** What is answered when attributes are kept for a device that cannot be reached now. */
const pendingAnswer = { 202: DesiredAttributesSchema };

/** Write-Attributes, for good: `/devices/{endpoint}/attributes`. */
export function attributesRoutes(app: HttpApp, operations: DeviceOperations): void {
  listRoute(app, operations);
  writeRoute(app, operations);
  withdrawRoute(app, operations);
}

function listRoute(app: HttpApp, operations: DeviceOperations): void {
  app.get(
    '/devices/:endpoint/attributes',
    {
      config: { access: 'viewer' },
      schema: described(
        'observations',
        'listAttributes',
        'Which notification attributes are wished for a device',
        {
          params: DeviceParams,
          querystring: PathPageQuerySchema,
          response: { 200: DesiredAttributesListSchema },
        },
      ),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const call = { operation: 'attributes', endpoint, timeout: undefined, signal: disconnection(reply) };
      return operations.run(call, async (device) => {
        await knownDevice(device, endpoint);
        const wishes = await device.desired.list();
        const attributes = wishes
          .filter((wish) => wish.kind === 'attributes')
          .map((wish) => attributesToDocument(wish, operations));
        const { page, next } = pathPage(attributes, request.query, ({ name }) => name);
        return { attributes: page, next };
      });
    },
  );
}

function writeRoute(app: HttpApp, operations: DeviceOperations): void {
  app.put(
    '/devices/:endpoint/attributes/*',
    {
      config: { access: 'operator' },
      schema: described(
        'observations',
        'writeAttributes',
        'Set (a number) or unset (null) notification attributes, for all registrations to come',
        {
          params: TargetParams,
          querystring: TimeoutQuery,
          body: AttributesInputSchema,
          consumes: ['application/json'],
          response: { ...noContent, ...pendingAnswer },
        },
      ),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const change = attributesChange(request.body);
      const { endpoint } = request.params;
      const timeout = timeoutFrom(request.query);
      const signal = disconnection(reply);
      const call = { operation: 'write-attributes', endpoint, timeout, signal };
      const wish = await operations.run(call, (device) =>
        device.desired.setAttributes(path, change, { timeout, signal }),
      );
      if (wish === undefined || wish.state !== 'pending') return reply.code(204).send();
      return reply
        .code(202)
        .header('location', `/api/v1/devices/${encodeURIComponent(endpoint)}/attributes`)
        .send(attributesToDocument(wish, operations));
    },
  );
}

function withdrawRoute(app: HttpApp, operations: DeviceOperations): void {
  app.delete(
    '/devices/:endpoint/attributes/*',
    {
      config: { access: 'operator' },
      schema: described(
        'observations',
        'withdrawAttributes',
        'Unset the attributes that are wished at a path',
        {
          params: TargetParams,
          querystring: TimeoutQuery,
          response: { ...noContent, ...pendingAnswer },
        },
      ),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const { endpoint } = request.params;
      const timeout = timeoutFrom(request.query);
      const signal = disconnection(reply);
      const call = { operation: 'write-attributes', endpoint, timeout, signal };
      const left = await operations.run(call, async (device) => {
        if (!(await device.desired.withdrawAttributes(path, { timeout, signal }))) {
          const message = `no attributes are wished at ${formatPath(path)} of ${endpoint}`;
          throw new RequestProblem(404, 'no-observation', message);
        }
        const wishes = await device.desired.list();
        return wishes.find((wish) => wish.kind === 'attributes' && wish.path === formatPath(path));
      });
      if (left?.kind !== 'attributes') return reply.code(204).send();
      return reply
        .code(202)
        .header('location', `/api/v1/devices/${encodeURIComponent(endpoint)}/attributes`)
        .send(attributesToDocument(left, operations));
    },
  );
}

/** The change an input asks for. */
export function attributesChange({ pmin, pmax, gt, lt, st }: AttributesInput): NotificationAttributesChange {
  return {
    ...(pmin === undefined ? {} : { pmin: pmin === null ? null : seconds(pmin) }),
    ...(pmax === undefined ? {} : { pmax: pmax === null ? null : seconds(pmax) }),
    ...(gt === undefined ? {} : { gt }),
    ...(lt === undefined ? {} : { lt }),
    ...(st === undefined ? {} : { st }),
  };
}

function attributesToDocument(
  { path, change, state, since, reason, coapCode }: DesiredAttributes,
  operations: DeviceOperations,
): DesiredAttributesDocument {
  const target = parsePath(path);
  return {
    path,
    ...(target && nameAt(target, operations.definitionOf(target, undefined))),
    attributes: changeToDocument(change),
    state,
    since: instantText(since),
    ...(reason === undefined ? {} : { reason }),
    ...(coapCode === undefined ? {} : { coapCode }),
  };
}
