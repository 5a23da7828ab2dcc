import { seconds } from '@dunlin/base';
import {
  connectivityMonitoring,
  connectivityStatistics,
  device,
  type DeviceOptions,
  location,
  objectInstances,
  type ObjectSetup,
  type ServerAccount,
} from '@dunlin/client';
import {
  coreDefinitions,
  defineObject,
  type MultipleInstanceObject,
  ObjectDefinitionRegistry,
  type ObjectDefinitions,
} from '@dunlin/lwm2m';

import type { SimulatedNetwork } from '@dunlin/simulation';

import { serverAddress } from './places.ts';

/** What a device is loaded with before a case, as in Annex C of the enabler tests. */
export interface Configuration {
  readonly account: ServerAccount;
  /** On a network for what fetches something from there. */
  readonly objects: (
    onReboot: () => void,
    network: SimulatedNetwork,
  ) => readonly ObjectSetup[] | Promise<readonly ObjectSetup[]>;
}

/** C.1: what is mandatory. */
export const minimalAccount: ServerAccount = {
  uri: `coap://${serverAddress}:5683`,
  shortServerId: 1,
  lifetime: seconds(86_400),
  binding: 'U',
  notificationStoring: false,
};

const extendedAccount: ServerAccount = {
  ...minimalAccount,
  defaultMinimumPeriod: seconds(1),
  defaultMaximumPeriod: seconds(10),
  disableTimeout: seconds(86_400),
};

/** What `/3/0/0` to `/3/0/3` say in every configuration. */
export const deviceFacts = {
  manufacturer: 'Open Mobile Alliance',
  modelNumber: 'Lightweight M2M Client',
  serialNumber: '345000123',
  firmwareVersion: '1.0',
} as const;

const powerFacts: Partial<DeviceOptions> = {
  availablePowerSources: new Map([
    [0, 1],
    [1, 2],
  ]),
  powerSourceVoltage: new Map([
    [0, 3800],
    [1, 5000],
  ]),
  powerSourceCurrent: new Map([
    [0, 125],
    [1, 900],
  ]),
  batteryLevel: 0,
};

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

/** The Portfolio Object, as far as the cases need it. */
const Portfolio: MultipleInstanceObject<typeof portfolio> = defineObject(portfolio);

const sample = {
  id: 26_400,
  name: 'Sample',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    level: { id: 0, name: 'Level', operations: 'RW', isMultiple: false, isMandatory: true, type: 'float' },
    count: { id: 1, name: 'Count', operations: 'R', isMultiple: false, isMandatory: true, type: 'integer' },
    blob: { id: 2, name: 'Blob', operations: 'RW', isMultiple: false, isMandatory: false, type: 'opaque' },
    run: { id: 3, name: 'Run', operations: 'E', isMultiple: false, isMandatory: false, type: 'none' },
    number: {
      id: 5,
      name: 'Number',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
    label: { id: 4, name: 'Label', operations: 'RW', isMultiple: false, isMandatory: false, type: 'string' },
  },
} as const;

/** An Object of our own, for what the Objects of the enabler do not show. */
const Sample: MultipleInstanceObject<typeof sample> = defineObject(sample);

/** What both sides know. */
export const definitions: ObjectDefinitions = ObjectDefinitionRegistry.of(
  [Portfolio.definition, Sample.definition],
  [coreDefinitions],
);

const withDevice =
  (options: Partial<DeviceOptions>, ...more: readonly (() => ObjectSetup)[]) =>
  (onReboot: () => void): readonly ObjectSetup[] => [
    device({ ...deviceFacts, ...options, onReboot }),
    ...more.map((make) => make()),
  ];

/** C.1: Server and Device with what is mandatory. */
export const minimal: Configuration = { account: minimalAccount, objects: withDevice({}) };

/** C.3: like C.1, with default periods and Disable. */
export const extended: Configuration = { account: extendedAccount, objects: withDevice({}) };

/** C.4: like C.3, with power sources. Default periods are left out where attributes are to be seen alone. */
export const powered: Configuration = { account: minimalAccount, objects: withDevice(powerFacts) };

/** C.5: like C.3, with Connectivity Monitoring. */
export const connected: Configuration = {
  account: minimalAccount,
  objects: withDevice({}, () =>
    connectivityMonitoring({
      networkBearer: 0,
      availableNetworkBearer: new Map([[0, 0]]),
      radioSignalStrength: 92,
      linkQuality: 2,
      ipAddresses: new Map([[0, '192.168.0.100']]),
      routerIpAddresses: new Map([[0, '192.168.1.1']]),
      linkUtilization: 5,
      apn: new Map([[0, 'internet']]),
    }),
  ),
};

/** C.6: like C.4, with all of the Device Object. */
export const complete: Configuration = {
  account: minimalAccount,
  objects: withDevice({
    ...powerFacts,
    memoryFree: 15,
    utcOffset: '+01:00',
    timezone: 'Europe/Berlin',
    deviceType: 'sensor',
    onFactoryReset: () => undefined,
  }),
};

/** C.7: like C.3, with Location. */
export const located: Configuration = {
  account: minimalAccount,
  objects: withDevice({}, () =>
    location({
      latitude: 43.5723,
      longitude: 153.2176,
      altitude: 140,
      radius: 100,
      velocity: Uint8Array.of(0),
      timestamp: 1_367_491_215,
      speed: 3,
    }),
  ),
};

/** C.9: like C.3, with Connectivity Statistics. */
export const counting: Configuration = {
  account: minimalAccount,
  objects: withDevice({}, () => connectivityStatistics()),
};

/** C.12: like C.3, with Portfolio. */
export const portfolioConfiguration: Configuration = {
  account: minimalAccount,
  objects: withDevice({}, () =>
    objectInstances(
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
    ),
  ),
};

/** Like C.1, with the Sample Object: instance 0 is whole, others can be created. */
export const sampled: Configuration = {
  account: minimalAccount,
  objects: withDevice({}, () =>
    objectInstances(
      Sample,
      {
        0: {
          level: 20,
          count: 7,
          blob: Uint8Array.of(1, 2, 3),
          run: () => undefined,
          label: 'probe',
          number: 0,
        },
      },
      { isCreatable: true, template: () => ({ count: 0 }) },
    ),
  ),
};
