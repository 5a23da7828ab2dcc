import { createHash } from 'node:crypto';

import { type Instant, milliseconds, type Random, seconds } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import {
  type ClientOptions,
  device,
  type FirmwareStateStore,
  type FirmwareStorage,
  firmwareUpdate,
  type FirmwareUpdateSetup,
  LwM2mClient,
  memoryFirmwareStorage,
} from '@dunlin/client';
import type { BindingMode } from '@dunlin/lwm2m';
import { firmwareDownloader } from '@dunlin/node';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

import { secureDeviceBinding, type SecureTerms, securityOf } from './secure-channel.ts';
import { note } from './seeds.ts';

/** What a device of a simulation is like whose firmware is updated. */
export interface UpdatableDeviceOptions {
  readonly binding: BindingMode;
  readonly takesPush: boolean;
  readonly takesPull: boolean;
  /** How it speaks DTLS; absent: not at all. */
  readonly secure: SecureTerms | undefined;
  /** What its flash takes for each call, in milliseconds. */
  readonly storageDelay: number;
  readonly installationTime: number;
  /** What it is sent, by the version that it becomes with that. */
  readonly image: Uint8Array;
  readonly random: Random;
}

/** One life of a device, from power-on until its power fails. */
interface Life {
  isAlive: boolean;
  readonly shells: SimulatedShell[];
  readonly client: LwM2mClient;
  readonly firmware: FirmwareUpdateSetup;
}

/** The address of the device, behind a translator. */
const address = '10.0.1.1';

/** A device that may go off at any moment, with its flash, which outlives that. */
export class UpdatableDevice {
  readonly name = 'valve';
  /** What it runs. */
  version = '1.0';
  readonly violations: string[] = [];
  /** Installations that the device did not live to see the new version of. */
  interrupted = 0;
  #isInstalling = false;
  readonly #network: SimulatedNetwork;
  readonly #options: UpdatableDeviceOptions;
  readonly #digest: string;
  readonly #startedAt: Instant;
  readonly #storage: FirmwareStorage = memoryFirmwareStorage(1_000_000);
  #state: Uint8Array | undefined;
  #life: Life | undefined;

  constructor(network: SimulatedNetwork, options: UpdatableDeviceOptions) {
    this.#network = network;
    this.#options = options;
    this.#digest = digestOf([options.image]);
    this.#startedAt = network.clock.now;
  }

  get isOn(): boolean {
    return this.#life !== undefined;
  }

  /** The client, while the device is on. */
  get client(): LwM2mClient | undefined {
    return this.#life?.client;
  }

  get firmware(): FirmwareUpdateSetup | undefined {
    return this.#life?.firmware;
  }

  async start(): Promise<void> {
    const life = { isAlive: true, shells: [] as SimulatedShell[] };
    const opened: { client?: LwM2mClient } = {};
    const firmware = await this.#openFirmware(life, opened);
    const { binding } = this.#options;
    const client = await LwM2mClient.open({
      endpoint: this.name,
      ...this.#channel(life),
      objects: [
        device({
          manufacturer: 'Dunlin',
          firmwareVersion: () => this.version,
          onReboot: () => opened.client?.restart(),
          supportedBindingAndModes: binding,
        }),
        firmware,
      ],
      retry: { maxDelay: milliseconds(30_000), refusedDelay: milliseconds(30_000) },
    });
    opened.client = client;
    client.diagnostics.subscribe((diagnostic) => {
      if (diagnostic.kind === 'device-error')
        this.violations.push(`the device failed: ${String(diagnostic.error)}`);
    });
    this.#life = Object.assign(life, { client, firmware });
  }

  /** Its power fails. */
  kill(): void {
    const life = this.#life;
    if (life === undefined) return;
    life.isAlive = false;
    if (this.#isInstalling) this.interrupted += 1;
    this.#isInstalling = false;
    for (const shell of life.shells) shell.kill();
    this.#life = undefined;
  }

  /** Whatever is in its storage. */
  async stored(): Promise<number> {
    return await this.#storage.size();
  }

  #openFirmware(
    life: Pick<Life, 'isAlive' | 'shells'>,
    opened: { readonly client?: LwM2mClient },
  ): Promise<FirmwareUpdateSetup> {
    const { takesPush, takesPull, secure, random } = this.#options;
    const carrier = this.#binding(life);
    const downloader = firmwareDownloader({
      protocols: [secure === undefined ? 0 : 1],
      binding: carrier,
      ...(secure !== undefined && {
        secureBinding: secureDeviceBinding(this.#network, carrier, secure),
        credentialOf: (shortServerId) => clientOf(opened).credentialOf(shortServerId),
      }),
    });
    return firmwareUpdate({
      storage: this.#mortal(this.#storage, life),
      state: this.#mortal(this.#stateStore(), life),
      takesPush,
      ...(takesPull && { downloader }),
      verify: async (storage) => {
        await this.#check(storage);
        return { name: 'valve', version: '2.0' };
      },
      install: async (storage) => {
        await this.#check(storage);
        const { installationTime } = this.#options;
        this.#isInstalling = true;
        await this.#after(installationTime * random.fraction(), life);
        this.version = '2.0';
        this.#isInstalling = false;
        await this.#after(installationTime * random.fraction(), life);
      },
      isInstalled: ({ version }) => version === this.version,
      onInstalled: () => opened.client?.restart(),
    });
  }

  async #check(storage: FirmwareStorage): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of storage.read()) pieces.push(piece);
    if (digestOf(pieces) === this.#digest) return;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.violations.push(`a package of ${length} bytes is not the one that was sent`);
  }

  #channel(
    life: Pick<Life, 'isAlive' | 'shells'>,
  ): Pick<ClientOptions, 'servers' | 'binding' | 'secureBinding'> {
    const { binding: mode, secure } = this.#options;
    const account = { shortServerId: 1, lifetime: seconds(300), binding: mode };
    const binding = this.#binding(life);
    if (secure === undefined) return { servers: [{ ...account, uri: 'coap://10.0.0.1:5683' }], binding };
    const secureBinding = secureDeviceBinding(this.#network, binding, secure);
    return {
      servers: [{ ...account, uri: 'coaps://10.0.0.1:5684', security: securityOf(this.name) }],
      secureBinding,
    };
  }

  #binding(life: Pick<Life, 'isAlive' | 'shells'>): Binding {
    const binding = this.#network.binding(address, 0, { behindNat: true });
    return {
      open: async (driven) => {
        if (!life.isAlive) return await new Promise(() => undefined);
        const shell = await binding.open(driven);
        if (shell instanceof SimulatedShell) life.shells.push(shell);
        return shell;
      },
    };
  }

  #stateStore(): FirmwareStateStore {
    return {
      load: () => Promise.resolve(this.#state),
      save: (state) => {
        this.#state = state.slice();
        return Promise.resolve();
      },
    };
  }

  /** Flash that takes its time, and nothing any more once the power has failed. */
  #mortal<T extends object>(port: T, life: Pick<Life, 'isAlive'>): T {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function' || property === 'read') return member;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const { storageDelay } = this.#options;
          if (storageDelay > 0) await this.#after(storageDelay, life);
          if (!life.isAlive) return await new Promise(() => undefined);
          const result: unknown = await Reflect.apply(member, target, args);
          return result;
        };
      },
    });
  }

  /** Goes on after a while, if the device is still on. */
  #after(duration: number, life: Pick<Life, 'isAlive'>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#network.at((this.#network.clock.now + duration) as Instant, () => {
      if (life.isAlive) resolve();
    });
    return promise;
  }

  note(text: string): void {
    note(this.#network, this.#startedAt, text);
  }
}

function clientOf({ client }: { readonly client?: LwM2mClient }): LwM2mClient {
  if (client === undefined) throw new Error('the client is not open yet');
  return client;
}

function digestOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
