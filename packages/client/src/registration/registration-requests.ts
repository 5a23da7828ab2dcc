import { utf8Encode } from '@dunlin/base';
import { ContentFormat, Method, type Request } from '@dunlin/coap';
import { enablerVersion, formatRegistrationQuery, registrationPath } from '@dunlin/lwm2m';

import { type RegistrationFacts, updateContent } from './registration-facts.ts';
import type { ServerUri } from './server-uri.ts';

/** Register (1.0 §5.3.1): path and query of the Server URI come first. */
export function registerRequest(endpointName: string, uri: ServerUri, facts: RegistrationFacts): Request {
  const { lifetime, bindingMode, smsNumber, links } = facts;
  return {
    method: Method.post,
    uriPath: [...uri.path, registrationPath],
    uriQuery: [
      ...uri.query,
      ...formatRegistrationQuery({ endpointName, lifetime, version: enablerVersion, bindingMode, smsNumber }),
    ],
    contentFormat: ContentFormat.linkFormat,
    payload: utf8Encode(links),
  };
}

/** Update (1.0 §5.3.2): only what changed; nothing at all just refreshes the lifetime. */
export function updateRequest(
  location: readonly string[],
  told: RegistrationFacts,
  current: RegistrationFacts,
): Request {
  const { query, links } = updateContent(told, current);
  return {
    method: Method.post,
    uriPath: location,
    uriQuery: query,
    ...(links !== undefined && { contentFormat: ContentFormat.linkFormat, payload: utf8Encode(links) }),
  };
}

/** Deregister (1.0 §5.3.3). */
export function deregisterRequest(location: readonly string[]): Request {
  return { method: Method.delete, uriPath: location };
}
