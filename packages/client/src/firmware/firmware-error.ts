import { DunlinError } from '@dunlin/base';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

/** The results that say what went wrong. */
export type FirmwareFailure = Exclude<
  FirmwareUpdateResult,
  typeof FirmwareUpdateResult.initial | typeof FirmwareUpdateResult.success
>;

/** Why a firmware update goes no further: what images, downloaders and handlers of a device reject with (1.0 E.6). */
export class FirmwareError extends DunlinError {
  readonly code = 'firmware-update';
  /** What Update Result, `/5/0/5`, says of it. */
  readonly result: FirmwareFailure;

  constructor(result: FirmwareFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.result = result;
  }
}

/** The connection is lost: it may go better later. */
export function connectionLost(message: string): FirmwareError {
  return new FirmwareError(FirmwareUpdateResult.connectionLost, message);
}

/** What was thrown, as a `FirmwareError`: of anything else the result is `otherwise`. */
export function firmwareErrorFrom(error: unknown, otherwise: FirmwareFailure): FirmwareError {
  if (
    DunlinError.is(error) &&
    error.code === 'firmware-update' &&
    'result' in error &&
    isFailure(error.result)
  ) {
    return error instanceof FirmwareError
      ? error
      : new FirmwareError(error.result, error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new FirmwareError(otherwise, message, { cause: error });
}

function isFailure(result: unknown): result is FirmwareFailure {
  const isKnown = Object.values(FirmwareUpdateResult).some((known) => known === result);
  return isKnown && result !== FirmwareUpdateResult.initial && result !== FirmwareUpdateResult.success;
}
