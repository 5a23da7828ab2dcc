import { UsageError } from '@dunlin/base';
import { Location, type ReferredValue, type ResourceReference } from '@dunlin/lwm2m';

import type { ObjectsChange } from '../device-objects.ts';
import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { objectInstances } from './object-instances.ts';
import type { InstanceInput } from './resource-input.ts';

/** The values of the Location Object, each a value or a function. */
export type LocationValues = InstanceInput<typeof Location.resources>;

/** What one measurement says. */
export interface LocationFix {
  /** Degrees of WGS 84, -90 to 90. */
  readonly latitude: number;
  /** Degrees of WGS 84, -180 to 180. */
  readonly longitude: number;
  /** When it was measured: seconds since 1970. */
  readonly timestamp: number | bigint;
  /** Metres above sea level. */
  readonly altitude?: number | undefined;
  /** Metres around the position that the device is in with 95 % confidence (RFC 7459). */
  readonly radius?: number | undefined;
  /** As 3GPP TS 23.032 codes it. */
  readonly velocity?: Uint8Array | undefined;
  /** Metres per second. */
  readonly speed?: number | undefined;
}

/**
 * The Location Object, `/6` (1.0 E.7). Values that are given are kept, and `reportLocation` puts others in their place;
 * functions are asked whenever a Server reads, and `client.changed` tells that they give something else. Throws
 * `UsageError` on a position that is not on Earth.
 */
export function location(values: LocationValues): ObjectSetup {
  const { latitude, longitude } = values;
  checkPosition(latitude, longitude);
  return objectInstances(Location, { 0: values });
}

/** Whatever can change the Objects of a device in one step: an `LwM2mClient`. */
interface Changeable {
  change(make: (objects: ObjectsChange) => void): void;
}

/**
 * Puts a measurement into the Location Object in one step, because position and time belong together (R-1062): whoever
 * observes the instance is notified once. What the measurement does not say is not there afterwards. Throws `UsageError`
 * on a position that is not on Earth, and when `location` was given functions.
 */
export function reportLocation(client: Changeable, fix: LocationFix): void {
  const { latitude, longitude, timestamp } = fix;
  checkPosition(latitude, longitude);
  client.change((objects) => {
    objects.set(Location.latitude, latitude);
    objects.set(Location.longitude, longitude);
    objects.set(Location.timestamp, timestamp);
    setOrRemove(objects, Location.altitude, fix.altitude);
    setOrRemove(objects, Location.radius, fix.radius);
    setOrRemove(objects, Location.velocity, fix.velocity);
    setOrRemove(objects, Location.speed, fix.speed);
  });
}

function setOrRemove<R extends ResourceReference>(
  objects: ObjectsChange,
  resource: R,
  value: ReferredValue<R> | undefined,
): void {
  if (value === undefined) objects.remove(resource);
  else objects.set(resource, value);
}

function checkPosition(latitude: unknown, longitude: unknown): void {
  checkDegrees('latitude', latitude, 90);
  checkDegrees('longitude', longitude, 180);
}

function checkDegrees(name: string, degrees: unknown, most: number): void {
  if (typeof degrees !== 'number' || Math.abs(degrees) <= most) return;
  throw new UsageError(`A ${name} is from -${most} to ${most} degrees, not ${degrees}.`);
}
