import { type Seconds, seconds } from '@dunlin/base';

/** What an update may use, and how patient it is. */
export interface FirmwareUpdateLimits {
  /** Bytes of a package; a larger one is not enough flash. */
  readonly maximumSize: number;
  /** How long nothing may come before the connection counts as lost; noticed a quarter later at most. */
  readonly stallTimeout: Seconds;
  /** How often a download is begun or continued without a byte before the connection counts as lost for good. */
  readonly downloadAttempts: number;
  /** How long after a lost connection a download goes on; doubled at each attempt without a byte. */
  readonly retryDelay: Seconds;
  readonly maximumRetryDelay: Seconds;
}

/**
 * 16 MiB, more than which TLV cannot say the length of; 247 s, after which CoAP has forgotten a transfer as well
 * (EXCHANGE_LIFETIME, RFC 7252 §4.8.2); 6 attempts over 5 minutes, which a modem takes to find another cell.
 */
export const firmwareUpdateLimitsDefaults: FirmwareUpdateLimits = {
  maximumSize: 16 * 1024 * 1024,
  stallTimeout: seconds(247),
  downloadAttempts: 6,
  retryDelay: seconds(10),
  maximumRetryDelay: seconds(300),
};
