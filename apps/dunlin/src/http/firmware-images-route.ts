/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { Readable } from 'node:stream';

import {
  type FirmwareImageDocument,
  FirmwareImageFactsSchema,
  FirmwareImagePageSchema,
  type FirmwareImageQuery,
  FirmwareImageQuerySchema,
  FirmwareImageSchema,
} from '@dunlin/api';
import { type FirmwareImage, isImageId } from '@dunlin/server';
import { Type } from 'typebox';

import { pageOfImages } from './firmware-image-page.ts';
import { imageToDocument } from './firmware-to-document.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedFirmware } from './managed-server.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { takesItsTime } from './request-time.ts';
import { described, noContent } from './route-schema.ts';

export interface ImagesRouteOptions {
  readonly firmware: ManagedFirmware;
  /** Bytes of the largest image that is taken. */
  readonly imageSize: number;
  /** Milliseconds without a byte after which an upload is given up. */
  readonly uploadPause: number;
}

const ImageParams = Type.Object({
  id: Type.String({ description: 'The id of the image: the SHA-256 of its bytes, 64 hexadecimal digits.' }),
});

/** Images of firmware: `/firmware`. */
export function firmwareImagesRoutes(app: HttpApp, options: ImagesRouteOptions): void {
  void app.register((scope: HttpApp, _options, done) => {
    // The bytes go on to the disk as they come.
    scope.removeContentTypeParser('application/octet-stream');
    scope.addContentTypeParser('application/octet-stream', (_request, body, parsed) => parsed(null, body));
    uploadRoute(scope, options);
    done();
  });
  listRoute(app, options);
  getRoute(app, options);
  removeRoute(app, options);
}

function uploadRoute(app: HttpApp, { firmware, imageSize, uploadPause }: ImagesRouteOptions): void {
  app.post(
    '/firmware',
    {
      config: { ...takesItsTime, access: 'operator' },
      schema: described(
        'firmware',
        'addFirmwareImage',
        'Add an image of firmware; the same bytes again give it its new name, version and model',
        {
          querystring: FirmwareImageFactsSchema,
          body: Type.Unsafe<unknown>({ description: 'The bytes of the image.' }),
          consumes: ['application/octet-stream'],
          response: { 201: FirmwareImageSchema },
        },
      ),
    },
    async (request, reply) => {
      // Without a length (chunked) only what comes tells how much it is.
      const announcedSize = Number(request.headers['content-length'] ?? 0);
      if (announcedSize > imageSize) throw tooLarge(imageSize);
      const { body } = request;
      if (!(body instanceof Readable)) throw notBytes();
      const image = await firmware.add(piecesOf(body, uploadPause), request.query, { announcedSize });
      return reply.code(201).header('location', `/api/v1/firmware/${image.id}`).send(imageToDocument(image));
    },
  );
}

function listRoute(app: HttpApp, { firmware }: ImagesRouteOptions): void {
  app.get(
    '/firmware',
    {
      config: { access: 'viewer' },
      schema: described('firmware', 'listFirmwareImages', 'List the images of firmware by name', {
        querystring: FirmwareImageQuerySchema,
        response: { 200: FirmwareImagePageSchema },
      }),
    },
    async (request) => {
      const fitting = (await firmware.images()).filter(filterOf(request.query));
      const { images, next } = pageOfImages(fitting, request.query);
      return { images: images.map(imageToDocument), next };
    },
  );
}

function getRoute(app: HttpApp, { firmware }: ImagesRouteOptions): void {
  app.get(
    '/firmware/:id',
    {
      config: { access: 'viewer' },
      schema: described('firmware', 'getFirmwareImage', 'What is known of an image', {
        params: ImageParams,
        response: { 200: FirmwareImageSchema },
      }),
    },
    async (request): Promise<FirmwareImageDocument> => {
      const { id } = request.params;
      const image = isImageId(id) ? await firmware.image(id) : undefined;
      if (image === undefined) throw unknownImage(id);
      return imageToDocument(image);
    },
  );
}

function removeRoute(app: HttpApp, { firmware }: ImagesRouteOptions): void {
  app.delete(
    '/firmware/:id',
    {
      config: { access: 'operator' },
      schema: described(
        'firmware',
        'removeFirmwareImage',
        'Remove an image, unless a device is being updated to it',
        { params: ImageParams, response: noContent },
      ),
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isImageId(id) || !(await firmware.remove(id))) throw unknownImage(id);
      return reply.code(204).send();
    },
  );
}

function filterOf({ contains, version, model, id }: FirmwareImageQuery): (image: FirmwareImage) => boolean {
  const part = contains?.toLowerCase();
  return (image) =>
    (part === undefined || image.name.toLowerCase().includes(part)) &&
    (version === undefined || image.version === version) &&
    (model === undefined || image.model === model) &&
    (id === undefined || image.id.startsWith(id));
}

/** The bytes as they come. What is not read stays to be read away, so that the answer reaches who still sends. */
async function* piecesOf(body: Readable, pause: number): AsyncGenerator<Uint8Array, void, void> {
  const timer = setTimeout(() => body.destroy(new Error('nothing more came')), pause);
  try {
    for await (const piece of body.iterator({ destroyOnReturn: false })) {
      timer.refresh();
      if (piece instanceof Uint8Array) yield piece;
    }
  } catch {
    throw badRequest('body', 'did not come whole');
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(imageSize: number): RequestProblem {
  return new RequestProblem(
    413,
    'payload-too-large',
    `an image of more than ${imageSize} bytes is not taken; the setting firmware.image-size says how much is`,
  );
}

function notBytes(): RequestProblem {
  const message = 'send the bytes of the image, as application/octet-stream';
  return new RequestProblem(415, 'unsupported-media-type', message);
}

function unknownImage(id: string): RequestProblem {
  return new RequestProblem(404, 'unknown-image', `there is no image ${id}`);
}
