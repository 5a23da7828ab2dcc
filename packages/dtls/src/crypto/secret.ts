import { UsageError } from '@dunlin/base';

/**
 * Key material: no way of printing shows it (the bytes are private, text and JSON say `[secret]`), and is overwritten with zeros when destroyed, as well
 * as a language with a garbage collector can promise that (copies inside the engine are out of reach).
 */
export class Secret {
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
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }
}
