import type { Peer } from '@dunlin/coap';

import type { BootstrapClient } from './bootstrap/bootstrap-client.ts';
import type { ClientDiagnostic } from './client-diagnostic.ts';
import type { ServerSession } from './server-session.ts';
import { isBehind } from './sms/sms-channel.ts';

/** As what a peer's requests are taken at the moment. */
export type PeerRole =
  | { readonly kind: 'server'; readonly session: ServerSession }
  | { readonly kind: 'bootstrap-server' }
  | { readonly kind: 'nobody'; readonly reason: (ClientDiagnostic & { kind: 'request-dropped' })['reason'] };

/**
 * A Server that the client is registered with is served; commands of the Bootstrap-Server are obeyed, before which
 * everything else gives way; all others are passed over. `bootstrap` is absent when the client closes.
 */
export function roleOf(
  peer: Peer,
  sessions: readonly ServerSession[],
  bootstrap: BootstrapClient | undefined,
): PeerRole {
  const isBootstrapping = bootstrap?.engine.isActive === true;
  const session = sessions.find(
    ({ link, sms }) => link.peer?.key === peer.key || (sms !== undefined && isBehind(sms, peer)),
  );
  if (session?.registration.isServing === true && !isBootstrapping) return { kind: 'server', session };
  if (bootstrap?.link.peer?.key === peer.key) return { kind: 'bootstrap-server' };
  if (session === undefined) return { kind: 'nobody', reason: 'unknown-peer' };
  return { kind: 'nobody', reason: isBootstrapping ? 'bootstrapping' : 'not-registered' };
}
