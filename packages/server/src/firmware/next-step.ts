import type { DeviceFacts } from './device-facts.ts';
import type { FirmwareFailure, FirmwareTransfer, FirmwareUpdate } from './firmware-update.ts';
import { DeviceFirmwareState, resultMeaning, UpdateResult } from './update-result.ts';

/** What is to be done next with a device. */
export type FirmwareStep =
  /** Nothing but to wait until something changes; `isBegun` when the device was seen at what it was asked for. */
  | { readonly kind: 'wait'; readonly isBegun?: boolean }
  /** Have the device forget its image and its result. */
  | { readonly kind: 'reset' }
  /** Choose a way, and begin a transfer. */
  | { readonly kind: 'begin' }
  /** Begin or go on with a push. */
  | { readonly kind: 'push' }
  /** Tell the device where it can fetch the image. */
  | { readonly kind: 'tell-uri' }
  | { readonly kind: 'execute' }
  /** The device has lost what it had: everything anew. */
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'downloaded' }
  /** It installs, whoever asked it to. */
  | { readonly kind: 'installing' }
  | { readonly kind: 'succeeded' }
  /** It does not say how the installation ended: its version has to. */
  | { readonly kind: 'judge-by-version' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: FirmwareFailure };

const { idle, downloading, downloaded, updating } = DeviceFirmwareState;

/**
 * What to do with a device that says this of itself, under this registration, so that the update goes on: the state
 * machine of a server (1.0 E.6). It looks at what is, never at what was answered to a Write (R-1057a), so that it goes
 * on from wherever device or server were interrupted.
 */
export function nextStep(update: FirmwareUpdate, device: DeviceFacts, registrationId: string): FirmwareStep {
  const { state } = update;
  switch (state.kind) {
    case 'waiting':
      return beforeTransfer(update, device);
    case 'transferring':
      return duringTransfer(update, state.transfer, device, registrationId);
    case 'downloaded':
      return afterTransfer(update, device);
    case 'installing':
      return duringInstallation(update, state, device, registrationId);
    case 'cancelling':
      if (device.state === idle) return { kind: 'cancelled' };
      return device.state === updating ? { kind: 'installing' } : { kind: 'reset' };
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return { kind: 'wait' };
  }
}

/** An image or a result of before is forgotten first, so that whatever is seen later is of this update. */
function beforeTransfer({ staleResult }: FirmwareUpdate, { state, result }: DeviceFacts): FirmwareStep {
  if (state === updating) return { kind: 'wait' };
  if (state !== idle) return { kind: 'reset' };
  return result === UpdateResult.initial || result === staleResult ? { kind: 'begin' } : { kind: 'reset' };
}

function duringTransfer(
  update: FirmwareUpdate,
  transfer: FirmwareTransfer,
  { state, result }: DeviceFacts,
  registrationId: string,
): FirmwareStep {
  switch (state) {
    case downloading:
      if (transfer.method === 'pull' || transfer.sent === update.image.size)
        return { kind: 'wait', isBegun: true };
      // The answer to the first block was lost, and a device that downloads takes no first block (R-1057).
      return transfer.sent === 0 ? { kind: 'reset' } : { kind: 'push' };
    case downloaded:
      return { kind: 'downloaded' };
    case updating:
      return { kind: 'installing' };
  }
  if (isNewError(update, result)) {
    // It may have it if it tries once more.
    return result === UpdateResult.connectionLost
      ? { kind: 'again', why: resultSentence(update, result) }
      : failedWith(update, result);
  }
  const { endpointName } = update;
  if (transfer.method === 'push') {
    return transfer.sent === 0
      ? { kind: 'push' }
      : { kind: 'again', why: `${endpointName} has lost what was sent to it` };
  }
  if (transfer.isBegun) return { kind: 'again', why: `${endpointName} no longer downloads the image` };
  if (transfer.askedUnder === undefined) return { kind: 'tell-uri' };
  if (transfer.askedUnder === registrationId) return { kind: 'wait' };
  return { kind: 'again', why: `${endpointName} registered anew before it began to download` };
}

function afterTransfer(update: FirmwareUpdate, { state, result }: DeviceFacts): FirmwareStep {
  switch (state) {
    case downloaded:
      return update.install === 'automatic' ? { kind: 'execute' } : { kind: 'wait' };
    case updating:
      return { kind: 'installing' };
    case downloading:
      // Where it fetches from there may be nothing any more: the URI was good for the first time.
      return lost(update);
  }
  if (isNewSuccess(update, result)) return { kind: 'succeeded' };
  if (isOfDownload(result)) return lost(update);
  return isNewError(update, result) ? failedWith(update, result) : lost(update);
}

function duringInstallation(
  update: FirmwareUpdate,
  { askedUnder, isBegun }: Extract<FirmwareUpdate['state'], { kind: 'installing' }>,
  { state, result }: DeviceFacts,
  registrationId: string,
): FirmwareStep {
  const isRestarted = askedUnder !== registrationId;
  switch (state) {
    case updating:
      return { kind: 'wait', isBegun: true };
    case downloading:
      return lost(update);
    case downloaded:
      if (isNewError(update, result)) return failedWith(update, result);
      // A device that took the Execute may need a moment.
      return isBegun && !isRestarted ? { kind: 'wait' } : { kind: 'execute' };
  }
  if (isNewSuccess(update, result)) return { kind: 'succeeded' };
  if (isNewError(update, result)) {
    return isOfDownload(result) ? lost(update) : failedWith(update, result);
  }
  return isBegun || isRestarted ? { kind: 'judge-by-version' } : { kind: 'wait' };
}

function isNewSuccess({ staleResult }: FirmwareUpdate, result: number): boolean {
  return result === UpdateResult.success && result !== staleResult;
}

function isNewError({ staleResult }: FirmwareUpdate, result: number): boolean {
  return result !== UpdateResult.initial && result !== UpdateResult.success && result !== staleResult;
}

/** A device that had the image and says this has fallen back, as its power failed before it had written that down. */
function isOfDownload(result: number): boolean {
  return result === UpdateResult.connectionLost || result === UpdateResult.invalidUri;
}

function lost({ endpointName }: FirmwareUpdate): FirmwareStep {
  return { kind: 'again', why: `${endpointName} has lost the image` };
}

function failedWith(update: FirmwareUpdate, result: number): FirmwareStep {
  return { kind: 'failed', failure: { reason: 'result', message: resultSentence(update, result), result } };
}

function resultSentence({ endpointName }: FirmwareUpdate, result: number): string {
  return `${endpointName} reports result ${result}: ${resultMeaning(result)}`;
}
