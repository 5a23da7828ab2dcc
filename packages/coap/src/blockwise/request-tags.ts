/** A body on its way to a resource, among those that a peer could mix up with it. */
export interface TaggedBody {
  readonly key: string;
  readonly tag: number;
}

/**
 * Tells bodies apart that go to one resource in blocks at the same time (RFC 9175 §3.4): each gets a tag that no other
 * of the same key has as long as it is under way. The first one needs none, so that peers that know nothing of
 * Request-Tag see it where it is of use only.
 */
export class RequestTags {
  readonly #taken = new Map<string, Set<number>>();

  /** Takes the smallest tag that is free; 0 stands for none. */
  take(key: string): TaggedBody {
    const taken = this.#taken.get(key) ?? new Set();
    let tag = 0;
    while (taken.has(tag)) tag += 1;
    taken.add(tag);
    this.#taken.set(key, taken);
    return { key, tag };
  }

  /** The body is delivered, or given up. */
  release({ key, tag }: TaggedBody): void {
    const taken = this.#taken.get(key);
    taken?.delete(tag);
    if (taken?.size === 0) this.#taken.delete(key);
  }
}

/** The value of the Request-Tag option: as short as can be; `undefined` for none. */
export function requestTagValue({ tag }: TaggedBody): Uint8Array | undefined {
  if (tag === 0) return undefined;
  return tag < 0x100 ? Uint8Array.of(tag) : Uint8Array.of(tag >> 8, tag);
}
