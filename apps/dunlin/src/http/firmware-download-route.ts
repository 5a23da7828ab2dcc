import { firmwareSegment } from '@dunlin/server';
import { Type } from 'typebox';

import { answerDownload } from './firmware-download.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedFirmware } from './managed-server.ts';
import { described } from './route-schema.ts';

/** `GET` and `HEAD /fw/{token}`: for devices that a proxy in front of this interface leads here; the token is all they show. */
export function firmwareDownloadRoute(app: HttpApp, firmware: Pick<ManagedFirmware, 'download'>): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: `/${firmwareSegment}/:token`,
    config: { access: 'anyone' },
    schema: described(
      'firmware',
      'downloadFirmware',
      'The image that a device is to fetch, whole or in ranges; the server tells the device where',
      {
        params: Type.Object({ token: Type.String({ description: 'Of the URI in /5/0/1 of the device.' }) }),
        produces: ['application/octet-stream'],
        response: { 200: Type.Unsafe<Uint8Array>({ description: 'The bytes of the image.' }) },
      },
    ),
    handler: async (request, reply) => {
      reply.hijack();
      try {
        await answerDownload(request.raw, reply.raw, firmware, request.params.token);
      } catch (error) {
        request.log.error({ err: error }, 'an image could not be given to a device');
        reply.raw.destroy();
      }
    },
  });
}
