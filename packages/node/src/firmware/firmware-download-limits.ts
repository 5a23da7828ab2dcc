import { type Milliseconds, milliseconds } from '@dunlin/base';

/** How patient a download is, and how it asks. */
export interface FirmwareDownloadLimits {
  /** How long an HTTP server may take to be connected to and to answer. */
  readonly answerTimeout: Milliseconds;
  /** How long nothing may come of a body over HTTP. CoAP has its own limits for each block. */
  readonly idleTimeout: Milliseconds;
  /** Redirections of one download. */
  readonly maxRedirects: number;
  /** Largest block in bytes that CoAP servers are asked for: 16, 32, … 1024. */
  readonly blockSize: number;
}

/**
 * 30 s and 60 s, about what CoAP waits for one block (MAX_TRANSMIT_WAIT, RFC 7252 §4.8.2); 5 redirections, as RFC 9110
 * §15.4 once recommended and nobody needs more; blocks of 1024 bytes (RFC 7252 §4.6).
 */
export const firmwareDownloadLimitsDefaults: FirmwareDownloadLimits = {
  answerTimeout: milliseconds(30_000),
  idleTimeout: milliseconds(60_000),
  maxRedirects: 5,
  blockSize: 1024,
};
