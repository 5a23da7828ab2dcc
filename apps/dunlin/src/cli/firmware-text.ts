import type { FirmwareImageDocument, FirmwareUpdateDocument } from '@dunlin/api';

import { relativeText } from './duration-text.ts';
import { printable, renderTable } from './table.ts';

/** A number of bytes with three digits or so: `12 B`, `3.4 KiB`, `128 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB']) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${unit === 'B' || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** How far an update is, in words. */
export function updateLine(update: FirmwareUpdateDocument): string {
  const { state, image, transferred, transfer, failure, firmwareVersion } = update;
  switch (state) {
    case 'waiting':
      return 'waits for the device';
    case 'transferring': {
      const way = transfer?.method === 'pull' ? `pull by ${transfer.protocol ?? '?'}` : 'push';
      return `${percent(transferred, image.size)} of ${bytesText(image.size)} (${way})`;
    }
    case 'downloaded':
      return update.install === 'manual' ? 'downloaded: waits to be installed' : 'downloaded';
    case 'installing':
      return 'the device installs the image';
    case 'cancelling':
      return 'cancelled; the device is still to be told';
    case 'succeeded':
      return firmwareVersion === undefined ? 'succeeded' : `succeeded: the firmware is ${firmwareVersion}`;
    case 'failed':
      return `failed: ${failure?.message ?? ''}`;
    case 'cancelled':
      return 'cancelled';
  }
}

export function percent(part: number, whole: number): string {
  return `${Math.floor((part / Math.max(whole, 1)) * 100)} %`;
}

export function imagesTable(images: readonly FirmwareImageDocument[], now: number): string {
  if (images.length === 0) return 'There are no images.\n';
  return renderTable(
    ['IMAGE', 'NAME', 'VERSION', 'MODEL', 'SIZE', 'ADDED'],
    images.map(({ id, name, version = '', model = '', size, addedAt }) => [
      id.slice(0, 12),
      name,
      version,
      model,
      bytesText(size),
      relativeText(addedAt, now),
    ]),
  );
}

export function imageTable(
  { id, name, version, model, size, addedAt }: FirmwareImageDocument,
  now: number,
): string {
  return renderTable(
    ['IMAGE', name],
    [
      ['id (SHA-256)', id],
      ...(version === undefined ? [] : [['version', version]]),
      ...(model === undefined ? [] : [['model', model]]),
      ['size', `${bytesText(size)} (${size} bytes)`],
      ['added', `${addedAt} (${relativeText(addedAt, now)})`],
    ],
  );
}

export function updatesTable(updates: readonly FirmwareUpdateDocument[], now: number): string {
  if (updates.length === 0) return 'No update is under way.\n';
  return renderTable(
    ['DEVICE', 'IMAGE', 'NOW', 'STARTED', 'CAME ON'],
    updates.map((update) => [
      update.endpoint,
      update.image.name,
      updateLine(update),
      relativeText(update.startedAt, now),
      relativeText(update.activeAt, now),
    ]),
  );
}

export function updateTable(update: FirmwareUpdateDocument, now: number): string {
  const { endpoint, id, image, failure, log = [] } = update;
  const instant = (name: string, value: string | undefined): readonly (readonly string[])[] =>
    value === undefined ? [] : [[name, `${value} (${relativeText(value, now)})`]];
  const facts = renderTable(
    ['UPDATE', String(id)],
    [
      ['of', endpoint],
      ['image', `${image.name} (${image.id.slice(0, 12)}, ${bytesText(image.size)})`],
      ...(image.version === undefined ? [] : [['version', image.version]]),
      ['state', update.state],
      ['now', updateLine(update)],
      ['install', update.install],
      ['method', [update.method, update.protocol].filter((word) => word !== undefined).join(' by ')],
      ['attempts', String(update.attempts)],
      ...(update.versionBefore === undefined ? [] : [['firmware before', update.versionBefore]]),
      ...(failure?.result === undefined
        ? []
        : [['result', `${failure.result}: ${failure.resultMeaning ?? ''}`]]),
      ...instant('started', update.startedAt),
      ...instant('came on', update.activeAt),
      ...instant('finished', update.finishedAt),
    ],
  );
  const lines = log.map(({ at, message }) => `${at.slice(0, 19).replace('T', ' ')}  ${printable(message)}\n`);
  return lines.length === 0 ? facts : `${facts}\n${lines.join('')}`;
}
