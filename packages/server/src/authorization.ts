import type { Instant } from '@dunlin/base';

import type { Authorization, AuthorizationRequest } from './authorizer.ts';
import { judgeByEquality, judgeIdentity } from './credentials/identity-rules.ts';
import { andThen } from './maybe-promise.ts';
import type { MaybePromise } from './registration-store.ts';
import type { ServerContext } from './server-context.ts';

/** What somebody wants to do, and when. */
export interface Claim extends AuthorizationRequest {
  readonly now: Instant;
}

/**
 * All that may refuse a peer: the rules about identities, and the authorizer of the application. An Update and
 * a De-register come from who registered, whose identity was judged then.
 */
export function authorize(
  context: Pick<ServerContext, 'authorizer' | 'credentials'>,
  { now, ...request }: Claim,
): MaybePromise<Authorization> {
  if (request.operation !== 'register') return context.authorizer?.authorize(request) ?? accepted;
  return andThen(judge(context, { now, ...request }), (authorization) =>
    authorization.kind === 'refused'
      ? authorization
      : (context.authorizer?.authorize(request) ?? authorization),
  );
}

function judge(
  { credentials, authorizer }: Pick<ServerContext, 'authorizer' | 'credentials'>,
  { endpointName, peer, registration, now }: Claim,
): MaybePromise<Authorization> {
  const isAlive = registration !== undefined && registration.expiresAt > now;
  const claim = { endpointName, peer, registration: isAlive ? registration : undefined };
  if (credentials !== undefined) return judgeIdentity(claim, credentials.store);
  return authorizer === undefined ? judgeByEquality(claim) : accepted;
}

const accepted: Authorization = { kind: 'accepted' };
