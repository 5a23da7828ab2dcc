import type { FirmwareFailure } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';
import { InvalidArgumentError } from 'commander';

import { parseSocketAddress, type SocketAddress } from '../config/socket-address.ts';
import type { Position } from './device-settings.ts';

/** Where a device is: latitude and longitude in degrees, such as `52.52,13.405`. */
export function positionFrom(text: string): Position {
  const [, latitude, longitude] = /^([+-]?\d{1,3}(?:\.\d+)?),([+-]?\d{1,3}(?:\.\d+)?)$/.exec(text) ?? [];
  const position = { latitude: Number(latitude), longitude: Number(longitude) };
  if (Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180) return position;
  throw new InvalidArgumentError('It is latitude and longitude in degrees, such as 52.52,13.405.');
}

/** All results but that nothing happened yet and that all went well. */
const { initial: _initial, success: _success, ...failures } = FirmwareUpdateResult;
const choosable: readonly FirmwareFailure[] = Object.values(failures);

/** The result that every firmware update of a device shall come to. */
export function failureFrom(text: string): FirmwareFailure {
  const failure = choosable.find((result) => String(result) === text);
  if (failure !== undefined) return failure;
  throw new InvalidArgumentError(`It is one of ${choosable.join(', ')}.`);
}

/** Where a device listens, such as `0.0.0.0:5685`; port 0 takes a free one. */
export function listenAddressFrom(text: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError('It is an address such as 0.0.0.0:5685 or :5685.');
}
