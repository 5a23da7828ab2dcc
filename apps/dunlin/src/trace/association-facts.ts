import type { PeerIdentity } from '@dunlin/dtls';
import { type DtlsDiagnostic, formatHostAndPort } from '@dunlin/node';

import { identityText } from '../http/identity-text.ts';
import type { AssociationRecord } from './trace-record.ts';

/** What a trace says of a diagnostic of DTLS; `undefined` for one that is of no device. */
export function associationFacts(diagnostic: DtlsDiagnostic): AssociationRecord['facts'] | undefined {
  switch (diagnostic.kind) {
    case 'claimed':
      return {
        address: placeOf(diagnostic.address),
        event: 'claimed',
        ...who(diagnostic.claimed),
      };
    case 'established': {
      const { address, peer, suite, isResumed } = diagnostic;
      return { address: placeOf(address), event: 'established', ...who(peer), suite, isResumed };
    }
    case 'address-changed':
      return { address: placeOf(diagnostic.address), event: 'address-changed' };
    case 'closed':
      return { address: placeOf(diagnostic.address), event: 'closed', reason: diagnostic.reason };
    case 'failed': {
      const { address, claimed, detail, alert } = diagnostic;
      return {
        address: placeOf(address),
        event: 'failed',
        ...(claimed === undefined ? {} : who(claimed)),
        reason: detail,
        ...(alert === undefined ? {} : { alert }),
      };
    }
    case 'passed-over':
    case 'not-sent':
    case 'lookup-failed':
    case 'keys-are-logged':
    case 'key-log-failed':
    case 'state-restored':
    case 'state-not-restored':
    case 'state-saved':
    case 'state-not-saved':
      return undefined;
  }
}

/** An address as text: `192.0.2.7:40123`. */
export function placeOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return formatHostAndPort(address, port);
}

function who(peer: PeerIdentity): { readonly security: PeerIdentity['kind']; readonly identity?: string } {
  const identity = identityText(peer);
  return { security: peer.kind, ...(identity === undefined ? {} : { identity }) };
}
