import { Method, type Request } from '@dunlin/coap';
import { bootstrapPath, formatBootstrapQuery } from '@dunlin/lwm2m';

import type { ServerUri } from '../registration/server-uri.ts';

/** Bootstrap-Request (1.0 §5.2.7.1): path and query of the Bootstrap-Server's URI come first. */
export function bootstrapRequest(endpointName: string, uri: ServerUri): Request {
  return {
    method: Method.post,
    uriPath: [...uri.path, bootstrapPath],
    uriQuery: [...uri.query, ...formatBootstrapQuery({ endpointName })],
  };
}
