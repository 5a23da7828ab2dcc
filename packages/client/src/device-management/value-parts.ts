import { ContentFormat, type IncomingRequest, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  formatPath,
  isFormatFailure,
  pathFromSegments,
  type Refusal,
  refusal,
  type ResourcePath,
  tlvOpaqueFrame,
} from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { ValuePart } from '../object-tree/tree-resource.ts';

/** A part of a payload, as CoAP delivers it. */
type PayloadPart = NonNullable<IncomingRequest['part']>;

/** Where the value lies in a payload; without an end it reaches as far as the payload. */
interface Frame {
  readonly start: number;
  readonly end: number | undefined;
}

/** True when the value of a Write goes to its Resource part by part: then its blocks are not put together. */
export function isTakenInParts(
  tree: ObjectTree,
  { uriPath, contentFormat }: Pick<IncomingRequest, 'uriPath' | 'contentFormat'>,
): boolean {
  const path = pathFromSegments(uriPath);
  const resource = path?.kind === 'resource' ? tree.resource(path) : undefined;
  if (resource?.kind !== 'dynamic' || resource.takePart === undefined) return false;
  const format = contentFormat === undefined ? undefined : canonicalFormat(contentFormat);
  // There it is Base64, which is for small values. A format that cannot be is refused with the first part.
  return format !== ContentFormat.text && format !== ContentFormat.json;
}

/** Finds the parts of opaque values in the parts of their payloads: one value at a time of each Server and Resource. */
export class ValueParts {
  readonly #frames = new Map<string, Frame>();

  /** The part of the value that is in a part of its payload. */
  read(
    path: ResourcePath,
    shortServerId: number,
    { contentFormat, payload }: Pick<IncomingRequest, 'contentFormat' | 'payload'>,
    part: PayloadPart,
  ): Omit<ValuePart, 'origin' | 'now'> | Refusal {
    const key = `${shortServerId} ${formatPath(path)}`;
    const frame = part.offset === 0 ? frameOf(path, contentFormat, payload) : this.#frames.get(key);
    if (frame === undefined) {
      return refusal(ResponseCode.requestEntityIncomplete, 'the beginning of the value is not known');
    }
    if ('kind' in frame) return frame;
    const { start, end } = frame;
    const until = part.offset + payload.length;
    if (end !== undefined && until > end) {
      this.#frames.delete(key);
      return refusal(ResponseCode.badRequest, 'something follows the value in the payload');
    }
    if (part.isLast) this.#frames.delete(key);
    else this.#frames.set(key, frame);
    return {
      bytes: part.offset === 0 ? payload.subarray(start) : payload,
      offset: Math.max(part.offset - start, 0),
      end: !part.isLast ? 'more' : end === undefined || until === end ? 'complete' : 'truncated',
      size: part.offset > 0 ? undefined : end === undefined ? part.size : end - start,
    };
  }
}

function frameOf(path: ResourcePath, contentFormat: number | undefined, first: Uint8Array): Frame | Refusal {
  if (canonicalFormat(contentFormat ?? ContentFormat.opaque) !== ContentFormat.tlv) {
    return { start: 0, end: undefined };
  }
  const frame = tlvOpaqueFrame(first, path);
  return isFormatFailure(frame) ? refusal(ResponseCode.badRequest, frame.reason) : frame;
}
