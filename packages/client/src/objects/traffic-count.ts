/** What Tx Data and Rx Data count in (1.0 E.8). */
const kilobyte = 1024;

/** Traffic since some moment, by the sizes of its packets. */
export class TrafficCount {
  #sent = 0;
  #received = 0;
  #packets = 0;
  #largest = 0;

  /** Takes a packet of so many bytes into account. */
  add(direction: 'sent' | 'received', bytes: number): void {
    if (direction === 'sent') this.#sent += bytes;
    else this.#received += bytes;
    this.#packets += 1;
    this.#largest = Math.max(this.#largest, bytes);
  }

  /** Whole kilobytes. */
  get sentKilobytes(): number {
    return Math.floor(this.#sent / kilobyte);
  }

  /** Whole kilobytes. */
  get receivedKilobytes(): number {
    return Math.floor(this.#received / kilobyte);
  }

  /** Bytes of the largest packet; 0 without any. */
  get largest(): number {
    return this.#largest;
  }

  /** Bytes of a packet on average, rounded; 0 without any. */
  get average(): number {
    return this.#packets === 0 ? 0 : Math.round((this.#sent + this.#received) / this.#packets);
  }
}
