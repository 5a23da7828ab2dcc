import { type Instant, UsageError } from '@dunlin/base';

import type { Registration } from '../registration.ts';
import type { ProvisionedNumber, SmsNumberStore } from './sms-number-store.ts';

/**
 * To which numbers short messages go, and from which they are taken, beside those that are provisioned. A number that a
 * device names in its registration is a claim: who believes it can be made to pay for messages to premium numbers.
 * `provisioned`: to no others. `prefixes`: also to claimed numbers that begin so, such as those of one operator's
 * cards. `trust`: to every claimed number.
 */
export type SmsNumberPolicy = 'provisioned' | { readonly prefixes: readonly string[] } | 'trust';

/** The number that short messages to a device go to, or in a sentence why there is none. */
export type SmsDestination =
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Digits of an international number: 3 of a short code to 15 (3GPP TS 23.003 §3.3). */
const numberPattern = /^[0-9]{3,15}$/;

/**
 * The telephone numbers of devices: provisioned ones, all of them in memory, and what is to be thought of others.
 * A number is of one device; it routes, and proves nothing.
 */
export class SmsNumbers implements AsyncDisposable {
  readonly #store: SmsNumberStore;
  readonly #policy: SmsNumberPolicy;
  readonly #byEndpoint = new Map<string, ProvisionedNumber>();
  readonly #byNumber = new Map<string, string>();

  /** Loads what is provisioned. It closes the store. */
  static async open(store: SmsNumberStore, policy: SmsNumberPolicy = 'provisioned'): Promise<SmsNumbers> {
    const numbers = new SmsNumbers(store, policy);
    for (const each of await store.load()) numbers.#add(each);
    return numbers;
  }

  private constructor(store: SmsNumberStore, policy: SmsNumberPolicy) {
    this.#store = store;
    this.#policy = policy;
  }

  /** True when short messages of this number are looked at, and may go there at all. */
  isAllowed(number: string): boolean {
    if (this.#byNumber.has(number)) return true;
    if (this.#policy === 'provisioned') return false;
    return this.#policy === 'trust' || this.#policy.prefixes.some((prefix) => number.startsWith(prefix));
  }

  /** The provisioned number of an endpoint. */
  of(endpointName: string): ProvisionedNumber | undefined {
    return this.#byEndpoint.get(endpointName);
  }

  /** The endpoint for which a number is provisioned. */
  ownerOf(number: string): string | undefined {
    return this.#byNumber.get(number);
  }

  /** All that are provisioned, by endpoint name. */
  list(): readonly ProvisionedNumber[] {
    return [...this.#byEndpoint.values()].sort((a, b) => (a.endpointName < b.endpointName ? -1 : 1));
  }

  /** Where short messages to a registered device go: what is provisioned counts more than what the device says. */
  destinationOf({ endpointName, peer, smsNumber }: Registration): SmsDestination {
    const provisioned = this.#byEndpoint.get(endpointName);
    if (provisioned !== undefined) return { kind: 'number', number: provisioned.number };
    const claimed = peer.transport === 'sms' ? peer.address : smsNumber;
    if (claimed === undefined) {
      return none(`${endpointName} has no telephone number: it names none, and none is provisioned`);
    }
    const owner = this.#byNumber.get(claimed);
    if (owner !== undefined)
      return none(`the number ${claimed} that ${endpointName} names is provisioned for ${owner}`);
    if (this.isAllowed(claimed)) return { kind: 'number', number: claimed };
    return none(`the number ${claimed} is only what ${endpointName} says: provision it, or allow its prefix`);
  }

  /** Provisions the number of an endpoint. Rejects with a `UsageError` for what is no number, or is another's. */
  async provision(endpointName: string, number: string, at: Instant): Promise<ProvisionedNumber> {
    if (!numberPattern.test(number)) {
      throw new UsageError(
        `${JSON.stringify(number)} is no number: 3 to 15 digits with country code, without +`,
      );
    }
    const owner = this.#byNumber.get(number);
    if (owner !== undefined && owner !== endpointName) {
      throw new UsageError(`the number ${number} is provisioned for ${owner}`);
    }
    const provisioned = { endpointName, number, provisionedAt: at };
    await this.#store.put(provisioned);
    this.#drop(endpointName);
    this.#add(provisioned);
    return provisioned;
  }

  /** Takes the number of an endpoint away. False when it has none. */
  async withdraw(endpointName: string): Promise<boolean> {
    if (!this.#byEndpoint.has(endpointName)) return false;
    await this.#store.remove(endpointName);
    return this.#drop(endpointName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  #add(provisioned: ProvisionedNumber): void {
    this.#byEndpoint.set(provisioned.endpointName, provisioned);
    this.#byNumber.set(provisioned.number, provisioned.endpointName);
  }

  #drop(endpointName: string): boolean {
    const provisioned = this.#byEndpoint.get(endpointName);
    if (provisioned === undefined) return false;
    this.#byNumber.delete(provisioned.number);
    return this.#byEndpoint.delete(endpointName);
  }
}

function none(reason: string): SmsDestination {
  return { kind: 'none', reason };
}
