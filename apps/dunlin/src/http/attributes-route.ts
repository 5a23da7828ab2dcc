import { type AttributesInput, AttributesInputSchema } from '@dunlin/api';
import { seconds } from '@dunlin/base';
import type { NotificationAttributesChange } from '@dunlin/lwm2m';

import type { DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { pathFrom, readable, TargetParams, timeoutFrom, TimeoutQuery } from './request-parts.ts';
import { described, noContent } from './route-schema.ts';

/** Write-Attributes: `PUT /devices/{endpoint}/attributes/{path}`. */
export function attributesRoute(app: HttpApp, operations: DeviceOperations): void {
  app.put(
    '/devices/:endpoint/attributes/*',
    {
      schema: described(
        'resources',
        'writeAttributes',
        'Set (a number) or unset (null) notification attributes',
        {
          params: TargetParams,
          querystring: TimeoutQuery,
          body: AttributesInputSchema,
          consumes: ['application/json'],
          response: noContent,
        },
      ),
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], readable);
      const change = attributesChange(request.body);
      const { endpoint } = request.params;
      const timeout = timeoutFrom(request.query);
      const call = { operation: 'write-attributes', endpoint, timeout, signal: disconnection(reply) };
      await operations.run(call, ({ device, options }) => device.writeAttributes(path, change, options));
      return reply.code(204).send();
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
