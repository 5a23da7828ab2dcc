import {
  connectivityMonitoring,
  connectivityStatistics,
  location,
  type LwM2mClient,
  type ObjectSetup,
  type SmsCounters,
} from '@dunlin/client';
import { firmwareDownloader, hostConnectivity, now } from '@dunlin/node';

import type { DeviceSettings } from './device-settings.ts';
import { hostDevice } from './host-device.ts';
import { type SimulatedFirmware, simulatedFirmware } from './simulated-firmware.ts';
import { simulatedTemperature } from './simulated-temperature.ts';

/** In milliseconds: long enough to be seen. */
const installationTime = 2000;

/** The client, which its Objects need and which needs them. */
export interface OpenedClient {
  client?: LwM2mClient;
  /** Where it has short messages. */
  smsCounters?: () => SmsCounters;
}

/** Opens the firmware of a device. */
export function openFirmware(
  settings: Readonly<DeviceSettings>,
  opened: OpenedClient,
  tell: (line: string) => void,
): Promise<SimulatedFirmware> {
  return simulatedFirmware({
    folder: settings.firmwareFolder,
    version: settings.version,
    downloader: firmwareDownloader({
      // With nothing to prove itself with, a device does not say that it can fetch by coaps.
      ...(mayHaveCredentials(settings) && {
        credentialOf: (shortServerId) => clientOf(opened).credentialOf(shortServerId),
      }),
    }),
    failure: settings.firmwareFailure,
    installationTime,
    restart: () => opened.client?.restart(),
    tell,
  });
}

/** Objects 3 to 7 of a device, and its temperature sensor. */
export function ownObjects(
  settings: Readonly<DeviceSettings>,
  opened: OpenedClient,
  { firmware, tell }: { readonly firmware: SimulatedFirmware; readonly tell: (line: string) => void },
): readonly ObjectSetup[] {
  return [
    hostDevice(settings.endpoint, firmware.version, {
      hasSms: settings.sms !== undefined,
      onReboot: () => {
        tell('rebooting: registering anew');
        opened.client?.restart();
      },
      onFactoryReset: () => {
        tell('factory reset: beginning as new');
        opened.client?.factoryReset();
      },
    }),
    connectivityMonitoring(hostConnectivity()),
    firmware.setup,
    ...locationOf(settings),
    connectivityStatistics({ smsCounters: () => opened.smsCounters?.() ?? { sent: 0, received: 0 } }),
    simulatedTemperature(now, () => opened.client),
  ];
}

/** Where a device listens. */
export function localOf({ localAddress = '0.0.0.0' }: Readonly<DeviceSettings>): {
  readonly port: number;
  readonly address: string;
} {
  return { port: 0, address: localAddress };
}

function locationOf({ position }: Readonly<DeviceSettings>): readonly ObjectSetup[] {
  if (position === undefined) return [];
  return [location({ ...position, timestamp: Math.floor(now() / 1000) })];
}

function mayHaveCredentials({ security, isBootstrapServer = false }: Readonly<DeviceSettings>): boolean {
  return security.mode !== 'none' || isBootstrapServer;
}

function clientOf({ client }: OpenedClient): LwM2mClient {
  if (client === undefined) throw new Error('the device is not open yet');
  return client;
}
