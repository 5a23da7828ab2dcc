import type { Instant, Milliseconds } from '@dunlin/base';
import type { ObservedDatagram, SimulatedNetwork } from '@dunlin/simulation';

/** How long a datagram may be under way on a rough network: its delay, and being overtaken. */
const longestWay = 3400;

/** Watches that a Server begins no request to a device whose awake window is over. */
export class RequestWatch {
  readonly violations: string[] = [];
  readonly #window: Milliseconds;
  readonly #start: Instant;
  readonly #lastSent = new Map<string, Instant>();
  readonly #requests = new Set<string>();

  constructor(network: SimulatedNetwork, window: Milliseconds) {
    this.#window = window;
    this.#start = network.clock.now;
    network.watch((observed) => this.#observe(observed));
  }

  #observe({ at, from, to, datagram }: ObservedDatagram): void {
    if (from.address !== serverAddress) {
      this.#lastSent.set(from.address, at);
      return;
    }
    const [first = 0, code = 0, high = 0, low = 0] = datagram;
    // Confirmable, and a method (RFC 7252 §3).
    if ((first & 0x30) !== 0 || code === 0 || code > 0x1f) return;
    // The same Message ID to the same endpoint is the same message again: an exchange that began goes on to its end.
    const key = `${to.key} ${(high << 8) | low}`;
    if (this.#requests.has(key)) return;
    this.#requests.add(key);
    const silence = at - (this.#lastSent.get(to.address) ?? this.#start);
    if (silence <= this.#window + longestWay) return;
    const when = ((at - this.#start) / 1000).toFixed(3);
    this.violations.push(`at ${when} s a request begins to ${to.address}, silent for ${silence} ms`);
  }
}

const serverAddress = '10.0.0.1';
