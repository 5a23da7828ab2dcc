import type { CoapOutput } from './endpoint-output.ts';

/** A burst may leave this many places behind; more are given back. */
const keptPlaces = 1024;

/** What waits to be polled: an array with a head, whose places are used again and again. */
export class OutputQueue {
  #outputs: (CoapOutput | undefined)[] = [];
  #head = 0;
  #tail = 0;

  push(output: CoapOutput): void {
    this.#outputs[this.#tail] = output;
    this.#tail += 1;
  }

  /** The oldest output, until `undefined`. */
  shift(): CoapOutput | undefined {
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
      if (this.#outputs.length > keptPlaces) this.#outputs = [];
      return undefined;
    }
    const output = this.#outputs[this.#head];
    this.#outputs[this.#head] = undefined;
    this.#head += 1;
    return output;
  }
}
