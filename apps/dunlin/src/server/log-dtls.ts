import { type DtlsDiagnostic, formatHostAndPort } from '@dunlin/node';
import type { Logger } from 'pino';

import { identityText } from '../http/identity-text.ts';

/** Logs one diagnostic of DTLS. What peers do wrong is ordinary; what fails here is an error. Never a secret. */
export function logDtlsDiagnostic(diagnostic: DtlsDiagnostic, log: Logger): void {
  switch (diagnostic.kind) {
    case 'established':
    case 'address-changed':
    case 'closed':
    case 'passed-over':
    case 'not-sent':
      logAssociation(diagnostic, log);
      return;
    case 'lookup-failed': {
      const { reason, cause } = diagnostic;
      log.error({ reason, cause: causeText(cause) }, 'credentials could not be looked up');
      return;
    }
    case 'state-restored': {
      const { associations, expired, refused } = diagnostic;
      log.info({ associations, expired, refused: refused.length }, 'secure associations go on');
      return;
    }
    case 'state-not-restored':
      log.warn({ reason: diagnostic.reason }, `secure associations do not go on: ${newHandshakes}`);
      return;
    case 'state-saved':
      log.info({ associations: diagnostic.associations }, 'kept the secure associations for the next start');
      return;
    case 'state-not-saved':
      log.error({ reason: diagnostic.reason }, `could not keep the secure associations: ${newHandshakes}`);
      return;
    case 'key-log-failed':
      log.error({ cause: causeText(diagnostic.cause) }, 'the keys of an association could not be logged');
      return;
    // Whoever looks up whose credential it was tells of a failed handshake, whoever opens the key log of that.
    // What a peer claims is told with the outcome of its handshake.
    case 'claimed':
    case 'failed':
    case 'keys-are-logged':
      return;
  }
}

const newHandshakes = 'every device has to make a new handshake';

type AssociationDiagnostic = Extract<
  DtlsDiagnostic,
  { readonly kind: 'established' | 'address-changed' | 'closed' | 'passed-over' | 'not-sent' }
>;

/** The ordinary life of associations. */
function logAssociation(diagnostic: AssociationDiagnostic, log: Logger): void {
  switch (diagnostic.kind) {
    case 'established': {
      const { peer, isResumed, suite, credentialId: credential, address } = diagnostic;
      const facts = { security: peer.kind, identity: identityText(peer), credential, isResumed, suite };
      log.debug({ address: addressOf(address), ...facts }, 'secured an association');
      return;
    }
    case 'address-changed':
      log.debug({ address: addressOf(diagnostic.address) }, 'a secure association has moved');
      return;
    case 'closed': {
      const { address, reason } = diagnostic;
      log.debug({ address: addressOf(address), reason }, 'a secure association ended');
      return;
    }
    case 'passed-over': {
      const { problem, detail: reason, from } = diagnostic;
      log.debug({ address: addressOf(from), problem, reason }, 'passed over a datagram');
      return;
    }
    case 'not-sent':
      log.debug({ reason: diagnostic.outcome }, 'could not send on a secure association');
      return;
  }
}

function addressOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return formatHostAndPort(address, port);
}

function causeText(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
