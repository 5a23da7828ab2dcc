import { equalBytes } from '@dunlin/base';
import type { Peer, PeerSecurity } from '@dunlin/coap';

/**
 * True when both peers proved to be the same: with security the same identity, from whatever address.
 * Without security there is no proof; knowing an unguessable location has to do (1.0 §8.2.4, R-342).
 */
export function samePrincipal(a: Peer, b: Peer): boolean {
  return sameSecurity(a.security, b.security);
}

function sameSecurity(a: PeerSecurity, b: PeerSecurity): boolean {
  switch (a.kind) {
    case 'none':
      return b.kind === 'none';
    case 'psk':
      return b.kind === 'psk' && a.identity === b.identity;
    case 'raw-public-key':
      return b.kind === 'raw-public-key' && equalBytes(a.publicKey, b.publicKey);
    case 'certificate':
      return b.kind === 'certificate' && equalBytes(a.certificate, b.certificate);
  }
}
