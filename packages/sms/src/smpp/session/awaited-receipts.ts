import { addDuration, type Instant } from '@dunlin/base';

import type { AwaitedReceipt, ReceiptState } from '../../carrier.ts';
import type { OutgoingShortMessage, ShortMessageId } from '../../short-message.ts';
import { messageIdKey, otherMessageIdKeys } from '../delivery-receipt.ts';
import type { SmppLimits } from './smpp-options.ts';

/** A message of which the message centre will tell. */
interface Awaited {
  readonly id: ShortMessageId;
  readonly to: string;
  readonly until: Instant;
  /** How the message centre named it; `undefined` before its answer, and for ever where that is lost. */
  key: string | undefined;
  /** True once it was told what became of the submission: receipts may be told then. */
  isSettled: boolean;
  /** What a receipt said that overtook the answer to the submission. */
  early: ReceiptState | undefined;
}

/** Finds the messages that receipts are about. */
export class AwaitedReceipts {
  readonly #limits: SmppLimits;
  /** In the order of submission. */
  readonly #awaited = new Map<ShortMessageId, Awaited>();
  /** True once a receipt had the id of a submission: this message centre means what it says. */
  #areIdsMeant = false;

  constructor(limits: SmppLimits) {
    this.#limits = limits;
  }

  /** The message is being submitted: its receipt may come from now on, even before the answer. */
  expect(message: OutgoingShortMessage, validUntil: Instant, now: Instant): void {
    this.#forgetOld(now);
    const until = addDuration(validUntil, this.#limits.receiptPatience);
    const { id, to } = message;
    this.#awaited.set(id, { id, to, until, key: undefined, isSettled: false, early: undefined });
  }

  /** An earlier process submitted it. */
  expectAgain({ id, to, reference, until }: AwaitedReceipt): void {
    const key = reference === '' ? undefined : messageIdKey(reference);
    this.#awaited.set(id, { id, to, until, key, isSettled: true, early: undefined });
  }

  /** The submission was not taken: there will be no receipt. */
  forget(id: ShortMessageId): void {
    this.#awaited.delete(id);
  }

  /** The answer gave it a name, late or in time. */
  name(id: ShortMessageId, messageId: string): void {
    const awaited = this.#awaited.get(id);
    if (awaited !== undefined && messageId !== '') awaited.key = messageIdKey(messageId);
  }

  /** It was told what became of the submission; gives what a receipt said before. */
  settle(id: ShortMessageId): ReceiptState | undefined {
    const awaited = this.#awaited.get(id);
    if (awaited === undefined) return undefined;
    awaited.isSettled = true;
    if (awaited.early !== undefined) this.#awaited.delete(id);
    return awaited.early;
  }

  /**
   * The last word on a message to `number`. Gives the message, `early` where its submission is not answered yet, or
   * `undefined` where no message can be meant.
   */
  take(
    messageId: string,
    number: string | undefined,
    state: ReceiptState,
    now: Instant,
  ): ShortMessageId | 'early' | undefined {
    this.#forgetOld(now);
    const awaited = this.#named(messageId, number) ?? this.#oldest(number);
    if (awaited === undefined) return undefined;
    if (!awaited.isSettled) {
      awaited.early ??= state;
      return 'early';
    }
    this.#awaited.delete(awaited.id);
    return awaited.id;
  }

  /** By its name: as it is, or in another notation for the same number, since those could be the names of others. */
  #named(messageId: string, number: string | undefined): Awaited | undefined {
    if (messageId === '') return undefined;
    const key = messageIdKey(messageId);
    const same = [...this.#awaited.values()].filter((awaited) => awaited.key === key);
    const others = otherMessageIdKeys(messageId);
    const found =
      same.find(({ to }) => to === number) ??
      // Some message centres give all messages one name: then it says nothing.
      (same.length === 1 ? same[0] : undefined) ??
      this.#find(
        (awaited) => awaited.to === number && awaited.key !== undefined && others.includes(awaited.key),
      );
    this.#areIdsMeant ||= found !== undefined;
    return found;
  }

  /**
   * The oldest message to the number. Where names are meant, one that has a name would have been found by it, so only
   * those are left whose answer is not here.
   */
  #oldest(number: string | undefined): Awaited | undefined {
    return this.#find(({ to, key, early }) => {
      return to === number && early === undefined && !(this.#areIdsMeant && key !== undefined);
    });
  }

  #find(matches: (awaited: Awaited) => boolean): Awaited | undefined {
    for (const awaited of this.#awaited.values()) if (matches(awaited)) return awaited;
    return undefined;
  }

  /** Those whose time is over, and the oldest where there are too many. */
  #forgetOld(now: Instant): void {
    for (const { id, until } of this.#awaited.values()) {
      if (until > now && this.#awaited.size <= this.#limits.maxAwaitedReceipts) continue;
      this.#awaited.delete(id);
    }
  }
}
