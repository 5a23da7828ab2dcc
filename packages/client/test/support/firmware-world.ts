import { concatBytes, noBytes } from '@dunlin/base';
import { Method } from '@dunlin/coap';
import {
  type ClientOptions,
  FirmwareError,
  type FirmwareDownload,
  type FirmwareDownloader,
  type FirmwareDownloadRequest,
  type FirmwareStorage,
  type FirmwarePackage,
  type FirmwareStateStore,
  firmwareUpdate,
  type FirmwareUpdateEvent,
  type FirmwareUpdateOptions,
  type FirmwareUpdateSetup,
  memoryFirmwareStorage,
} from '@dunlin/client';
import { encodeContent, FirmwareUpdate, FirmwareUpdateProtocol, FirmwareUpdateResult } from '@dunlin/lwm2m';

import { completeDevice } from './reference-device.ts';
import type { Answer } from './scripted-server.ts';
import { bytes, segments, text, tlv, watched, World } from './world.ts';

export const opaque = 42;

/** A package that `verify` of these tests takes for good: it begins with `FW`, and the version follows. */
export function packageOf(length: number, version = 2): Uint8Array {
  return Uint8Array.from({ length }, (_, index) =>
    index < 3 ? ([0x46, 0x57, version][index] ?? 0) : (index * 7 + (index >> 8)) & 0xff,
  );
}

/** What the device runs: the version of the package that was installed last. */
export interface DeviceFirmware {
  version: number;
  restarts: number;
}

/** A downloader whose downloads are let go, cut and ended by hand. */
export class ScriptedDownloader implements FirmwareDownloader {
  readonly protocols: FirmwareDownloader['protocols'] = [
    FirmwareUpdateProtocol.coap,
    FirmwareUpdateProtocol.https,
  ];
  readonly requests: FirmwareDownloadRequest[] = [];
  /** What becomes of an attempt. */
  script: (request: FirmwareDownloadRequest) => Promise<FirmwareDownload> | FirmwareDownload = () =>
    served(packageOf(3000));

  async open(request: FirmwareDownloadRequest): Promise<FirmwareDownload> {
    this.requests.push(request);
    return await this.script(request);
  }
}

/** A download of all bytes from `offset` on, in chunks of 1000; `cutAt` says where the connection is lost. */
export function served(body: Uint8Array, options: Partial<ServedOptions> = {}): FirmwareDownload {
  const defaults: ServedOptions = { offset: 0, validator: 'v1', cutAt: Infinity, size: body.length };
  const { offset, validator, cutAt, size } = { ...defaults, ...options };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < body.length; at += 1000) {
      if (at >= cutAt) throw new FirmwareError(FirmwareUpdateResult.connectionLost, 'cut');
      yield body.subarray(at, Math.min(at + 1000, body.length, cutAt));
    }
    await Promise.resolve();
  }
  return { offset, size, validator, chunks: chunks() };
}

interface ServedOptions {
  readonly offset: number;
  readonly validator: string | undefined;
  readonly cutAt: number;
  readonly size: number | undefined;
}

/** A download of which nothing comes. */
export function hanging({ signal }: FirmwareDownloadRequest): FirmwareDownload {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const { promise, reject } = Promise.withResolvers<Uint8Array>();
    signal.addEventListener('abort', () => reject(signal.reason));
    yield await promise;
  }
  return { offset: 0, size: undefined, validator: undefined, chunks: chunks() };
}

/** A store that outlives the clients of a test. */
export class MemoryStateStore implements FirmwareStateStore {
  saved: Uint8Array | undefined;
  isBroken = false;
  /** Nothing is saved before it resolves. */
  ready: Promise<void> = Promise.resolve();

  load(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.saved);
  }

  async save(state: Uint8Array): Promise<void> {
    await this.ready;
    if (this.isBroken) throw new Error('worn out');
    this.saved = state.slice();
  }
}

/** A device with a Firmware Update Object, a scripted server, and what outlives a restart of the device. */
export class FirmwareWorld {
  readonly world: World;
  readonly setup: FirmwareUpdateSetup;
  readonly events: FirmwareUpdateEvent[] = [];
  readonly firmware: DeviceFirmware;
  readonly storage: FirmwareStorage;

  private constructor(
    world: World,
    setup: FirmwareUpdateSetup,
    facts: Pick<FirmwareWorld, 'firmware' | 'storage'>,
  ) {
    this.world = world;
    this.setup = setup;
    this.firmware = facts.firmware;
    this.storage = facts.storage;
    setup.events.subscribe((event) => this.events.push(event));
  }

  static async open(
    options: Partial<FirmwareUpdateOptions> = {},
    clientOptions: Partial<ClientOptions> = {},
  ): Promise<FirmwareWorld> {
    const firmware: DeviceFirmware = { version: 1, restarts: 0 };
    const storage = options.storage ?? memoryFirmwareStorage(1_000_000);
    const setup = await firmwareUpdate({
      storage,
      verify,
      install: (_, { version = '0' }) => {
        firmware.version = Number(version);
      },
      onInstalled: () => {
        firmware.restarts += 1;
        opened.world?.client.restart();
      },
      ...options,
    });
    const opened: { world?: World } = {};
    const world = await World.registered({
      objects: [completeDevice({ firmwareVersion: () => `${firmware.version}.0` }), setup],
      ...clientOptions,
    });
    opened.world = world;
    return new FirmwareWorld(world, setup, { firmware, storage });
  }

  /** State and Update Result, as a Server reads them: `1/0`. */
  async shown(): Promise<string> {
    const [state, result] = [await this.world.read('/5/0/3', text), await this.world.read('/5/0/5', text)];
    return `${state.text}/${result.text}`;
  }

  /** Lets time pass until State and Update Result are these. */
  async until(state: number, result: number): Promise<void> {
    await this.world.until(() => this.setup.status.state === state && this.setup.status.result === result);
  }

  pushAll(payload: Uint8Array, method: Method = Method.put): Promise<Answer> {
    const uriPath = segments('/5/0/0');
    return this.world.send({ method, uriPath, contentFormat: opaque, payload });
  }

  /** Sends the first or a further part of a package, which goes on with the next one; gives the answer to it. */
  async pushSlice(body: Uint8Array, offset: number, length: number): Promise<string> {
    const request = {
      method: Method.put,
      uriPath: segments('/5/0/0'),
      contentFormat: opaque,
      payload: body.subarray(offset, offset + length),
    };
    const { server } = this.world;
    const slice = { bodySlice: { offset, total: body.length } };
    const outcome = watched(server.send(request, server.device, slice));
    await this.world.until(() => outcome.value !== undefined);
    return typeof outcome.value === 'object' ? outcome.value.code : (outcome.value ?? 'nothing');
  }

  writeUri(uri: string): Promise<Answer> {
    return this.world.put('/5/0/1', text, bytes(uri));
  }

  update(): Promise<Answer> {
    return this.world.execute('/5/0/2');
  }

  /** The bytes in the storage. */
  async stored(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.storage.read()) pieces.push(piece);
    return concatBytes(pieces);
  }
}

/** A package of these tests begins with `FW`; another type begins with `XX`, and all others are broken. */
export async function verify(storage: FirmwareStorage): Promise<FirmwarePackage> {
  let first: Uint8Array = noBytes;
  for await (const piece of storage.read()) {
    first = piece;
    break;
  }
  const [a, b, version = 0] = first;
  if (a === 0x58 && b === 0x58) {
    throw new FirmwareError(FirmwareUpdateResult.unsupportedPackageType, 'it is for another device');
  }
  if (a !== 0x46 || b !== 0x57) throw new Error('the signature is wrong');
  return { name: 'acme-firmware', version: String(version) };
}

/** `/5/0/0` in TLV. */
export function packageInTlv(value: Uint8Array): Uint8Array {
  const content = { kind: 'resource', resource: { kind: 'single', type: 'opaque', value } } as const;
  const payload = encodeContent(tlv, FirmwareUpdate.package.path, content);
  if (!(payload instanceof Uint8Array)) throw new Error(payload.reason);
  return payload;
}
