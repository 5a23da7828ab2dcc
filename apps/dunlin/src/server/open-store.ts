import { join } from 'node:path';

import { StorageError } from '@dunlin/base';
import {
  fileFirmwareImageStore,
  sqliteDeviceStore,
  sqliteFleetStore,
  sqliteRegistrationStore,
} from '@dunlin/node';
import type {
  DeviceStore,
  FirmwareImageLimits,
  FirmwareImageStore,
  FleetStore,
  RegistrationStore,
} from '@dunlin/server';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import type { StoreWatch } from './store-watch.ts';

/** What the server remembers, until it is disposed. */
export interface Stores extends AsyncDisposable {
  readonly registrations: RegistrationStore;
  readonly devices: DeviceStore;
  readonly images: FirmwareImageStore;
  readonly fleet: FleetStore;
}

/** Opens the databases and the images of firmware in the data folder. */
export async function openStores(
  folder: string,
  { imageSize, totalSize }: Pick<FirmwareImageLimits, 'imageSize' | 'totalSize'>,
  watch: Pick<StoreWatch, 'add'>,
): Promise<Stores> {
  try {
    await using opened = new AsyncDisposableStack();
    const registrations = opened.use(
      await sqliteRegistrationStore({ path: join(folder, 'registrations.sqlite') }),
    );
    const devices = opened.use(await sqliteDeviceStore({ path: join(folder, 'devices.sqlite') }));
    const fleet = opened.use(await sqliteFleetStore({ path: join(folder, 'fleet.sqlite') }));
    const images = opened.use(
      await fileFirmwareImageStore({ folder: join(folder, 'firmware'), limits: { imageSize, totalSize } }),
    );
    watch.add('registrations.sqlite', registrations);
    watch.add('devices.sqlite', devices);
    watch.add('fleet.sqlite', fleet);
    watch.add('firmware', images);
    const all = opened.move();
    return {
      registrations,
      devices,
      fleet,
      images,
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    // A store says in one line what is wrong with its file, and with which.
    if (error instanceof StorageError)
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    throw error;
  }
}
