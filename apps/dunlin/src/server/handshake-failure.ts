import type { PeerIdentity } from '@dunlin/dtls';
import { type DtlsDiagnostic, formatHostAndPort } from '@dunlin/node';
import type { CredentialStore, CredentialSummary } from '@dunlin/server';

/** A device that could not secure an association, as an operator wants to know it. */
export interface HandshakeFailure {
  /** Such as `192.0.2.7:40123`. */
  readonly address: string;
  /** Who it said it is, when it came to that; nothing of it was proved. */
  readonly claimed: PeerIdentity | undefined;
  /** Whose credential that is, when somebody has it. */
  readonly endpoint: string | undefined;
  readonly reason: string;
}

/** The diagnostics of DTLS that say that a device could not come. */
type FailureDiagnostic = Extract<DtlsDiagnostic, { readonly kind: 'failed' | 'passed-over' }>;

/** True for a device that could not come. What we end or begin anew ourselves is no failure of the device. */
export function isHandshakeFailure(diagnostic: DtlsDiagnostic): diagnostic is FailureDiagnostic {
  if (diagnostic.kind === 'passed-over') return diagnostic.problem === 'not-acceptable';
  if (diagnostic.kind !== 'failed') return false;
  return diagnostic.reason !== 'closed-here' && diagnostic.reason !== 'replaced';
}

/**
 * What a diagnostic of DTLS says of a device that could not come. A device learns the same for an unknown identity
 * and a wrong key (RFC 4279 §2); here is told which it was.
 */
export async function handshakeFailure(
  diagnostic: FailureDiagnostic,
  store: CredentialStore,
): Promise<HandshakeFailure> {
  if (diagnostic.kind === 'passed-over') {
    const { from, detail } = diagnostic;
    const address = formatHostAndPort(from.address, from.port);
    return { address, claimed: undefined, endpoint: undefined, reason: detail };
  }
  const { claimed, address } = diagnostic;
  const credential = claimed && (await store.findByProof(claimed));
  return {
    address: formatHostAndPort(address.address, address.port),
    claimed,
    endpoint: credential?.endpointName,
    reason: reasonOf(diagnostic, credential),
  };
}

function reasonOf(
  { reason, claimed, detail }: Extract<DtlsDiagnostic, { readonly kind: 'failed' }>,
  credential: CredentialSummary | undefined,
): string {
  if (reason !== 'wrong-key') return detail;
  if (claimed === undefined) return 'the PSK identity is no text of 1 to 256 bytes';
  if (claimed.kind !== 'psk') return detail;
  return credential === undefined
    ? 'no credential has this PSK identity'
    : `the pre-shared key is not that of credential ${credential.id}`;
}
