import { DunlinError } from '@dunlin/base';
import { FirmwareError, type FirmwareFailure } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

const { connectionLost, invalidUri } = FirmwareUpdateResult;

/** Codes of Node.js that mean: there is nobody at that name, or nobody whom the device trusts. */
const forGood: readonly RegExp[] = [
  /^ENOTFOUND$/,
  /^ERR_INVALID_URL$/,
  /^ERR_TLS_CERT/,
  /^CERT_/,
  /SELF_SIGNED/,
  /^UNABLE_TO_(GET|VERIFY)/,
  /^HOSTNAME_MISMATCH$/,
  /^INVALID_CA$/,
];

/**
 * What was thrown on the way to a package, as a `FirmwareError`: an invalid URI where another attempt would fail as well,
 * a lost connection else. A DTLS handshake that failed is of the second kind: alerts in it are nobody's for certain, and a
 * server that starts anew in the middle of one breaks it, too.
 */
export function downloadFailure(error: unknown): FirmwareError {
  if (error instanceof FirmwareError) return error;
  const result: FirmwareFailure = isForGood(error) ? invalidUri : connectionLost;
  const message = error instanceof Error ? error.message : String(error);
  return new FirmwareError(result, message, { cause: error });
}

/** A `FirmwareError` with the result of its name. */
export function invalid(message: string): FirmwareError {
  return new FirmwareError(invalidUri, message);
}

/** A `FirmwareError` with the result of its name. */
export function lost(message: string): FirmwareError {
  return new FirmwareError(connectionLost, message);
}

function isForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (DunlinError.is(error) && error.code === 'usage') return true;
  const code = 'code' in error ? String(error.code) : '';
  return (
    forGood.some((pattern) => pattern.test(code)) || (error.cause !== undefined && isForGood(error.cause))
  );
}
