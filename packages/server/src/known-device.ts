import { DeviceNotRegisteredError } from './errors.ts';
import type { Registration } from './registration.ts';
import type { ServerContext } from './server-context.ts';

/**
 * The registration of a device, `undefined` for one that was registered before. Rejects with
 * `DeviceNotRegisteredError` for one that never was: its name is most likely mistyped.
 */
export async function registrationOfKnown(
  { store, devices }: Pick<ServerContext, 'store' | 'devices'>,
  endpointName: string,
): Promise<Registration | undefined> {
  const registration = await store.findByEndpoint(endpointName);
  if (registration !== undefined || (await devices.findDevice(endpointName)) !== undefined)
    return registration;
  throw new DeviceNotRegisteredError(endpointName, `${endpointName} is not registered and never was`);
}
