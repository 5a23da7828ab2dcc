import { join } from 'node:path';

import { StorageError } from '@dunlin/base';
import { sqliteDeviceStore, sqliteRegistrationStore } from '@dunlin/node';
import type { DeviceStore, RegistrationStore } from '@dunlin/server';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** What the server remembers. */
export interface Stores {
  readonly registrations: RegistrationStore;
  readonly devices: DeviceStore;
}

/** Opens the databases in the data folder. */
export async function openStores(folder: string): Promise<Stores> {
  try {
    await using opened = new AsyncDisposableStack();
    const registrations = opened.use(
      await sqliteRegistrationStore({ path: join(folder, 'registrations.sqlite') }),
    );
    const devices = await sqliteDeviceStore({ path: join(folder, 'devices.sqlite') });
    opened.move();
    return { registrations, devices };
  } catch (error) {
    // A store says in one line what is wrong with its file, and with which.
    if (error instanceof StorageError)
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    throw error;
  }
}
