import { utf8Encode } from '@dunlin/base';
import { ContentFormat, type IncomingRequest, Method, type Response, ResponseCode } from '@dunlin/coap';

/**
 * The answer to a request for `/.well-known/core` (RFC 6690 §4): where devices register. A query filters
 * by `rt` or `href`, with an optional `*` at the end (RFC 6690 §4.1).
 */
export function wellKnownCore(request: IncomingRequest): Response {
  if (request.method !== Method.get) return { code: ResponseCode.methodNotAllowed };
  if (request.accept !== undefined && request.accept !== ContentFormat.linkFormat) {
    return { code: ResponseCode.notAcceptable };
  }
  const payload = request.uriQuery.every(matches) ? utf8Encode('</rd>;rt="core.rd"') : new Uint8Array();
  return { code: ResponseCode.content, contentFormat: ContentFormat.linkFormat, payload };
}

function matches(filter: string): boolean {
  const equals = filter.indexOf('=');
  const name = filter.slice(0, equals);
  const pattern = filter.slice(equals + 1);
  const value = name === 'rt' ? 'core.rd' : name === 'href' ? '/rd' : undefined;
  if (equals === -1 || value === undefined) return false;
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}
