import { milliseconds } from '@dunlin/base';

import type { Peer } from '../peer.ts';
import type { TransmissionParameters } from './transmission-parameters.ts';

/** Bytes of data in three concatenated short messages (3GPP TS 23.040 §9.2.3.24.1), which is what one datagram may cost. */
const datagramSize = 3 * 134;
/** Header, nonce and tag of a record of DTLS 1.2 with AES-128-CCM-8 (RFC 6655 §3). */
const recordOverhead = 29;

/**
 * CoAP over short messages: the network delivers by itself, within minutes, and each message costs. No retransmission;
 * an answer is waited for as long as the request lives in the message centre, 300 s, and a little longer, so that what
 * is known of its fate is told first; so long it may be on its way, too. It comes in the acknowledgement, however long
 * it takes. Blocks of 64 bytes fit into one short message beside a header, token and options (128 do not); what fits
 * into three goes whole. No body takes more than 16 blocks. Four Resets an hour to a number: of observations that are
 * forgotten, each takes one.
 */
export const smsTransmission: Partial<TransmissionParameters> = {
  ackTimeout: milliseconds(302_000),
  ackRandomFactor: 1,
  maxRetransmit: 0,
  nstart: 1,
  maxLatency: milliseconds(300_000),
  piggybackWindow: milliseconds(Infinity),
  blockSize: 64,
  fillsMessages: true,
  maxMessageSize: datagramSize,
  maxBodySize: 16 * 64,
  resetsPerHour: 4,
};

const overDtls: Partial<TransmissionParameters> = {
  ...smsTransmission,
  maxMessageSize: datagramSize - recordOverhead,
};

/** The parameters that the transport of a peer asks for; `undefined` for those of RFC 7252. */
export function transmissionForTransport({
  transport,
  security,
}: Peer): Partial<TransmissionParameters> | undefined {
  switch (transport) {
    case 'sms':
      return security.kind === 'none' ? smsTransmission : overDtls;
    case 'udp':
    case 'tcp':
      return undefined;
  }
}
