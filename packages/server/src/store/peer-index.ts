import type { RegistrationEntry } from './registration-entry.ts';

/** Which registrations are at which peer, and how many at which IP address. */
export class PeerIndex {
  /** One entry as itself, several as a set: nearly every peer has one. */
  readonly #byKey = new Map<string, RegistrationEntry | Set<RegistrationEntry>>();
  readonly #countByAddress = new Map<string, number>();

  add(entry: RegistrationEntry): void {
    const { key, address } = entry.peer;
    const present = this.#byKey.get(key);
    if (present === undefined) this.#byKey.set(key, entry);
    else if (present instanceof Set) present.add(entry);
    else this.#byKey.set(key, new Set([present, entry]));
    this.#countByAddress.set(address, this.countAtAddress(address) + 1);
  }

  remove(entry: RegistrationEntry): void {
    const { key, address } = entry.peer;
    const present = this.#byKey.get(key);
    if (present instanceof Set) present.delete(entry);
    if (present === entry || (present instanceof Set && present.size === 0)) this.#byKey.delete(key);
    const count = this.countAtAddress(address) - 1;
    if (count > 0) this.#countByAddress.set(address, count);
    else this.#countByAddress.delete(address);
  }

  at(key: string): readonly RegistrationEntry[] {
    const present = this.#byKey.get(key);
    if (present === undefined) return [];
    return present instanceof Set ? [...present] : [present];
  }

  countAtAddress(address: string): number {
    return this.#countByAddress.get(address) ?? 0;
  }
}
