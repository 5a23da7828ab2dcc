import assert from 'node:assert/strict';

import { type Instant, milliseconds, seconds } from '@dunlin/base';
import { encodeMessage, type OutgoingMessage, udpPeer } from '@dunlin/coap';
import { LwM2mClient } from '@dunlin/client';
import type { LwM2mServer, LwM2mServerOptions } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { type Configuration, definitions } from './configurations.ts';
import type { Answer, Asked, KnownRegistration, Manager, Watch } from './manager.ts';
import { deviceAddress, endpointName, serverAddress } from './places.ts';
import { PlatformManager } from './platform-manager.ts';
import { RawManager } from './raw-manager.ts';
import { Wire, type WireExchange, type WireResponse } from './wire.ts';

/** Who plays the Server. */
export type ManagerKind = 'platform' | 'raw';

/** How a case wants its device. */
export interface WorldOptions {
  readonly configuration: Configuration;
  readonly manager: ManagerKind;
  readonly lifetime?: number | undefined;
  readonly disableTimeout?: number | undefined;
  readonly notifications?: 'confirmable' | 'non-confirmable' | undefined;
  /** Where our server has devices fetch images. */
  readonly firmware?: LwM2mServerOptions['firmware'];
}

/** A device with a configuration of the enabler tests, somebody who manages it, and virtual time. */
export class EnablerWorld implements AsyncDisposable {
  readonly network: SimulatedNetwork = new SimulatedNetwork(1);
  readonly wire: Wire = new Wire(this.network);
  readonly manager: Manager;
  reboots = 0;
  #client: LwM2mClient | undefined;

  private constructor(kind: ManagerKind) {
    this.manager =
      kind === 'platform'
        ? new PlatformManager(this.wire, endpointName)
        : new RawManager(() => this.network.clock.now);
  }

  /** Opens both sides and waits until the device is registered. */
  static async open(options: WorldOptions): Promise<EnablerWorld> {
    const world = new EnablerWorld(options.manager);
    await world.manager.open(world.network.binding(serverAddress, 5683), definitions, options.firmware);
    const { configuration, lifetime, disableTimeout, notifications } = options;
    const client = await LwM2mClient.open({
      endpoint: endpointName,
      servers: [
        {
          ...configuration.account,
          ...(lifetime !== undefined && { lifetime: seconds(lifetime) }),
          ...(disableTimeout !== undefined && { disableTimeout: seconds(disableTimeout) }),
        },
      ],
      objects: await configuration.objects(() => world.#reboot(), world.network),
      binding: world.network.binding(deviceAddress, 0),
      ...(notifications !== undefined && { notifications }),
    });
    world.#client = client;
    await world.settled(client.whenRegistered());
    return world;
  }

  get client(): LwM2mClient {
    if (this.#client === undefined) throw new Error('the client is not open');
    return this.#client;
  }

  get now(): Instant {
    return this.network.clock.now;
  }

  /** The raw CoAP side, for what only that can send. */
  get raw(): RawManager {
    if (this.manager instanceof RawManager) return this.manager;
    throw new Error('this case is for the raw manager only');
  }

  /** Our server, for what only that can do by itself. */
  get server(): LwM2mServer {
    if (this.manager instanceof PlatformManager) return this.manager.server;
    throw new Error('this case is for our server only');
  }

  /** What the device sent, in order. */
  get sent(): readonly WireExchange[] {
    return this.wire.from(deviceAddress);
  }

  /** What the Server sent, in order. */
  get asked(): readonly WireExchange[] {
    return this.wire.from(serverAddress);
  }

  /** Lets virtual seconds pass. */
  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration * 1000));
  }

  /** Lets time pass until a promise settles, for ten minutes at most. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await this.network.runUntil(() => isSettled, milliseconds(600_000));
    return await promise;
  }

  /** Lets time pass until the device has sent a request that is not among `before`. */
  async nextRequest(before: number): Promise<WireExchange> {
    await this.network.runUntil(() => (this.sent[before]?.responses.length ?? 0) > 0, milliseconds(600_000));
    await this.pass(0.1);
    const request = this.sent[before];
    assert.ok(request !== undefined);
    return request;
  }

  registration(): Promise<KnownRegistration | undefined> {
    return this.settled(this.manager.registration());
  }

  perform(asked: Asked): Promise<Answer> {
    return this.settled(this.manager.perform(asked));
  }

  read(path: string, accept?: number): Promise<Answer> {
    return this.perform({ kind: 'read', path, accept });
  }

  discover(path: string): Promise<Answer> {
    return this.perform({ kind: 'discover', path });
  }

  /** Write (Replace). */
  put(path: string, format: number, payload: Uint8Array): Promise<Answer> {
    return this.perform({ kind: 'write', path, mode: 'replace', format, payload });
  }

  /** Write (Partial Update). */
  post(path: string, format: number, payload: Uint8Array): Promise<Answer> {
    return this.perform({ kind: 'write', path, mode: 'update', format, payload });
  }

  writeAttributes(path: string, ...query: readonly string[]): Promise<Answer> {
    return this.perform({ kind: 'write-attributes', path, query });
  }

  execute(path: string, args?: string): Promise<Answer> {
    return this.perform({ kind: 'execute', path, args });
  }

  create(path: string, format: number, payload: Uint8Array): Promise<Answer> {
    return this.perform({ kind: 'create', path, format, payload });
  }

  delete(path: string): Promise<Answer> {
    return this.perform({ kind: 'delete', path });
  }

  observe(path: string): Promise<Watch> {
    return this.settled(this.manager.observe(path));
  }

  async cancel(watch: Watch, way: 'active' | 'passive'): Promise<void> {
    await this.settled(this.manager.cancel(watch, way));
  }

  /** Sends a datagram in the Server's name, and gives what the device answers. */
  async inject(message: OutgoingMessage): Promise<WireResponse> {
    const device = udpPeer(deviceAddress, this.client.local.port);
    const before = this.asked.length;
    this.network.inject(udpPeer(serverAddress, 5683), device, encodeMessage(message));
    await this.pass(1);
    const response = this.asked[before]?.responses[0];
    assert.ok(response !== undefined, 'the device answers');
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#client?.close();
    if (closed !== undefined) await this.settled(closed);
    await this.manager[Symbol.asyncDispose]();
  }

  #reboot(): void {
    this.reboots += 1;
    this.client.restart();
  }
}
