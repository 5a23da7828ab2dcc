import { defineObject, type MultipleInstanceObject } from '@dunlin/lwm2m';

import { device, type DeviceOptions, objectInstances, type ObjectSetup } from '@dunlin/client';

/** The Device Object of configuration C.6 of the enabler tests: everything of it is there. */
export function completeDevice(options: Partial<DeviceOptions> = {}): ObjectSetup {
  return device({
    manufacturer: 'Open Mobile Alliance',
    modelNumber: 'Lightweight M2M Client',
    serialNumber: '345000123',
    firmwareVersion: '1.0',
    availablePowerSources: new Map([
      [0, 1],
      [1, 5],
    ]),
    powerSourceVoltage: new Map([
      [0, 3800],
      [1, 5000],
    ]),
    powerSourceCurrent: new Map([
      [0, 125],
      [1, 900],
    ]),
    batteryLevel: 100,
    memoryFree: 15,
    utcOffset: '+02:00',
    timezone: 'Europe/Berlin',
    onReboot: () => undefined,
    ...options,
  });
}

const portfolio = {
  id: 16,
  name: 'Portfolio',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    identity: {
      id: 0,
      name: 'Identity',
      operations: 'RW',
      isMultiple: true,
      isMandatory: true,
      type: 'string',
    },
  },
} as const;

/** The Portfolio Object, as far as the enabler tests use it. */
export const Portfolio: MultipleInstanceObject<typeof portfolio> = defineObject(portfolio);

/** Object 16 of configuration C.12, open to Create and Delete. */
export function portfolioObject(): ObjectSetup {
  return objectInstances(
    Portfolio,
    {
      0: {
        identity: new Map([
          [0, 'Host Device ID #1'],
          [1, 'Host Device Manufacturer #1'],
          [2, 'Host Device Model #1'],
          [3, 'Host Device Software Version #1'],
        ]),
      },
    },
    { isCreatable: true },
  );
}

const probe = {
  id: 26_241,
  name: 'Probe',
  version: '2.1',
  isMultiple: true,
  isMandatory: false,
  resources: {
    level: { id: 0, name: 'Level', operations: 'RW', isMultiple: false, isMandatory: true, type: 'float' },
    label: {
      id: 1,
      name: 'Label',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'string',
      range: { kind: 'length', minimum: 0, maximum: 8 },
    },
    count: { id: 2, name: 'Count', operations: 'R', isMultiple: false, isMandatory: true, type: 'integer' },
    secret: { id: 3, name: 'Secret', operations: 'W', isMultiple: false, isMandatory: false, type: 'opaque' },
    run: { id: 4, name: 'Run', operations: 'E', isMultiple: false, isMandatory: false, type: 'none' },
    flags: { id: 5, name: 'Flags', operations: 'RW', isMultiple: true, isMandatory: false, type: 'boolean' },
    limit: {
      id: 6,
      name: 'Limit',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      range: { kind: 'interval', minimum: 0, maximum: 100 },
    },
    other: { id: 7, name: 'Other', operations: 'RW', isMultiple: false, isMandatory: false, type: 'objlnk' },
    rare: { id: 8, name: 'Rare', operations: 'RW', isMultiple: false, isMandatory: false, type: 'integer' },
    blob: { id: 9, name: 'Blob', operations: 'RW', isMultiple: false, isMandatory: false, type: 'opaque' },
  },
} as const;

/** An Object with a Resource of each kind; its version is not 1.0. */
export const Probe: MultipleInstanceObject<typeof probe> = defineObject(probe);
