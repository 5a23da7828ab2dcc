import type { ObjectList } from '@dunlin/lwm2m';

import type { DeviceFacts } from './fleet-entry.ts';

/** More makes, versions and sets of tags than a fleet has; with more they are no longer shared, which costs memory only. */
const maxTexts = 100_000;

/** Equal texts as one object, so that a thousand devices of a model have its name in memory once. */
export class Interned {
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly #objects = new Map<string, ObjectList['objects']>();
  readonly #facts = new Map<string, DeviceFacts>();

  text(text: string): string {
    return kept(this.#texts, text, text);
  }

  list(list: readonly string[]): readonly string[] {
    return kept(this.#lists, JSON.stringify(list), list);
  }

  objects(objects: ObjectList['objects']): ObjectList['objects'] {
    return kept(this.#objects, JSON.stringify([...objects]), objects);
  }

  facts(facts: DeviceFacts): DeviceFacts {
    return kept(this.#facts, JSON.stringify(facts), facts);
  }
}

function kept<T>(map: Map<string, T>, key: string, value: T): T {
  const present = map.get(key);
  if (present !== undefined) return present;
  if (map.size < maxTexts) map.set(key, value);
  return value;
}
