import type { ClientSms, SmsPolicy } from '@dunlin/client';

import { usableCredential } from '../dtls/client-dtls.ts';
import { dtlsClient, type DtlsClientOptions } from '../dtls/dtls-client.ts';
import { sms } from './sms-binding.ts';
import { smsDtlsProtocol } from './sms-dtls.ts';
import type { SmsOptions } from './sms-options.ts';

/** How an LwM2M Client sends and receives short messages. */
export interface ClientSmsOptions extends Omit<SmsOptions, 'isAllowed' | 'unprotected'> {
  readonly policy?: Partial<SmsPolicy>;
  /** Associations over short messages that outlive the process, and what is told of them. */
  readonly dtls?: Pick<DtlsClientOptions, 'savedState' | 'onDiagnostic' | 'keyLog'>;
}

/**
 * The short messages of an `LwM2mClient`, over a modem or an account at a message centre: with DTLS and pre-shared keys
 * where the Security Object says so, unprotected for triggers only (1.0 §7.2). Messages of numbers that are no
 * Server's are passed over.
 */
export function clientSms({ policy, dtls, ...options }: Readonly<ClientSmsOptions>): ClientSms {
  return {
    number: options.number,
    ...(policy !== undefined && { policy }),
    open: ({ isServerNumber, unprotectedFrom, credentialFor }) => {
      const binding = sms({ ...options, isAllowed: isServerNumber, unprotected: unprotectedFrom });
      const secure = dtlsClient({
        ...dtls,
        port: 0,
        carrier: binding.records,
        connectionIdLength: 'none',
        protocol: smsDtlsProtocol,
        credentialFor: (number) => usableCredential(credentialFor(number)),
      });
      return { plain: binding, secure };
    },
  };
}
