import type { IncomingExchange } from './incoming-exchange.ts';

/**
 * Received requests that the role owes an answer. Most are answered before the next one comes, so the newest
 * is kept beside the table and enters it only when it is not.
 */
export class ExchangeTable {
  readonly #older = new Map<number, IncomingExchange>();
  #newest: IncomingExchange | undefined;

  get size(): number {
    return this.#older.size + (this.#newest === undefined ? 0 : 1);
  }

  add(exchange: IncomingExchange): void {
    if (this.#newest !== undefined) this.#older.set(this.#newest.id, this.#newest);
    this.#newest = exchange;
  }

  /** Takes an exchange out. */
  take(id: number): IncomingExchange | undefined {
    const newest = this.#newest;
    if (newest?.id === id) {
      this.#newest = undefined;
      return newest;
    }
    const exchange = this.#older.get(id);
    if (exchange !== undefined) this.#older.delete(id);
    return exchange;
  }

  /** All that are open. */
  all(): readonly IncomingExchange[] {
    return this.#newest === undefined ? [...this.#older.values()] : [...this.#older.values(), this.#newest];
  }
}
