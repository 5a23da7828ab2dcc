import type { ClientSms, SmsCounters, SmsPolicy } from '@dunlin/client';
import type { LinkStatistics } from '@dunlin/sms';

import { usableCredential } from '../dtls/client-dtls.ts';
import { dtlsClient, type DtlsClientOptions } from '../dtls/dtls-client.ts';
import { type SmsBinding, sms } from './sms-binding.ts';
import { smsDtlsProtocol } from './sms-dtls.ts';
import type { SmsOptions } from './sms-options.ts';

/** How an LwM2M Client sends and receives short messages. */
export interface ClientSmsOptions extends Omit<SmsOptions, 'isAllowed' | 'unprotected'> {
  readonly policy?: Partial<SmsPolicy>;
  /** Associations over short messages that outlive the process, and what is told of them. */
  readonly dtls?: Pick<DtlsClientOptions, 'savedState' | 'onDiagnostic' | 'keyLog'>;
}

/** The short messages of a client, with a count of them for `connectivityStatistics`. */
export interface CountedClientSms extends ClientSms {
  /** Since the client was opened; each part of a concatenated one counts. */
  counters(): SmsCounters;
}

/**
 * The short messages of an `LwM2mClient`, over a modem or an account at a message centre: with DTLS and pre-shared keys
 * where the Security Object says so, unprotected for triggers only (1.0 §7.2). Messages of numbers that are no
 * Server's are passed over.
 */
export function clientSms({ policy, dtls, ...options }: Readonly<ClientSmsOptions>): CountedClientSms {
  let binding: SmsBinding | undefined;
  return {
    number: options.number,
    ...(policy !== undefined && { policy }),
    open: ({ isServerNumber, unprotectedFrom, credentialFor }) => {
      const plain = sms({ ...options, isAllowed: isServerNumber, unprotected: unprotectedFrom });
      binding = plain;
      const secure = dtlsClient({
        ...dtls,
        port: 0,
        carrier: plain.records,
        connectionIdLength: 'none',
        protocol: smsDtlsProtocol,
        credentialFor: (number) => usableCredential(credentialFor(number)),
      });
      return { plain, secure };
    },
    counters: () => (binding === undefined ? { sent: 0, received: 0 } : countersOf(binding.statistics)),
  };
}

/** What may have been sent counts as sent: it may have been paid for. */
function countersOf({ sent, received }: LinkStatistics): SmsCounters {
  const each = Object.values(sent).map(({ accepted, unknown }) => accepted + unknown);
  return { sent: each.reduce((sum, count) => sum + count, 0), received: received.taken };
}
