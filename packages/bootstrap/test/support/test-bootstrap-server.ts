import { milliseconds } from '@dunlin/base';
import {
  type BootstrapConfiguration,
  type BootstrapDiagnostic,
  type BootstrapSessionRecord,
  LwM2mBootstrapServer,
  type LwM2mBootstrapServerOptions,
  MemoryBootstrapConfigurationStore,
} from '@dunlin/bootstrap';
import { SimulatedNetwork } from '@dunlin/simulation';

import { BootstrapDevice } from './bootstrap-device.ts';
import { bootstrapAccount, deviceInstance, stored } from './configurations.ts';

/** A Bootstrap-Server at 10.0.0.1:5783 and a device at 10.0.0.2 on one network, with all that the server told. */
export interface TestBootstrapServer extends AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly server: LwM2mBootstrapServer;
  readonly configurations: MemoryBootstrapConfigurationStore;
  readonly device: BootstrapDevice;
  /** Events as words, such as `started node-1` or `failed node-1 no-answer`. */
  readonly events: string[];
  readonly diagnostics: BootstrapDiagnostic[];
  /** Another device, new out of the factory like the first one. */
  newDevice(address?: string): Promise<BootstrapDevice>;
  /** Lets a device ask for its bootstrap and gives the session when it is over. */
  bootstrap(endpointName?: string, device?: BootstrapDevice): Promise<BootstrapSessionRecord>;
}

export const bootstrapAddress = { address: '10.0.0.1', port: 5783 };

/** Opens it with configurations, on a network where nothing goes wrong. */
export async function openTestBootstrapServer(
  configurations: readonly BootstrapConfiguration[] = [],
  options: Partial<LwM2mBootstrapServerOptions> = {},
  network: SimulatedNetwork = new SimulatedNetwork(1),
): Promise<TestBootstrapServer> {
  const store = new MemoryBootstrapConfigurationStore();
  for (const configuration of configurations) store.put(stored(configuration));
  const server = await LwM2mBootstrapServer.open({
    listen: [network.binding(bootstrapAddress.address, bootstrapAddress.port)],
    configurations: store,
    ...options,
  });
  const events: string[] = [];
  const diagnostics: BootstrapDiagnostic[] = [];
  server.started.subscribe(({ session }) => events.push(`started ${session.endpointName}`));
  server.stepped.subscribe(({ step: { operation, path = '', answer } }) =>
    events.push(`${operation.slice('bootstrap-'.length)} ${path} ${answer?.coapCode}`.replace('  ', ' ')),
  );
  server.finished.subscribe(({ session }) => events.push(`finished ${session.endpointName}`));
  server.failed.subscribe(({ session }) =>
    events.push(`failed ${session.endpointName} ${session.failure?.kind}`),
  );
  server.diagnostics.subscribe((diagnostic) => diagnostics.push(diagnostic));
  const newDevice = async (address?: string): Promise<BootstrapDevice> => {
    const opened = await BootstrapDevice.open(network, bootstrapAddress, address);
    opened.tree = new Map([['/0/0', bootstrapAccount], deviceInstance]);
    return opened;
  };
  const device = await newDevice();
  const isOver = (endpointName: string): boolean => {
    const [latest] = server.sessions({ endpointName });
    return latest !== undefined && latest.outcome !== 'running';
  };
  return {
    network,
    server,
    configurations: store,
    device,
    events,
    diagnostics,
    newDevice,
    bootstrap: async (endpointName = 'node-1', asking = device) => {
      const code = await asking.bootstrap(endpointName);
      if (code !== '2.04') throw new Error(`the Bootstrap-Request was answered with ${code}`);
      await network.runUntil(() => isOver(endpointName), milliseconds(2_000_000));
      const [latest] = server.sessions({ endpointName });
      if (latest === undefined) throw new Error('there was no session');
      return latest;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
