import type { CoapOutput } from './endpoint-output.ts';

/** What waits to be polled: an array with a head, emptied in one go. */
export class OutputQueue {
  #outputs: CoapOutput[] = [];
  #head = 0;

  push(output: CoapOutput): void {
    this.#outputs.push(output);
  }

  /** The oldest output, until `undefined`. */
  shift(): CoapOutput | undefined {
    const output = this.#outputs[this.#head];
    if (output === undefined) {
      if (this.#head > 0) {
        this.#outputs = [];
        this.#head = 0;
      }
      return undefined;
    }
    this.#head += 1;
    return output;
  }
}
