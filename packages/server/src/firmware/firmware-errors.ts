import { DunlinError } from '@dunlin/base';

import type { FirmwareFailure, FirmwareUpdate } from './firmware-update.ts';

/** An update of firmware failed or was cancelled. */
export class FirmwareUpdateError extends DunlinError {
  readonly code = 'firmware-update';
  readonly update: FirmwareUpdate;
  /** `undefined` for one that was cancelled. */
  readonly failure: FirmwareFailure | undefined;

  constructor(update: FirmwareUpdate) {
    const { endpointName, state } = update;
    const failure = state.kind === 'failed' ? state.failure : undefined;
    super(failure?.message ?? `the update of ${endpointName} was cancelled`);
    this.update = update;
    this.failure = failure;
  }
}

/** What was asked does not go with where the update stands. */
export class FirmwareConflictError extends DunlinError {
  readonly code = 'firmware-conflict';
}

/** There is no such image. */
export class NoSuchImageError extends DunlinError {
  readonly code = 'no-such-image';
}
