import type { FirmwareFailureDocument, FirmwareImageDocument, FirmwareUpdateDocument } from '@dunlin/api';
import {
  type FirmwareFailure,
  type FirmwareImage,
  type FirmwareUpdate,
  imageLabels,
  resultMeaning,
  transferredBytes,
} from '@dunlin/server';

import { instantText } from './device-to-summary.ts';

/** The JSON form of an image. */
export function imageToDocument(image: FirmwareImage): FirmwareImageDocument {
  const { id, name, size, addedAt } = image;
  return { id, name, ...imageLabels(image), size, addedAt: instantText(addedAt) };
}

/** The JSON form of an update with what happened so far. */
export function updateToDocument(update: FirmwareUpdate): FirmwareUpdateDocument {
  const log = update.log.map(({ at, message }) => ({ at: instantText(at), message }));
  return { ...updateToEventDocument(update), log };
}

/**
 * The JSON form of an update for events, of which there may be one a second. The URI of a pull is not in it: who knows
 * that can fetch the image.
 */
export function updateToEventDocument(update: FirmwareUpdate): FirmwareUpdateDocument {
  const { endpointName, id, image, install, delivery, attempts, state, versionBefore } = update;
  return {
    endpoint: endpointName,
    id,
    image: { id: image.id, name: image.name, ...imageLabels(image), size: image.size },
    state: state.kind,
    install,
    method: delivery.method,
    ...(delivery.protocol === undefined ? {} : { protocol: delivery.protocol }),
    ...(delivery.blockSize === undefined ? {} : { blockSize: delivery.blockSize }),
    ...transferOf(update),
    transferred: transferredBytes(update),
    attempts,
    startedAt: instantText(update.startedAt),
    activeAt: instantText(update.activeAt),
    ...(versionBefore === undefined ? {} : { versionBefore }),
    ...endOf(update),
  };
}

function transferOf({ state }: FirmwareUpdate): Pick<FirmwareUpdateDocument, 'transfer'> {
  if (state.kind !== 'transferring') return {};
  const { transfer } = state;
  const { method } = transfer;
  return { transfer: method === 'push' ? { method } : { method, protocol: transfer.protocol } };
}

function endOf({
  state,
}: FirmwareUpdate): Pick<FirmwareUpdateDocument, 'finishedAt' | 'firmwareVersion' | 'failure'> {
  switch (state.kind) {
    case 'waiting':
    case 'transferring':
    case 'downloaded':
    case 'installing':
    case 'cancelling':
      return {};
    case 'succeeded': {
      const { firmwareVersion } = state;
      const version = firmwareVersion === undefined ? {} : { firmwareVersion };
      return { finishedAt: instantText(state.at), ...version };
    }
    case 'failed':
      return { finishedAt: instantText(state.at), failure: failureToDocument(state.failure) };
    case 'cancelled':
      return { finishedAt: instantText(state.at) };
  }
}

function failureToDocument({ reason, message, result, coapCode }: FirmwareFailure): FirmwareFailureDocument {
  return {
    reason,
    message,
    ...(result === undefined ? {} : { result, resultMeaning: resultMeaning(result) }),
    ...(coapCode === undefined ? {} : { coapCode }),
  };
}
