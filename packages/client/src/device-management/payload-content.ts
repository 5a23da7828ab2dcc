import { type IncomingRequest, ResponseCode } from '@dunlin/coap';
import {
  canonicalFormat,
  type Content,
  decodeContent,
  isFormatFailure,
  type ObjectDefinition,
  type Path,
  type Refusal,
  refusal,
} from '@dunlin/lwm2m';

/**
 * What the payload of a Write or Create says. A Content-Format that cannot carry it (plain text for several
 * values) is 4.15, a payload that does not parse or does not fit the definition 4.00 (R-404, 1.0 §8.5).
 */
export function payloadContent(
  request: IncomingRequest,
  path: Path,
  definition: ObjectDefinition,
): Content | Refusal {
  const format = request.contentFormat;
  if (format === undefined) return refusal(ResponseCode.badRequest, 'the Content-Format is not specified');
  const content = decodeContent(canonicalFormat(format) ?? format, path, request.payload, definition);
  if (!isFormatFailure(content)) return content;
  switch (content.problem) {
    case 'malformed':
      return refusal(ResponseCode.badRequest, content.reason);
    case 'unsupported-format':
    case 'not-expressible':
      return refusal(ResponseCode.unsupportedContentFormat, content.reason);
  }
}
