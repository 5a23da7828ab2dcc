import { ContentFormat, type Response, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  type Content,
  encodeContent,
  formatPath,
  isFormatFailure,
  type Path,
  type Refusal,
  refusal,
} from '@dunlin/lwm2m';

import type { OperationContext } from './operation-context.ts';
import { readableContent } from './readable-content.ts';

/**
 * The format of an answer when the request accepts any: TLV, also for a single value, as it is the one
 * format that every peer of 1.0 has.
 */
const preferredFormat: number = ContentFormat.tlv;

/** A Read that succeeded: what was read, and the response that says it. */
export interface Reading {
  readonly kind: 'reading';
  readonly content: Content;
  readonly response: Response;
}

/** Read (1.0 §5.4.1). An Object without readable instances is a success with nothing in it. */
export function read(path: Path, accept: number | undefined, context: OperationContext): Reading | Refusal {
  const content = readableContent(path, context);
  if (content === undefined) return refusal(ResponseCode.notFound, `${formatPath(path)} does not exist`);
  const response = contentResponse(path, content, accept ?? preferredFormat);
  return 'kind' in response ? response : { kind: 'reading', content, response };
}

/** The response with the content in the format that was asked for, under the number it was asked for by (R-403, R-1101). */
export function contentResponse(path: Path, content: Content, format: number): Response | Refusal {
  const payload = encodeContent(canonicalFormat(format) ?? format, path, content);
  if (isFormatFailure(payload)) return refusal(ResponseCode.notAcceptable, payload.reason);
  return { code: ResponseCode.content, contentFormat: format, payload };
}
