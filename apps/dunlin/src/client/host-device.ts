import { arch, freemem, platform, release, totalmem } from 'node:os';

import { device, type ObjectSetup } from '@dunlin/client';

/** What the Device Object of a device on this machine does when it is told to. */
export interface HostDeviceActions {
  readonly onReboot: () => void;
  readonly onFactoryReset: () => void;
}

/** The Device Object `/3` with the values of this machine, read when they are asked for. */
export function hostDevice(
  endpoint: string,
  firmwareVersion: () => string,
  { hasSms, ...actions }: HostDeviceActions & { readonly hasSms: boolean },
): ObjectSetup {
  return device({
    manufacturer: 'Dunlin',
    modelNumber: 'dunlin client',
    serialNumber: endpoint,
    firmwareVersion,
    hardwareVersion: `${platform()} ${arch()}`,
    softwareVersion: release(),
    deviceType: 'simulated',
    // Kilobytes (1.0 E.4).
    memoryFree: () => Math.floor(freemem() / 1024),
    memoryTotal: () => Math.floor(totalmem() / 1024),
    availablePowerSources: new Map([[0, 0]]),
    batteryLevel: 100,
    supportedBindingAndModes: hasSms ? 'UQS' : 'UQ',
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    utcOffset: utcOffset(new Date().getTimezoneOffset()),
    ...actions,
  });
}

/** `+01:00` for what JavaScript calls -60. */
export function utcOffset(minutesWest: number): string {
  const magnitude = Math.abs(minutesWest);
  return `${minutesWest > 0 ? '-' : '+'}${twoDigits(Math.floor(magnitude / 60))}:${twoDigits(magnitude % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
