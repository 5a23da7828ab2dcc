import type { DatagramAddress } from './dtls-output.ts';
import { hostOf } from './peer-host.ts';

/** Counts something by the host of an address. */
export class HostCounts {
  readonly #counts = new Map<string, number>();

  /** How many there are with the host of an address. */
  of({ address }: DatagramAddress): number {
    return this.#counts.get(hostOf(address)) ?? 0;
  }

  /** One more, or one less. */
  change({ address }: DatagramAddress, change: 1 | -1): void {
    const host = hostOf(address);
    const count = (this.#counts.get(host) ?? 0) + change;
    if (count > 0) this.#counts.set(host, count);
    else this.#counts.delete(host);
  }
}
