import { milliseconds, seconds } from '@dunlin/base';
import {
  type BootstrapConfiguration,
  LwM2mBootstrapServer,
  MemoryBootstrapConfigurationStore,
  type ServerAccount,
} from '@dunlin/bootstrap';
import { accessControl, type BootstrapServerAccount, device, LwM2mClient } from '@dunlin/client';
import { LwM2mServer } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { deviceFacts } from './configurations.ts';
import { deviceAddress, endpointName, serverAddress } from './places.ts';
import { Wire, type WireExchange } from './wire.ts';

const bootstrapAddress = '192.0.2.2';

/** SRV-MIN of Annex C, without security on the simulated network. */
export const minimalAccount: ServerAccount = {
  uri: `coap://${serverAddress}:5683`,
  shortServerId: 1,
  security: { kind: 'none' },
  lifetime: seconds(86_400),
  bindingMode: 'U',
  notificationStoring: false,
};

/** A device with the account of its Bootstrap-Server and the Device Object (C.13), and our servers of both kinds. */
export class BootstrapWorld implements AsyncDisposable {
  readonly network: SimulatedNetwork = new SimulatedNetwork(1);
  readonly wire: Wire = new Wire(this.network);
  readonly server: LwM2mServer;
  readonly bootstrapServer: LwM2mBootstrapServer;
  readonly client: LwM2mClient;
  readonly #configurations: MemoryBootstrapConfigurationStore;

  private constructor(
    network: SimulatedNetwork,
    wire: Wire,
    parts: Pick<BootstrapWorld, 'server' | 'bootstrapServer' | 'client'> & {
      readonly configurations: MemoryBootstrapConfigurationStore;
    },
  ) {
    this.network = network;
    this.wire = wire;
    this.server = parts.server;
    this.bootstrapServer = parts.bootstrapServer;
    this.client = parts.client;
    this.#configurations = parts.configurations;
  }

  /** Opens all three; the device asks at once, or after its hold-off. */
  static async open(
    configuration: Partial<BootstrapConfiguration> = {},
    bootstrapAccount: Partial<BootstrapServerAccount> = {},
  ): Promise<BootstrapWorld> {
    const network = new SimulatedNetwork(1);
    const wire = new Wire(network);
    const configurations = new MemoryBootstrapConfigurationStore();
    configurations.put(configurationOf(configuration, network));
    const server = await LwM2mServer.open({ listen: [network.binding(serverAddress, 5683)] });
    const bootstrapServer = await LwM2mBootstrapServer.open({
      listen: [network.binding(bootstrapAddress, 5783)],
      configurations,
    });
    const client = await LwM2mClient.open({
      endpoint: endpointName,
      servers: [],
      bootstrapServer: { uri: `coap://${bootstrapAddress}:5783`, ...bootstrapAccount },
      objects: [device({ ...deviceFacts, onReboot: () => undefined }), accessControl()],
      binding: network.binding(deviceAddress, 5683),
    });
    return new BootstrapWorld(network, wire, { server, bootstrapServer, client, configurations });
  }

  /** What the Bootstrap-Server sent, in order, each with the code of the answer: `PUT /0/1 2.04`. */
  get commands(): readonly string[] {
    return this.exchanges.map(
      ({ line, responses }) => `${line} ${responses.map(({ code }) => code).join(' ')}`,
    );
  }

  get exchanges(): readonly WireExchange[] {
    return this.wire.from(bootstrapAddress);
  }

  /** Changes what the device is given when it asks next. */
  give(configuration: Partial<BootstrapConfiguration>): void {
    this.#configurations.put(configurationOf(configuration, this.network));
  }

  /** Lets time pass until the device is registered. */
  async registered(): Promise<void> {
    await this.#until(() => this.client.servers.some(({ location }) => location !== undefined));
  }

  /** Lets time pass until so many sessions are over. */
  async sessions(count: number): Promise<void> {
    const isOver = (): boolean =>
      this.bootstrapServer.sessions().filter(({ outcome }) => outcome !== 'running').length >= count;
    await this.#until(isOver);
  }

  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration * 1000));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let isClosed = false;
    const closed = this.client.close().then(() => (isClosed = true));
    await this.network.runUntil(() => isClosed, milliseconds(600_000));
    await closed;
    await this.bootstrapServer.close();
    await this.server.close();
  }

  async #until(isReached: () => boolean): Promise<void> {
    await this.network.runUntil(isReached, milliseconds(600_000));
  }
}

function configurationOf(
  configuration: Partial<BootstrapConfiguration>,
  network: SimulatedNetwork,
): Parameters<MemoryBootstrapConfigurationStore['put']>[0] {
  return {
    configuration: {
      target: { kind: 'endpoint', endpointName },
      servers: [minimalAccount],
      ...configuration,
    },
    updatedAt: network.clock.now,
  };
}
