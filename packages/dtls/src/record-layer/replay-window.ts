/** How many sequence numbers back a late record may be (RFC 6347 §4.1.2.6). */
export const replayWindowLength = 64;

/** A replay window as it is saved and restored. */
export interface ReplayWindowState {
  /** The newest sequence number seen, −1 when there is none. */
  readonly newest: number;
  /** Bit n: `newest − n` was seen, for n from 0 to 31. */
  readonly recent: number;
  /** Bit n: `newest − 32 − n` was seen. */
  readonly older: number;
}

/**
 * Which sequence numbers of an epoch were seen (RFC 6347 §4.1.2.6). `isFresh` is asked before a record is
 * decrypted; `markSeen` is told only after it proved authentic, or else a forged record could shut out real ones.
 * Sequence numbers have 48 bits, so they are compared by arithmetic, and the window is two 32-bit words, since shifts
 * take their distance modulo 32.
 */
export class ReplayWindow {
  #newest: number;
  #recent: number;
  #older: number;

  constructor(state: ReplayWindowState = { newest: -1, recent: 0, older: 0 }) {
    this.#newest = state.newest;
    this.#recent = state.recent >>> 0;
    this.#older = state.older >>> 0;
  }

  /** The window as it is now. */
  get state(): ReplayWindowState {
    return { newest: this.#newest, recent: this.#recent, older: this.#older };
  }

  /** True when the record is newer than all seen so far. */
  isNewest(sequenceNumber: number): boolean {
    return sequenceNumber > this.#newest;
  }

  /** True when the record was not seen and is not too old to tell. */
  isFresh(sequenceNumber: number): boolean {
    const age = this.#newest - sequenceNumber;
    if (age < 0) return true;
    if (age >= replayWindowLength) return false;
    const word = age < 32 ? this.#recent : this.#older;
    return ((word >>> (age % 32)) & 1) === 0;
  }

  /** Notes an authenticated record. */
  markSeen(sequenceNumber: number): void {
    const shift = sequenceNumber - this.#newest;
    if (shift > 0) {
      this.#shiftBy(shift);
      this.#newest = sequenceNumber;
    }
    const age = this.#newest - sequenceNumber;
    if (age < 32) this.#recent = (this.#recent | (1 << age)) >>> 0;
    else if (age < replayWindowLength) this.#older = (this.#older | (1 << (age - 32))) >>> 0;
  }

  #shiftBy(shift: number): void {
    if (shift >= replayWindowLength) {
      this.#recent = 0;
      this.#older = 0;
    } else if (shift >= 32) {
      this.#older = (this.#recent << (shift - 32)) >>> 0;
      this.#recent = 0;
    } else {
      this.#older = ((this.#older << shift) | (this.#recent >>> (32 - shift))) >>> 0;
      this.#recent = (this.#recent << shift) >>> 0;
    }
  }
}
