import { UsageError } from './errors.ts';

const printed = '[secret]';

/** What `util.inspect` and `console.log` of Node.js ask an object for; other platforms ignore it. */
const inspected = Symbol.for('nodejs.util.inspect.custom');

/**
 * Key material. Every way of printing it (text, template, JSON, inspection) shows `[secret]`; the bytes are given only
 * to who asks for them by `reveal`, and are overwritten with zeros by `destroy`, as well as a language with a
 * garbage collector can promise that: copies inside the engine are out of reach.
 */
export class Secret {
  static {
    Object.defineProperty(this.prototype, inspected, { value: () => printed });
  }

  #bytes: Uint8Array | undefined;

  /** Takes the bytes over: nobody else may keep them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, not a copy; not to be kept. Throws a `UsageError` once the secret was destroyed. */
  reveal(): Uint8Array {
    if (this.#bytes === undefined) throw new UsageError('This secret was destroyed.');
    return this.#bytes;
  }

  /** Overwrites the bytes with zeros; harmless when done twice. */
  destroy(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return printed;
  }

  toJSON(): string {
    return printed;
  }

  [Symbol.toPrimitive](): string {
    return printed;
  }
}
