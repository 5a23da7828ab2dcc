import { milliseconds } from '@dunlin/base';
import { cipherSuites } from '@dunlin/dtls';
import { maxUserData } from '@dunlin/sms';

import type { DtlsProtocolOptions } from '../dtls/dtls-options.ts';

const day = 24 * 60 * 60 * 1000;

/**
 * DTLS over short messages, for either side: each message costs, and takes seconds to minutes.
 *
 * - Pre-shared keys with AES-128-CCM-8 and nothing else (1.0 §7.2.2.1.4): certificates would take a dozen messages.
 * - Flights are cut to single short messages and never concatenated (RFC 7925 appendix A.2). They are sent again once,
 *   after a minute: the network delivers by itself, and what is late is not lost.
 *   The cookie that proves that a client receives at its number is good for as long as messages may take.
 * - No handshake is repeated that can be avoided: sessions are resumed for a week, and an association is as long as its
 *   peer is heard of within four weeks.
 *
 * Use it with `connectionIdLength: 'none'`: numbers do not change as addresses do, and an id costs a byte of ten.
 */
export const smsDtlsProtocol: DtlsProtocolOptions = {
  suites: cipherSuites.filter(({ name }) => name === 'TLS_PSK_WITH_AES_128_CCM_8'),
  flight: {
    initialTimeout: milliseconds(60_000),
    maxTimeout: milliseconds(120_000),
    jitter: 0.1,
    maxRetransmissions: 1,
    maxDatagramLength: maxUserData,
    retransmissionsUntilBackOff: 1,
  },
  handshake: { handshakeTimeout: milliseconds(300_000) },
  association: { closingTime: milliseconds(60_000), cookieLifetime: milliseconds(300_000) },
  limits: { idleTimeout: milliseconds(28 * day), evictableAfter: milliseconds(7 * day) },
  sessions: { maxLifetime: milliseconds(7 * day) },
};
