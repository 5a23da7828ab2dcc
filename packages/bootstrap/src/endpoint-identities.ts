import { type Peer, ResponseCode } from '@dunlin/coap';
import { namesEndpoint } from '@dunlin/dtls';

import type { MaybePromise } from './maybe-promise.ts';

/** Who wants to be bootstrapped as what. */
export interface EndpointClaim {
  readonly endpointName: string;
  readonly peer: Peer;
}

/** Whether he may. The reason is sent as diagnostic payload and told to `diagnostics`. */
export type EndpointJudgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: ResponseCode; readonly reason: string };

/**
 * Port: whether an endpoint name belongs to a peer. The `DeviceCredentials` of the Server package are one; they
 * should be others than those of registrations, since keys of a bootstrap are for nothing else.
 */
export interface EndpointIdentities {
  judge(claim: EndpointClaim): MaybePromise<EndpointJudgement>;
}

/**
 * The rule without a table: the endpoint name is equal to the PSK identity or is one of the names in the certificate. A
 * peer without security may say that he is anybody.
 */
export const identitiesByEquality: EndpointIdentities = {
  judge: ({ endpointName, peer: { security } }) =>
    security.kind === 'none' || namesEndpoint(security, endpointName)
      ? { kind: 'accepted' }
      : {
          kind: 'refused',
          code: ResponseCode.badRequest,
          reason: 'the endpoint name does not belong to the authenticated identity',
        },
};
