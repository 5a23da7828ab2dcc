import { base64Decode } from '@dunlin/base';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@dunlin/lwm2m';

/** What a reader throws when a document is not what it should be; caught by who reads the whole. */
export class UnreadableError extends Error {}

/** Reads the members of a JSON object, each as what it should be. */
export class JsonReader {
  readonly #object: JsonObject;

  constructor(value: JsonValue | undefined) {
    this.#object = value !== undefined && isJsonObject(value) ? value : fail('an object');
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  value(name: string): JsonValue {
    return this.#object[name] ?? fail(name);
  }

  text(name: string): string {
    return textFrom(this.value(name), name);
  }

  number(name: string): number {
    return numberFrom(this.value(name));
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    return typeof value === 'boolean' ? value : fail(name);
  }

  bytes(name: string): Uint8Array {
    return base64Decode(this.text(name)) ?? fail(name);
  }

  object(name: string): JsonReader {
    return new JsonReader(this.value(name));
  }

  list<T>(name: string, read: (item: JsonValue) => T): readonly T[] {
    return listFrom(this.value(name), read);
  }

  /** `undefined` when there is no such member. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }
}

function listFrom<T>(value: JsonValue, read: (item: JsonValue) => T): readonly T[] {
  return isJsonArray(value) ? value.map(read) : fail('a list');
}

/** A map from a list of pairs. */
export function mapFrom<T>(value: JsonValue, read: (item: JsonValue) => T): ReadonlyMap<number, T> {
  return new Map(
    listFrom(value, (pair): readonly [number, T] => {
      const [key, item] = isJsonArray(pair) ? pair : [];
      return item === undefined ? fail('a pair') : [numberFrom(key), read(item)];
    }),
  );
}

export function textFrom(value: JsonValue | undefined, what: string): string {
  return typeof value === 'string' ? value : fail(what);
}

export function numberFrom(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : fail('a number');
}

function fail(what: string): never {
  throw new UnreadableError(`${what} is not as it should be`);
}
