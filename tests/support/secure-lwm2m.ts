import { join } from 'node:path';

import { milliseconds, Secret, seconds } from '@dunlin/base';
import { device, LwM2mClient, objectInstances, type RegistrationEvent } from '@dunlin/client';
import { coreDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import {
  clientDtls,
  dtls,
  type DtlsServerOptions,
  type SavedState,
  sqliteRegistrationStore,
} from '@dunlin/node';
import { type Device, LwM2mServer } from '@dunlin/server';

import { DiagnosticLog } from './diagnostic-log.ts';
import { deviceIdentity, deviceKey, ServerCredentials } from './dtls-credentials.ts';
import { Notebook } from './test-objects.ts';
import { until } from './until.ts';

/** Round trips on this machine are short: who has no answer after 1.2 s or so gets none (RFC 7252 §4.8.2). */
const coap = { transmission: { ackTimeout: milliseconds(40) } };

/** Nothing is under way on loopback for as long as a second. */
const protocol = {
  association: { closingTime: milliseconds(20) },
  flight: { initialTimeout: milliseconds(100) },
};

/** How a server listens. */
export interface SecureServerOptions extends Pick<DtlsServerOptions, 'connectionIdLength'> {
  /** 0, or nothing, takes a free one. */
  readonly port?: number;
  readonly savedState?: SavedState;
  /** Where it keeps its registrations. */
  readonly folder: string;
}

/** An LwM2M Server with DTLS on the loopback interface, and what it told. */
export class SecureServer implements AsyncDisposable {
  readonly #log: DiagnosticLog;
  readonly #server: LwM2mServer;
  /** `registered` and `updated`, in their order. */
  readonly told: string[] = [];
  /** What was notified of `/30000/0/2`. */
  readonly readings: unknown[] = [];

  static async open(options: Readonly<SecureServerOptions>): Promise<SecureServer> {
    const { port = 0, folder, connectionIdLength, savedState } = options;
    const log = new DiagnosticLog();
    const binding = dtls({
      port,
      address: '127.0.0.1',
      credentials: new ServerCredentials(),
      protocol,
      onDiagnostic: log.add,
      ...(connectionIdLength === undefined ? {} : { connectionIdLength }),
      ...(savedState === undefined ? {} : { savedState }),
    });
    const server = await LwM2mServer.open({
      listen: [binding],
      store: await sqliteRegistrationStore({ path: join(folder, 'registrations') }),
      definitions: ObjectDefinitionRegistry.of([Notebook.definition], [coreDefinitions]),
      coap,
    });
    return new SecureServer(server, log);
  }

  private constructor(server: LwM2mServer, log: DiagnosticLog) {
    this.#server = server;
    this.#log = log;
    server.registered.subscribe(() => this.told.push('registered'));
    server.updated.subscribe(() => this.told.push('updated'));
    server.notified.subscribe(({ content: [newest] }) => {
      const { content } = newest ?? {};
      if (content?.kind === 'resource' && content.resource.kind === 'single')
        this.readings.push(content.resource.value);
    });
  }

  get port(): number {
    return this.#server.local[0]?.port ?? 0;
  }

  get device(): Device {
    return this.#server.device(deviceIdentity);
  }

  /** The handshakes that were complete. */
  get handshakes(): readonly ('full' | 'resumed')[] {
    return this.#log.ofKind('established').map(({ isResumed }) => (isResumed ? 'resumed' : 'full'));
  }

  /** The ports that the device turned up at without a handshake. */
  get moves(): readonly number[] {
    return this.#log.ofKind('address-changed').map(({ address }) => address.port);
  }

  /** The port that the registration is at. */
  async registeredPort(): Promise<number | undefined> {
    return (await this.#server.registrations({ limit: 1 })).registrations[0]?.peer.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

/** An LwM2M Client that knows a server by DTLS with a pre-shared key. */
export class SecureDevice implements AsyncDisposable {
  readonly client: LwM2mClient;
  /** The kinds of what became of its registration, in their order. */
  readonly events: RegistrationEvent['kind'][] = [];

  static async open(
    port: number,
    options: { readonly lifetime?: number; readonly savedState?: SavedState } = {},
  ): Promise<SecureDevice> {
    const client = await LwM2mClient.open({
      endpoint: deviceIdentity,
      servers: [
        {
          uri: `coaps://127.0.0.1:${port}`,
          shortServerId: 1,
          lifetime: seconds(options.lifetime ?? 300),
          security: { mode: 'psk', identity: deviceIdentity, key: new Secret(deviceKey.slice()) },
        },
      ],
      objects: [
        device({ manufacturer: 'Dunlin', onReboot: () => undefined }),
        objectInstances(Notebook, { 0: { text: '', reading: 1, clear: () => undefined } }),
      ],
      secureBinding: clientDtls({
        port: 0,
        address: '127.0.0.1',
        protocol,
        ...(options.savedState !== undefined && { savedState: options.savedState }),
      }),
      retry: { firstDelay: milliseconds(200), maxDelay: milliseconds(1000) },
      coap,
    });
    return new SecureDevice(client);
  }

  private constructor(client: LwM2mClient) {
    this.client = client;
    for (const signal of [client.registered, client.updated, client.registrationFailed])
      signal.subscribe(({ kind }) => this.events.push(kind));
  }

  /** Another reading, of which observers are told. */
  read(value: number): void {
    this.client.set(Notebook(0).reading, value);
  }

  /** Waits until so many events of a kind have come. */
  async seen(kind: RegistrationEvent['kind'], count = 1): Promise<void> {
    await until(() => this.events.filter((event) => event === kind).length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
