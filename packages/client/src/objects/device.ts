import { type Instant, SignalSource, UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import {
  type BindingMode,
  Device,
  formatPath,
  type Refusal,
  refusal,
  type ResourcePath,
  type Value,
} from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { TreeProposal } from '../object-tree/tree-change.ts';
import { afterAnswer } from '../object-tree/tree-resource.ts';
import { DeviceErrors } from './device-errors.ts';
import { objectInstances } from './object-instances.ts';
import type { DynamicInput, PartialInstanceInput } from './resource-input.ts';

type DeviceResources = typeof Device.resources;

/** The values of the Device Object that are the author's to give, each a value or a function. */
export type DeviceValues = Omit<
  PartialInstanceInput<DeviceResources>,
  'reboot' | 'factoryReset' | 'resetErrorCode' | 'errorCode' | 'currentTime' | 'supportedBindingAndModes'
>;

/** What `device` takes. */
export interface DeviceOptions extends DeviceValues {
  /** Restarts the device, after the 2.04 has left (R-1030); it then registers anew: at least call `client.restart()`. */
  readonly onReboot: () => void;
  /** Returns the device to its initial state, after the 2.04 has left (R-1031); absent: not supported, 4.04. */
  readonly onFactoryReset?: () => void;
  /** The errors to show; default a set of its own, which stays empty. */
  readonly errors?: DeviceErrors;
  /** Default `U`. A Server can set `/1/x/7` to what is contained in it. */
  readonly supportedBindingAndModes?: BindingMode;
}

/**
 * The Device Object, `/3`: one instance that Servers can neither create nor delete (R-1035). Current Time
 * follows the client's clock, with an offset that a Write sets (R-1034). Throws `UsageError` when voltages or currents
 * are of power sources that are not there.
 */
export function device(options: Readonly<DeviceOptions>): ObjectSetup {
  const {
    onReboot,
    onFactoryReset,
    errors = new DeviceErrors(),
    supportedBindingAndModes = 'U',
    ...values
  } = options;
  checkPowerSources(values);
  const changed = new SignalSource<ResourcePath>();
  errors.changed.subscribe(() => changed.emit(Device.errorCode.path));
  return objectInstances(
    Device,
    {
      0: {
        utcOffset: '+00:00',
        ...values,
        reboot: () => afterAnswer(onReboot),
        ...(onFactoryReset !== undefined && { factoryReset: () => afterAnswer(onFactoryReset) }),
        errorCode: () => errors.codes,
        resetErrorCode: () => errors.reset(),
        currentTime: tickingClock(),
        supportedBindingAndModes,
      },
    },
    { changed, beforeCommit: checkClock },
  );
}

/** Further from 1970 than this (142 million years) a clock would run out of exact numbers. */
const lastSecond = 2 ** 52;

/** What ISO 8601 writes after a time: `Z`, `+02`, `+0200` or `+02:00`; the enabler also shows `UTC` in front of it. */
const utcOffsetForm = /^(UTC)?(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)$/;

function checkClock({ written }: TreeProposal): Refusal | undefined {
  for (const { path, content } of written) {
    if (content?.kind !== 'single') continue;
    const problem = problemOfClockValue(path.resourceId, content.value);
    if (problem !== undefined) return refusal(ResponseCode.badRequest, `${formatPath(path)}: ${problem}`);
  }
  return undefined;
}

function problemOfClockValue(resourceId: number, value: Value): string | undefined {
  switch (resourceId) {
    case Device.resources.currentTime.id: {
      const isTime = typeof value === 'number' || typeof value === 'bigint';
      return isTime && value <= lastSecond && value >= -lastSecond
        ? undefined
        : 'a clock cannot be set to that';
    }
    case Device.resources.utcOffset.id:
      return typeof value === 'string' && utcOffsetForm.test(value)
        ? undefined
        : 'that is no UTC offset of ISO 8601';
    default:
      return undefined;
  }
}

/** Voltages and currents belong to the power source with their Resource Instance id (1.0 E.4). */
function checkPowerSources(values: DeviceValues): void {
  const { availablePowerSources: sources, powerSourceVoltage, powerSourceCurrent } = values;
  if (sources !== undefined && !(sources instanceof Map)) return;
  for (const measured of [powerSourceVoltage, powerSourceCurrent]) {
    if (!(measured instanceof Map)) continue;
    for (const id of measured.keys()) {
      if (sources?.has(id) === true) continue;
      throw new UsageError(
        `There is a voltage or current of power source ${id}, which is not among those available.`,
      );
    }
  }
}

function tickingClock(): DynamicInput<number | bigint> {
  let offset = 0;
  return {
    read: (now) => secondsOf(now) + offset,
    write: (value, now) => {
      offset = Number(value) - secondsOf(now);
    },
    reset: () => {
      offset = 0;
    },
  };
}

function secondsOf(now: Instant): number {
  return Math.floor(now / 1000);
}
