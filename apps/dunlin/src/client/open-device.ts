import { seconds } from '@dunlin/base';
import { type ClientOptions, LwM2mClient, type ObjectSetup } from '@dunlin/client';
import {
  coreDefinitions,
  loadRegisteredDefinitions,
  type ObjectDefinition,
  ObjectDefinitionRegistry,
  parsePath,
} from '@dunlin/lwm2m';
import {
  clientDtls,
  clientDtlsListener,
  clientSms,
  clientStateFile,
  type CountedClientSms,
  now,
  type SmsDiagnostic,
  udp,
} from '@dunlin/node';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import type { DeviceSettings } from './device-settings.ts';
import { exampleObject, type OnExecute } from './example-object.ts';
import { localOf, type OpenedClient, openFirmware, ownObjects } from './own-objects.ts';
import { measure, temperatureAt } from './simulated-temperature.ts';

/** A simulated device that runs until it is disposed. */
export interface SimulatedDevice extends AsyncDisposable {
  readonly client: LwM2mClient;
  /** Lets the sensor go on by itself, or holds it at the value it has. */
  isMoving: boolean;
}

/** How often the sensor measures. */
const measureInterval = 2000;

/** Opens a device with Objects 3 to 7, a temperature sensor, and whatever else is asked for. */
export async function openDevice(
  settings: Readonly<DeviceSettings>,
  tell: (line: string) => void,
): Promise<SimulatedDevice> {
  const opened: OpenedClient = {};
  const firmware = await openFirmware(settings, opened, tell);
  const own = ownObjects(settings, opened, { firmware, tell });
  const present = new Set([0, 1, ...own.map(({ definition }) => definition.id)]);
  const extra = await extraObjects(settings.objects, present, (path) => tell(`${path} was executed`));
  const local = localOf(settings);
  const dtlsProtocol = { requiresExtendedMasterSecret: settings.extendedMasterSecret !== 'optional' };
  const sms = smsOf(settings, tell);
  if (sms !== undefined) opened.smsCounters = () => sms.counters();
  const client = await LwM2mClient.open({
    endpoint: settings.endpoint,
    ...accountsOf(settings),
    objects: [...own, ...extra],
    // A Bootstrap-Server may tell of Servers of either kind.
    binding: udp(local),
    secureBinding: clientDtls({ ...local, protocol: dtlsProtocol }),
    ...listenerOf(settings),
    ...(sms !== undefined && { sms }),
    ...(settings.stateFile !== undefined && { state: clientStateFile(settings.stateFile) }),
  });
  opened.client = client;
  const { bootstrapListen: place } = settings;
  if (place !== undefined) tell(`waits for the bootstrap server at coaps://${place.host}:${place.port}`);
  const device: SimulatedDevice = {
    client,
    isMoving: true,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await client.close();
      await firmware.setup[Symbol.asyncDispose]();
    },
  };
  const timer = setInterval(() => {
    if (device.isMoving) measure(client, temperatureAt(now()));
  }, measureInterval);
  return device;
}

function accountsOf(settings: Readonly<DeviceSettings>): Pick<ClientOptions, 'servers' | 'bootstrapServer'> {
  const { serverUri: uri, security, lifetime, isBootstrapServer = false, binding = 'U' } = settings;
  const holdOff = settings.holdOff === undefined ? {} : { clientHoldOffTime: seconds(settings.holdOff) };
  if (isBootstrapServer) return { servers: [], bootstrapServer: { uri, security, ...holdOff } };
  const sms = settings.sms && { sms: { number: settings.sms.serverNumber, security: settings.sms.security } };
  return { servers: [{ uri, shortServerId: 1, lifetime, security, binding, ...sms }] };
}

function smsOf(
  { sms }: Readonly<DeviceSettings>,
  tell: (line: string) => void,
): CountedClientSms | undefined {
  if (sms === undefined) return undefined;
  const { carrier, number, isLaboratory } = sms;
  return clientSms({
    carrier,
    number,
    policy: isLaboratory ? { unprotected: 'everything' } : {},
    onDiagnostic: (diagnostic) => tellSms(diagnostic, tell),
  });
}

/** What a user of a simulated device wants to know of its short messages. */
function tellSms(diagnostic: SmsDiagnostic, tell: (line: string) => void): void {
  switch (diagnostic.kind) {
    case 'state':
      tell(diagnostic.isUp ? 'short messages: ready' : `short messages: not now: ${diagnostic.reason ?? ''}`);
      return;
    case 'alarm':
      tell(`short messages: the budget ${diagnostic.budget} of ${diagnostic.limit} is used up`);
      return;
    case 'store-failed':
      tell(`short messages: none is sent or taken, as it cannot be noted: ${diagnostic.reason}`);
      return;
    case 'dropped':
      tell(`short messages: one from ${diagnostic.from ?? 'somebody'} is passed over: ${diagnostic.reason}`);
      return;
    case 'ignored':
      tell(`short messages: one from ${diagnostic.from} is passed over: ${diagnostic.reason}`);
      return;
    case 'refused':
      tell(`short messages: nothing is sent to ${diagnostic.to}: ${diagnostic.reason}`);
      return;
    case 'settled':
      if (diagnostic.entry.reason !== undefined)
        tell(
          `short messages: one to ${diagnostic.entry.to} is ${diagnostic.entry.state}: ${diagnostic.entry.reason}`,
        );
  }
}

function listenerOf({ bootstrapListen }: Readonly<DeviceSettings>): Pick<ClientOptions, 'bootstrapListener'> {
  if (bootstrapListen === undefined) return {};
  const { host: address, port } = bootstrapListen;
  return { bootstrapListener: clientDtlsListener({ address, port }) };
}

async function extraObjects(
  names: readonly string[],
  present: ReadonlySet<number>,
  onExecute: OnExecute,
): Promise<readonly ObjectSetup[]> {
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
    if (present.has(path.objectId)) throw usage(`--object: the device has Object ${path.objectId} already`);
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
