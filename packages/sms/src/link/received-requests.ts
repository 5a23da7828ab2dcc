import { addDuration, hexEncode, type Instant, type Milliseconds, milliseconds } from '@dunlin/base';

/** A request that was received. */
export interface ReceivedRequest {
  /** Its sender, message id and token. */
  readonly key: string;
  readonly receivedAt: Instant;
}

/** The memory of received requests, which outlives the process: synchronous, as a request may be executed only once it is noted. */
export interface ReceivedRequestStore {
  /** It is on the disk when this returns. Throws a `StorageError`. */
  note(request: ReceivedRequest): void;
  /** All, in the order in which they came. */
  load(): Iterable<ReceivedRequest>;
  /** Forgets those that came before. */
  forget(before: Instant): void;
}

/** How long and how many received requests are remembered. */
export interface ReceivedRequestLimits {
  /** Default 2 hours: a message centre may deliver again within the validity of a message, 5 minutes, and clocks and queues add to it. */
  readonly lifetime: Milliseconds;
  /**
   * A request that is repeated within so long is handed on once more, so that its answer is repeated. Default 4 minutes:
   * less than CoAP remembers non-confirmable ones over short messages, or it would execute them again.
   */
  readonly repeatWithin: Milliseconds;
  /** The oldest goes for another. Default 50,000, 7 a second. */
  readonly maxRequests: number;
}

/** Defaults, see `ReceivedRequestLimits`. */
export const receivedRequestDefaults: ReceivedRequestLimits = {
  lifetime: milliseconds(7_200_000),
  repeatWithin: milliseconds(240_000),
  maxRequests: 50_000,
};

interface Remembered {
  readonly receivedAt: Instant;
  /** True when its answer was repeated, or cannot be as another process gave it. */
  isDone: boolean;
}

/**
 * Tells requests that come once more. Short messages are delivered twice when an acknowledgement is lost between the
 * centre and its receiver, and that may be after a restart, of which the deduplication of CoAP remembers nothing.
 */
export class ReceivedRequests {
  readonly #store: ReceivedRequestStore;
  readonly #limits: ReceivedRequestLimits;
  /** The oldest first. */
  readonly #known = new Map<string, Remembered>();

  constructor(store: ReceivedRequestStore, limits: ReceivedRequestLimits) {
    this.#store = store;
    this.#limits = limits;
    for (const { key, receivedAt } of store.load()) this.#known.set(key, { receivedAt, isDone: true });
  }

  get size(): number {
    return this.#known.size;
  }

  /** True when the datagram is to be handed on: it is no request of CoAP, or a new one, or is repeated for the first time. */
  accept(from: string, datagram: Uint8Array, now: Instant): boolean {
    const id = requestIdOf(datagram);
    if (id === undefined) return true;
    this.#forget(now);
    const key = `${from}/${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      const isHandedOn = !known.isDone && now <= addDuration(known.receivedAt, this.#limits.repeatWithin);
      known.isDone = true;
      return isHandedOn;
    }
    this.#store.note({ key, receivedAt: now });
    this.#known.set(key, { receivedAt: now, isDone: false });
    return true;
  }

  #forget(now: Instant): void {
    let last: Instant | undefined;
    for (const [key, { receivedAt }] of this.#known) {
      const isOld = addDuration(receivedAt, this.#limits.lifetime) <= now;
      if (!isOld && this.#known.size < this.#limits.maxRequests) break;
      this.#known.delete(key);
      last = receivedAt;
    }
    if (last !== undefined) this.#store.forget(last);
  }
}

/** A memory that is gone with the process. */
export function memoryReceivedRequests(): ReceivedRequestStore {
  const requests = new Map<string, ReceivedRequest>();
  return {
    note: (request) => void requests.set(request.key, request),
    load: () => [...requests.values()],
    forget: (before) => {
      for (const { key, receivedAt } of requests.values()) if (receivedAt < before) requests.delete(key);
    },
  };
}

/**
 * Message id and token of a request of CoAP (RFC 7252 §3): version 1 and a code of class 0 that is not empty. With the
 * token, one that a restarted device happens to give the same message id is another.
 */
function requestIdOf(datagram: Uint8Array): string | undefined {
  const [first = 0, code = 0] = datagram;
  if (datagram.length < 4 || first >> 6 !== 1 || code === 0 || code >> 5 !== 0) return undefined;
  const tokenLength = first & 0x0f;
  return hexEncode(datagram.subarray(2, 4 + tokenLength));
}
