import { type LookupId, lookupIdFrom } from './association-id.ts';

/** Whoever a question is asked for. */
interface Asking {
  /** Its question that is out; `OpenQuestions` alone writes to it. */
  lookup: LookupId | undefined;
}

/**
 * The questions that are out. Each handshake has one at most: with the next one, or when it ends, the one before is
 * gone, so that an answer to it, which comes too late then, is never taken for one to another question.
 */
export class OpenQuestions<T extends Asking> {
  readonly #asking = new Map<LookupId, T>();
  #next = 1;

  /** Opens a question for `asking`, in place of the one it had. */
  open(asking: T): LookupId {
    this.drop(asking);
    const lookup = lookupIdFrom(this.#next);
    this.#next += 1;
    this.#asking.set(lookup, asking);
    asking.lookup = lookup;
    return lookup;
  }

  /** Whose question it was; from then on it is answered. `undefined` when it is none that is out. */
  close(lookup: LookupId): T | undefined {
    const asking = this.#asking.get(lookup);
    if (asking !== undefined) this.drop(asking);
    return asking;
  }

  /** Nobody waits for the answer any more; harmless when there is no question. */
  drop(asking: T): void {
    if (asking.lookup !== undefined) this.#asking.delete(asking.lookup);
    asking.lookup = undefined;
  }
}
