import type { ServerEvent } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { BootstrapDiagnostic } from '@dunlin/bootstrap';
import { formatHostAndPort } from '@dunlin/node';
import type { ServerDiagnostic } from '@dunlin/server';

import { instantText } from '../http/device-to-summary.ts';
import { identityText } from '../http/identity-text.ts';
import type { HandshakeFailure } from '../server/handshake-failure.ts';

/** The event of a request that was refused. */
export function refusedEvent({
  time,
  endpointName,
  operation,
  peer,
  coapCode,
  reason,
}: Extract<ServerDiagnostic | BootstrapDiagnostic, { readonly kind: 'request-refused' }>): ServerEvent {
  const identity = identityText(peer.security);
  return {
    type: 'refused',
    time: instantText(time),
    ...(endpointName === undefined ? {} : { endpoint: endpointName }),
    operation,
    address: formatHostAndPort(peer.address, peer.port),
    security: peer.security.kind,
    ...(identity === undefined ? {} : { identity }),
    coapCode,
    reason,
  };
}

/** The event of a handshake that failed. */
export function handshakeFailedEvent(
  { address, claimed, endpoint, reason }: HandshakeFailure,
  time: Instant,
): ServerEvent {
  const identity = claimed && identityText(claimed);
  return {
    type: 'handshake-failed',
    time: instantText(time),
    ...(endpoint === undefined ? {} : { endpoint }),
    address,
    ...(claimed === undefined ? {} : { security: claimed.kind }),
    ...(identity === undefined ? {} : { identity }),
    reason,
  };
}
