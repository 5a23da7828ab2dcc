import { ContentFormat, type IncomingRequest, Method, type Response, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  type Content,
  encodeContent,
  isFormatFailure,
  type Path,
  pathFromSegments,
  type ResourceContent,
  type ResourceContents,
} from '@dunlin/lwm2m';

import type { SimulatedModel } from './simulated-fleet.ts';

/** What a simulated device answers: it can be read, and takes everything else without doing anything. */
export function answerOf(model: SimulatedModel, request: IncomingRequest): Response {
  const path = pathFromSegments(request.uriPath);
  if (path === undefined || path.kind === 'root') return { code: ResponseCode.notFound };
  if (!('objectId' in path) || !model.objects.objects.has(path.objectId))
    return { code: ResponseCode.notFound };
  switch (request.method) {
    case Method.get:
      return request.accept === ContentFormat.linkFormat ? notHere : readAnswer(model, path, request.accept);
    case Method.put:
    case Method.post:
      return { code: ResponseCode.changed };
    case Method.delete:
      return { code: ResponseCode.deleted };
    case Method.fetch:
    case Method.patch:
    case Method.ipatch:
      return notHere;
  }
}

const notHere: Response = { code: ResponseCode.methodNotAllowed };

function readAnswer(model: SimulatedModel, path: Path, accept: number | undefined): Response {
  const content = contentAt(model, path);
  if (content === undefined) return { code: ResponseCode.notFound };
  const isSingle = content.kind === 'resource';
  const format = accept ?? (isSingle ? ContentFormat.text : ContentFormat.tlv);
  const payload = canonicalFormat(format) === undefined ? undefined : encodeContent(format, path, content);
  if (payload === undefined || isFormatFailure(payload)) return { code: ResponseCode.notAcceptable };
  return { code: ResponseCode.content, contentFormat: format, payload };
}

function contentAt(model: SimulatedModel, path: Path): Content | undefined {
  if (!('objectId' in path)) return undefined;
  const resources = resourcesOf(model, path.objectId);
  switch (path.kind) {
    case 'object':
      return { kind: 'object', instances: new Map([[0, resources]]) };
    case 'object-instance':
      return path.objectInstanceId === 0 ? { kind: 'object-instance', resources } : undefined;
    case 'resource': {
      const resource = path.objectInstanceId === 0 ? resources.get(path.resourceId) : undefined;
      return resource && { kind: 'resource', resource };
    }
    case 'resource-instance':
      return undefined;
  }
}

const deviceObject = 3;
const sensorValue = 5700;

function resourcesOf(model: SimulatedModel, objectId: number): ResourceContents {
  if (objectId === deviceObject) {
    return new Map([
      [0, text(model.manufacturer)],
      [1, text(model.modelNumber)],
      [3, text(model.firmwareVersion)],
      [16, text(model.bindingMode)],
    ]);
  }
  return new Map([[sensorValue, { kind: 'single', type: 'float', value: model.temperature }]]);
}

function text(value: string): ResourceContent {
  return { kind: 'single', type: 'string', value };
}
