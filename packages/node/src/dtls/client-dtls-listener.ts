import type { SecureCredential, SecureListener } from '@dunlin/client';
import { isRefusal, judgePeer, type PeerEvidence, type Refusal } from '@dunlin/dtls';

import { now } from '../clock.ts';
import { usableCredential } from './client-dtls.ts';
import type { DtlsCredentials, VouchedFor } from './dtls-credentials.ts';
import type { DtlsOptions } from './dtls-options.ts';
import { dtls } from './dtls-server.ts';

/** How a device listens for a Bootstrap-Server. */
export interface ClientDtlsListenerOptions extends Omit<DtlsOptions, 'savedState'> {
  /** What the device shows where its account has a raw public key or a certificate; not needed with pre-shared keys. */
  readonly own?: DtlsCredentials['own'];
}

/** There is one credential only, that of the account. */
const vouched: VouchedFor = { credentialId: 'bootstrap-server' };

/**
 * Listens for a Bootstrap-Server that begins by itself (1.0 §5.2.3.4, §7.1.6): the device is the DTLS server, and answers
 * whoever has the credential of its account with the Bootstrap-Server. Everybody else is refused.
 */
export function clientDtlsListener(options: Readonly<ClientDtlsListenerOptions>): SecureListener {
  const { own, ...others } = options;
  return (credential) =>
    dtls({
      ...others,
      credentials: {
        ...(own !== undefined && { own }),
        pskFor: (identity) => {
          const known = credential();
          const isKnown = known?.kind === 'psk' && known.identity === identity;
          return Promise.resolve(isKnown ? { key: known.key, ...vouched } : undefined);
        },
        trusts: (evidence) => Promise.resolve(trusts(evidence, credential())),
      },
    });
}

function trusts(
  evidence: PeerEvidence,
  known: SecureCredential | undefined,
): VouchedFor | Refusal | undefined {
  if (known === undefined) return undefined;
  // Each bootstrap takes a session of its own.
  if (evidence.kind === 'session') return undefined;
  const { trust } = usableCredential(known);
  if (trust === undefined) return undefined;
  const judged = judgePeer(evidence.certificate, trust, { now: now(), role: 'client' });
  return isRefusal(judged) ? judged : vouched;
}
