/** Sequence numbers end here and begin again with 1 (SMPP 3.4 §5.1.4). */
const maxSequenceNumber = 0x7fff_ffff;

/** The numbers of our commands on one stream, which their answers repeat. */
export class SequenceNumbers {
  #last = 0;

  next(): number {
    this.#last = this.#last === maxSequenceNumber ? 1 : this.#last + 1;
    return this.#last;
  }

  /** A new stream counts from 1. */
  reset(): void {
    this.#last = 0;
  }
}
