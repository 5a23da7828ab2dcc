import type { Seconds } from '@dunlin/base';
import { type ClientOptions, LwM2mClient, type ObjectSetup } from '@dunlin/client';
import {
  coreDefinitions,
  loadRegisteredDefinitions,
  type ObjectDefinition,
  ObjectDefinitionRegistry,
  parsePath,
} from '@dunlin/lwm2m';
import { clientDtls, clientStateFile, now, udp } from '@dunlin/node';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import type { ClientSecurity } from './client-security.ts';
import { exampleObject, type OnExecute } from './example-object.ts';
import { hostDevice } from './host-device.ts';
import { measure, simulatedTemperature, temperatureAt } from './simulated-temperature.ts';

export interface DeviceSettings {
  readonly endpoint: string;
  /** `coap://host[:port]`, or `coaps://` with security: of the Server, or of the Bootstrap-Server. */
  readonly serverUri: string;
  /** Whether that is the Bootstrap-Server; default false. */
  readonly isBootstrapServer?: boolean;
  /** Whether the device sleeps in between (binding mode UQ); default false. */
  readonly sleeps?: boolean;
  /** The file in which it remembers what came from outside; default none. */
  readonly stateFile?: string | undefined;
  readonly security: ClientSecurity;
  readonly lifetime: Seconds;
  /** More Objects to have: `3342`, or `3342/1` for a certain instance. */
  readonly objects: readonly string[];
  readonly version: string;
  /** Where the device listens; default a free port of all addresses. */
  readonly localAddress?: string;
}

/** A simulated device that runs until it is disposed. */
export interface SimulatedDevice extends AsyncDisposable {
  readonly client: LwM2mClient;
  /** Lets the sensor go on by itself, or holds it at the value it has. */
  isMoving: boolean;
}

/** How often the sensor measures. */
const measureInterval = 2000;

/** Opens a device with the Device Object of this machine, a temperature sensor, and whatever else is asked for. */
export async function openDevice(
  settings: Readonly<DeviceSettings>,
  tell: (line: string) => void,
): Promise<SimulatedDevice> {
  const opened: { client?: LwM2mClient } = {};
  const objects = [
    hostDevice(settings.endpoint, settings.version, {
      onReboot: () => {
        tell('rebooting: registering anew');
        opened.client?.restart();
      },
      onFactoryReset: () => {
        tell('factory reset: beginning as new');
        opened.client?.factoryReset();
      },
    }),
    simulatedTemperature(now, () => opened.client),
    ...(await extraObjects(settings.objects, (path) => tell(`${path} was executed`))),
  ];
  const local = { port: 0, address: settings.localAddress ?? '0.0.0.0' };
  const client = await LwM2mClient.open({
    endpoint: settings.endpoint,
    ...accountsOf(settings),
    objects,
    // A Bootstrap-Server may tell of Servers of either kind.
    binding: udp(local),
    secureBinding: clientDtls(local),
    ...(settings.stateFile !== undefined && { state: clientStateFile(settings.stateFile) }),
  });
  opened.client = client;
  const device: SimulatedDevice = {
    client,
    isMoving: true,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await client.close();
    },
  };
  const timer = setInterval(() => {
    if (device.isMoving) measure(client, temperatureAt(now()));
  }, measureInterval);
  return device;
}

function accountsOf(settings: Readonly<DeviceSettings>): Pick<ClientOptions, 'servers' | 'bootstrapServer'> {
  const { serverUri: uri, security, lifetime, isBootstrapServer = false, sleeps = false } = settings;
  if (isBootstrapServer) return { servers: [], bootstrapServer: { uri, security } };
  return { servers: [{ uri, shortServerId: 1, lifetime, security, binding: sleeps ? 'UQ' : 'U' }] };
}

async function extraObjects(names: readonly string[], onExecute: OnExecute): Promise<readonly ObjectSetup[]> {
  if (names.length === 0) return [];
  const definitions = new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]);
  const wanted = new Map<ObjectDefinition, number[]>();
  for (const name of names) {
    const path = parsePath(name);
    if (path?.kind !== 'object' && path?.kind !== 'object-instance') {
      throw usage(
        `--object: ${JSON.stringify(name)} is not an Object such as 3342, or an instance such as 3342/1`,
      );
    }
    if ([0, 1, 3, 3303].includes(path.objectId))
      throw usage(`--object: the device has Object ${path.objectId} already`);
    const definition = definitions.find(path.objectId);
    if (definition === undefined) throw usage(`--object: there is no definition of Object ${path.objectId}`);
    const ids = wanted.get(definition) ?? [];
    ids.push(path.kind === 'object-instance' ? path.objectInstanceId : 0);
    wanted.set(definition, ids);
  }
  return [...wanted].map(([definition, ids]) => exampleObject(definition, ids, onExecute));
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
