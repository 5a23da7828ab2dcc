import type { Instant } from '@dunlin/base';

import type { MaybePromise } from '../registration-store.ts';

/** The telephone number of a device, as somebody entered it who knows. */
export interface ProvisionedNumber {
  readonly endpointName: string;
  /** Digits of an international number, without "+". */
  readonly number: string;
  readonly provisionedAt: Instant;
}

/** Port: where provisioned numbers are kept. Methods may answer at once or later; they reject with a `StorageError`. */
export interface SmsNumberStore extends AsyncDisposable {
  /** All of them. */
  load(): MaybePromise<readonly ProvisionedNumber[]>;
  /** Keeps one in place of that of the same endpoint. Durable when answered. */
  put(number: ProvisionedNumber): MaybePromise<void>;
  /** Forgets that of an endpoint. Durable when answered. */
  remove(endpointName: string): MaybePromise<void>;
}

/** Numbers that are gone with the process. */
export class MemorySmsNumberStore implements SmsNumberStore {
  readonly #numbers = new Map<string, ProvisionedNumber>();

  load(): readonly ProvisionedNumber[] {
    return [...this.#numbers.values()];
  }

  put(number: ProvisionedNumber): void {
    this.#numbers.set(number.endpointName, number);
  }

  remove(endpointName: string): void {
    this.#numbers.delete(endpointName);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
