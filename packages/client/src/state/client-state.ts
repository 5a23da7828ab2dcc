import { StorageError, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  contentFromJson,
  contentToJson,
  type FormatLimits,
  formatLimitsDefaults,
  isFormatFailure,
  isJsonObject,
  type JsonValue,
  type NotificationAttributes,
  parseJsonExactly,
  parsePath,
  type ResourceContents,
  stringifyJsonExactly,
} from '@dunlin/lwm2m';

/** What a device has to remember when it is off: what its Servers and the Bootstrap-Server made of its Objects. */
export interface ClientState {
  /** The Object Instances with what is kept of them, by Object and instance id. */
  readonly objects: ReadonlyMap<number, ReadonlyMap<number, ResourceContents>>;
  /** What each Server set by Write-Attributes, by its short server id and the path. */
  readonly attributes: ReadonlyMap<number, ReadonlyMap<string, NotificationAttributes>>;
}

/**
 * Port: where a client keeps its state, keys among it, while the device is off. `save` is called with one state at a
 * time, and must keep the one before whole until it has the new one. Both reject with a `StorageError`.
 */
export interface ClientStateStore {
  /** The state that was saved last; `undefined` when there is none: the device is as it left the factory. */
  load(): Promise<Uint8Array | undefined>;
  save(state: Uint8Array): Promise<void>;
}

/** A thousand times what a device with every Object of 1.0 has to remember. */
const limits: FormatLimits = {
  ...formatLimitsDefaults,
  maxPayloadLength: 64 * 1024 * 1024,
  maxValues: 10_000_000,
};

/** The layout of the bytes; another one gets another number. */
const version = 1;

/** The state as bytes, for a store: JSON that says the type of every value. */
export function encodeClientState({ objects, attributes }: ClientState): Uint8Array {
  const json: JsonValue = {
    version,
    objects: Object.fromEntries(
      [...objects].map(([id, instances]) => [id, contentToJson({ kind: 'object', instances })]),
    ),
    attributes: Object.fromEntries(
      [...attributes].map(([shortServerId, byPath]) => [
        shortServerId,
        Object.fromEntries([...byPath].map(([path, set]) => [path, { ...set }])),
      ]),
    ),
  };
  return utf8Encode(stringifyJsonExactly(json));
}

/** The state that the bytes stand for. Throws a `StorageError` on bytes that stand for none. */
export function decodeClientState(bytes: Uint8Array): ClientState {
  const text = utf8Decode(bytes);
  const json = text === undefined ? undefined : parseJsonExactly(text, limits);
  if (json === undefined || isFormatFailure(json) || !isJsonObject(json))
    throw damaged('it is no JSON object');
  if (json['version'] !== version) throw damaged(`its layout is not number ${version}`);
  return {
    objects: entriesOf(json['objects'], objectFrom),
    attributes: entriesOf(json['attributes'], attributesFrom),
  };
}

function entriesOf<T>(json: JsonValue | undefined, read: (value: JsonValue) => T): ReadonlyMap<number, T> {
  if (!isJsonObject(json)) throw damaged('a part of it is missing');
  const entries = Object.entries(json).map(([key, value]): [number, T] => {
    if (value === undefined || !/^\d{1,5}$/.test(key)) throw damaged(`${JSON.stringify(key)} is no id`);
    return [Number(key), read(value)];
  });
  return new Map(entries);
}

function objectFrom(json: JsonValue): ReadonlyMap<number, ResourceContents> {
  const content = contentFromJson(json);
  if (isFormatFailure(content)) throw damaged(content.reason);
  if (content.kind !== 'object') throw damaged('it holds something else than Objects');
  return content.instances;
}

function attributesFrom(json: JsonValue): ReadonlyMap<string, NotificationAttributes> {
  if (!isJsonObject(json)) throw damaged('attributes are an object');
  return new Map(
    Object.entries(json).map(([path, set]) => {
      if (parsePath(path) === undefined) throw damaged(`${JSON.stringify(path)} is no path`);
      return [path, attributeSetFrom(set)];
    }),
  );
}

const names: ReadonlySet<string> = new Set(['pmin', 'pmax', 'gt', 'lt', 'st']);

function attributeSetFrom(json: JsonValue | undefined): NotificationAttributes {
  if (json === undefined || !isJsonObject(json)) throw damaged('attributes are an object');
  for (const [name, value] of Object.entries(json)) {
    if (!names.has(name) || typeof value !== 'number')
      throw damaged(`${JSON.stringify(name)} is no attribute`);
  }
  return json;
}

function damaged(reason: string): StorageError {
  return new StorageError(
    `The saved state of the device cannot be used: ${reason}. Remove it to begin as new.`,
  );
}
