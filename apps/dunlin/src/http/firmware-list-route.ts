import { FirmwareUpdatePageSchema, FirmwareUpdateQuerySchema } from '@dunlin/api';

import { updateToEventDocument } from './firmware-to-document.ts';
import { containing } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedFirmware } from './managed-server.ts';
import { described } from './route-schema.ts';

/** Updates of all devices: `GET /firmware/updates`. */
export function firmwareListRoute(app: HttpApp, firmware: Pick<ManagedFirmware, 'updates'>): void {
  app.get(
    '/firmware/updates',
    {
      config: { access: 'viewer' },
      schema: described(
        'firmware',
        'listFirmwareUpdates',
        'List the updates of devices that are under way, by endpoint name',
        { querystring: FirmwareUpdateQuerySchema, response: { 200: FirmwareUpdatePageSchema } },
      ),
    },
    (request) => {
      const { image, state, contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const found = firmware.updates({
        after,
        limit: limit + 1,
        filter: (update) =>
          (image === undefined || update.image.id === image) &&
          (state === undefined || update.state.kind === state) &&
          (isPart === undefined || isPart(update.endpointName)),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        updates: page.map(updateToEventDocument),
        next: found.length > limit && last !== undefined ? last.endpointName : null,
      };
    },
  );
}
