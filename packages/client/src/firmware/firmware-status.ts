import { StorageError, utf8Decode, utf8Encode } from '@dunlin/base';
import { FirmwareUpdateResult, FirmwareUpdateState } from '@dunlin/lwm2m';

/** What a package is called (R-1059). */
export interface FirmwarePackage {
  /** `/5/0/6`, 255 bytes at most; default empty. */
  readonly name?: string;
  /** `/5/0/7`, 255 bytes at most; default empty. */
  readonly version?: string;
}

/** How the package comes in, and from whom. */
export type FirmwareDelivery =
  | { readonly kind: 'push'; readonly shortServerId: number | undefined }
  | {
      readonly kind: 'pull';
      readonly shortServerId: number | undefined;
      /** Of the bytes in the storage. */
      readonly validator: string | undefined;
    };

/** Where an update stands: what `/5/0` shows, and what it takes to go on after the device was off. */
export interface FirmwareStatus {
  readonly state: FirmwareUpdateState;
  readonly result: FirmwareUpdateResult;
  readonly packageUri: string;
  readonly delivery: FirmwareDelivery | undefined;
  readonly package: FirmwarePackage;
  /** The bytes of the complete package; 0 before. */
  readonly size: number;
}

/** That of a device which nobody has sent any package. */
export const initialFirmwareStatus: FirmwareStatus = {
  state: FirmwareUpdateState.idle,
  result: FirmwareUpdateResult.initial,
  packageUri: '',
  delivery: undefined,
  package: {},
  size: 0,
};

/** The layout of the bytes; another one gets another number. */
const version = 1;

/** The status as bytes, for a store. */
export function encodeFirmwareStatus(status: FirmwareStatus): Uint8Array {
  return utf8Encode(JSON.stringify({ ...status, version }));
}

/** The status that the bytes stand for. Throws a `StorageError` on bytes that stand for none. */
export function decodeFirmwareStatus(bytes: Uint8Array): FirmwareStatus {
  const json = parse(utf8Decode(bytes) ?? '');
  if (json['version'] !== version) throw damaged(`its layout is not number ${version}`);
  return {
    state: oneOf(FirmwareUpdateState, json['state'], 'state'),
    result: oneOf(FirmwareUpdateResult, json['result'], 'result'),
    packageUri: text(json['packageUri'], 'packageUri') ?? '',
    delivery: deliveryFrom(json['delivery']),
    package: packageFrom(json['package']),
    size: whole(json['size'], 'size') ?? 0,
  };
}

type Json = Readonly<Record<string, unknown>>;

function parse(source: string): Json {
  try {
    const json: unknown = JSON.parse(source);
    if (isObject(json)) return json;
  } catch (error) {
    throw damaged('it is no JSON', error);
  }
  throw damaged('it is no object');
}

function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function deliveryFrom(json: unknown): FirmwareDelivery | undefined {
  if (json === undefined) return undefined;
  if (!isObject(json)) throw damaged('its delivery is no object');
  const shortServerId = whole(json['shortServerId'], 'shortServerId');
  switch (json['kind']) {
    case 'push':
      return { kind: 'push', shortServerId };
    case 'pull':
      return { kind: 'pull', shortServerId, validator: text(json['validator'], 'validator') };
    default:
      throw damaged('its delivery is none');
  }
}

function packageFrom(json: unknown): FirmwarePackage {
  if (!isObject(json)) throw damaged('its package is no object');
  const name = text(json['name'], 'name');
  const packageVersion = text(json['version'], 'version');
  return {
    ...(name !== undefined && { name }),
    ...(packageVersion !== undefined && { version: packageVersion }),
  };
}

function oneOf<T>(codes: Readonly<Record<string, T>>, json: unknown, what: string): T {
  const code = Object.values(codes).find((candidate) => candidate === json);
  if (code === undefined) throw damaged(`its ${what} is none`);
  return code;
}

function text(json: unknown, what: string): string | undefined {
  if (json === undefined || typeof json === 'string') return json;
  throw damaged(`its ${what} is no text`);
}

function whole(json: unknown, what: string): number | undefined {
  if (json === undefined || (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0))
    return json;
  throw damaged(`its ${what} is no number`);
}

function damaged(reason: string, cause?: unknown): StorageError {
  const message = `The saved state of the firmware update cannot be used: ${reason}. Remove it to begin as new.`;
  return new StorageError(message, { cause });
}
