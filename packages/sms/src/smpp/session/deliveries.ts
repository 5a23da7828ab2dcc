import type { Instant } from '@dunlin/base';

import { senderNumber } from '../../sender-number.ts';
import type { ShortMessageId } from '../../short-message.ts';
import { CommandStatus } from '../command-status.ts';
import { readDeliveryReceipt } from '../delivery-receipt.ts';
import { messageTypeOf } from '../esm-class.ts';
import { receiptStateOf } from '../message-state.ts';
import type { SessionContext } from './outgoing.ts';
import { type Delivery, messageBytes, readContent } from './received-content.ts';

/** What the message centre brings: messages, which are answered once they were taken, and receipts. */
export class Deliveries {
  readonly #context: SessionContext;
  /** Those that were handed up and not acknowledged. */
  readonly #open = new Map<ShortMessageId, Delivery>();
  #lastId: ShortMessageId = 0;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** Something came; while `isEnding`, no more messages are taken. */
  take(delivery: Delivery, isEnding: boolean, now: Instant): void {
    switch (messageTypeOf(delivery.esmClass)) {
      case 'message':
        this.#takeMessage(delivery, isEnding);
        return;
      case 'receipt':
        this.#takeReceipt(delivery, now);
        return;
      case 'intermediate':
        // Was not asked for, and is not the last word.
        this.#answer(delivery, CommandStatus.ok);
        return;
      case 'other':
        this.#drop(delivery, `its esm_class is 0x${delivery.esmClass.toString(16)}, which is no message`);
    }
  }

  acknowledge(id: ShortMessageId, answer: 'taken' | 'busy'): void {
    const delivery = this.#open.get(id);
    // Where the session was lost meanwhile, the message centre will bring it again.
    if (delivery === undefined) return;
    this.#open.delete(id);
    if (answer === 'busy') this.#refuse(delivery);
    else this.#answer(delivery, CommandStatus.ok);
  }

  /** Has the message centre bring again what nobody acknowledged. */
  refuseAll(): void {
    for (const delivery of this.#open.values()) this.#refuse(delivery);
    this.#open.clear();
  }

  /** The stream is gone, and with it whom to answer. */
  forget(): void {
    this.#open.clear();
  }

  #takeMessage(delivery: Delivery, isEnding: boolean): void {
    const { account, limits, outputs, counts } = this.#context;
    const content = readContent(delivery, limits.maxUserData);
    if (typeof content === 'string') {
      this.#drop(delivery, content);
      return;
    }
    const from = senderNumber(delivery.source, account.countryCode);
    if (from === undefined) {
      this.#drop(delivery, 'its sender is no number');
      return;
    }
    if (isEnding || this.#open.size >= limits.maxUnacknowledged) {
      this.#refuse(delivery);
      return;
    }
    this.#lastId += 1;
    this.#open.set(this.#lastId, delivery);
    counts.received += 1;
    outputs.tell({ kind: 'received', message: { id: this.#lastId, from, ...content } });
  }

  #takeReceipt(delivery: Delivery, now: Instant): void {
    const { account, outputs, counts, receipts } = this.#context;
    const receipt = readDeliveryReceipt(messageBytes(delivery), delivery.tlvs);
    if (receipt === undefined) {
      this.#drop(delivery, 'it is a receipt that says nothing');
      return;
    }
    this.#answer(delivery, CommandStatus.ok);
    const state = receiptStateOf(receipt.state);
    if (state === undefined) return;
    const number = senderNumber(delivery.source, account.countryCode);
    const id = receipts.take(receipt.messageId, number, state, now);
    if (id === 'early') return;
    if (id === undefined) {
      counts.unmatchedReceipts += 1;
      return;
    }
    counts.receipts += 1;
    outputs.tell({ kind: 'receipt', id, state });
  }

  /** What is not for us is taken from the message centre all the same: it would only bring it again. */
  #drop(delivery: Delivery, reason: string): void {
    this.#context.counts.dropped += 1;
    this.#context.outputs.tell({ kind: 'dropped', reason });
    this.#answer(delivery, CommandStatus.ok);
  }

  /** ESME_RX_T_APPN: the message centre keeps it and tries again. */
  #refuse(delivery: Delivery): void {
    this.#context.counts.busy += 1;
    this.#answer(delivery, CommandStatus.receiverTemporaryError);
  }

  #answer({ kind, sequenceNumber }: Delivery, commandStatus: CommandStatus): void {
    const answer = { sequenceNumber, commandStatus, messageId: '', tlvs: [] };
    this.#context.outputs.write({ kind: `${kind}-response`, ...answer });
  }
}
