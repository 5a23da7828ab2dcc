import { type Peer, ResponseCode } from '@dunlin/coap';
import { isRefusal, parseBootstrapQuery, problemOfEndpointName, type Refusal, refusal } from '@dunlin/lwm2m';

import type { BootstrapContext } from './bootstrap-context.ts';
import type { Call } from './bootstrap-listener.ts';

/** A Bootstrap-Request that is understood. */
export interface BootstrapRequest {
  readonly endpointName: string;
  /** What was passed over, one sentence each. */
  readonly warnings: readonly string[];
}

/** Reads a Bootstrap-Request, or says why it is refused. */
export function parseBootstrapRequest(
  { request, peer }: Call,
  { limits, isStrict }: Pick<BootstrapContext, 'limits' | 'isStrict'>,
): BootstrapRequest | Refusal {
  if (!request.isConfirmable) return badRequest('a Bootstrap-Request must be confirmable');
  const query = parseBootstrapQuery(request.uriQuery, {
    unknownParameters: isStrict ? 'refuse' : 'keep',
    isEndpointNameRequired: isStrict,
  });
  if (isRefusal(query)) return query;
  const endpointName = query.endpointName ?? identityOf(peer);
  if (endpointName === undefined) return badRequest('the mandatory parameter ep is missing');
  const problem = problemOfEndpointName(endpointName, limits.endpointNameLength);
  if (problem !== undefined) return badRequest(`the endpoint name ${problem}`);
  return {
    endpointName,
    warnings: query.unknown.map((name) => `the parameter ${JSON.stringify(name)} is unknown: passed over`),
  };
}

/** The name that the peer's credentials carry; a PSK identity usually is the endpoint name. */
function identityOf({ security }: Peer): string | undefined {
  return security.kind === 'psk' && security.identity !== '' ? security.identity : undefined;
}

function badRequest(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, reason);
}
