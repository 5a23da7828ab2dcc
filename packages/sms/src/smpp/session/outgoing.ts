import { earliestOf, type Instant, type Random } from '@dunlin/base';

import type { OutgoingShortMessage } from '../../short-message.ts';
import { CommandStatus, isTemporaryStatus, isThrottling, statusText } from '../command-status.ts';
import type { AwaitedReceipts } from './awaited-receipts.ts';
import { Pace } from './pace.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';
import type { SessionOutputs } from './session-outputs.ts';
import type { SmppCounts } from './session-status.ts';
import type { SmppAccount, SmppLimits } from './smpp-options.ts';
import { submissionPdu, whyUnsendable } from './submission-pdu.ts';
import { type Submission, Submissions } from './submissions.ts';

/** What the sessions of one account have in common, where they are two. */
export interface SharedByBinds {
  readonly receipts: AwaitedReceipts;
  readonly counts: SmppCounts;
}

/** What a session shares with its parts. */
export interface SessionContext extends SharedByBinds {
  readonly account: SmppAccount;
  readonly limits: SmppLimits;
  readonly outputs: SessionOutputs;
  readonly sequenceNumbers: SequenceNumbers;
  readonly random: Random;
}

/** The messages of a session on their way out: each gets exactly one word on its submission, and perhaps a receipt. */
export class Outgoing {
  readonly #context: SessionContext;
  readonly #submissions: Submissions;
  readonly #pace: Pace;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#submissions = new Submissions(context.limits);
    this.#pace = new Pace(context.limits, context.random);
  }

  get queued(): number {
    return this.#submissions.queued;
  }

  get unanswered(): number {
    return this.#submissions.unanswered;
  }

  /** When something is to be sent, is overdue or expires. */
  get deadline(): Instant | undefined {
    const submissions = this.#submissions;
    return earliestOf(submissions.deadline, submissions.canSend ? this.#pace.mayAt : undefined);
  }

  /** Takes a message in, or refuses it; `advance` sends it. */
  submit(message: OutgoingShortMessage, now: Instant): void {
    const unsendable = whyUnsendable(message);
    if (unsendable !== undefined) this.refuse(message, false, unsendable);
    else if (!this.#submissions.enqueue(message, now)) {
      this.refuse(message, true, 'too many messages wait to be sent');
    }
  }

  /** Gives up what is overdue or has expired. */
  expire(now: Instant): void {
    for (const { message } of this.#submissions.takeExpired(now)) {
      this.refuse(message, true, 'its validity ended before it could be sent');
    }
    for (;;) {
      const overdue = this.#submissions.takeOverdue(now);
      if (overdue === undefined) return;
      this.#lose(overdue, 'the message centre did not answer in time');
    }
  }

  /** Sends what may be sent. */
  send(now: Instant): void {
    const { account, outputs, counts, receipts, sequenceNumbers } = this.#context;
    while (this.#submissions.canSend && this.#pace.mayAt <= now) {
      const sequenceNumber = sequenceNumbers.next();
      const submission = this.#submissions.send(sequenceNumber, now);
      if (submission === undefined) return;
      const { message, validUntil } = submission;
      if (message.wantsReceipt) receipts.expect(message, validUntil, now);
      outputs.write(submissionPdu(submission, account, sequenceNumber, now), submission);
      counts.submitted += 1;
      this.#pace.sent(now);
    }
  }

  /** The message centre answered a submission, by submit_sm_resp or generic_nack. */
  answered(sequenceNumber: number, status: number, messageId: string, now: Instant): void {
    const submission = this.#submissions.answered(sequenceNumber);
    if (submission === undefined) {
      const late = this.#submissions.answeredLate(sequenceNumber);
      if (late !== undefined && status === CommandStatus.ok)
        this.#context.receipts.name(late.message.id, messageId);
      return;
    }
    if (status === CommandStatus.ok) {
      this.#accept(submission, messageId);
      return;
    }
    this.#context.receipts.forget(submission.message.id);
    if (isThrottling(status)) {
      this.#context.counts.throttled += 1;
      this.#pace.throttled(now);
      this.#submissions.requeue(submission);
    } else {
      this.refuse(submission.message, isTemporaryStatus(status), statusText(status));
    }
  }

  /** An answer came that cannot be read: whatever it says, it is the only one. */
  answeredUnreadably(sequenceNumber: number, reason: string): void {
    const submission = this.#submissions.answered(sequenceNumber);
    if (submission !== undefined)
      this.#lose(submission, `the answer of the message centre is malformed: ${reason}`);
  }

  refuseQueued(reason: string): void {
    for (const { message } of this.#submissions.takeQueued()) this.refuse(message, true, reason);
  }

  /** The stream is gone, or given up: what was written is unknown, and the rest was certainly not sent. */
  abandon(reason: string): void {
    this.#context.outputs.dropSubmissions();
    for (const submission of this.#submissions.takeWindow()) {
      if (submission.isWritten) this.#lose(submission, reason);
      else {
        this.#context.receipts.forget(submission.message.id);
        this.refuse(submission.message, true, reason);
      }
    }
    this.refuseQueued(reason);
  }

  refuse(message: OutgoingShortMessage, isTemporary: boolean, reason: string): void {
    this.#context.counts.refused += 1;
    this.#context.outputs.tell({ kind: 'refused', id: message.id, isTemporary, reason });
  }

  #accept({ message: { id } }: Submission, messageId: string): void {
    this.#pace.accepted();
    this.#context.counts.accepted += 1;
    this.#context.receipts.name(id, messageId);
    this.#context.outputs.tell({ kind: 'accepted', id, reference: messageId });
    this.#tellEarlyReceipt(id);
  }

  #lose({ message: { id } }: Submission, reason: string): void {
    this.#context.counts.unknown += 1;
    this.#context.outputs.tell({ kind: 'unknown', id, reason });
    this.#tellEarlyReceipt(id);
  }

  /** A receipt that overtook the answer was kept until now. */
  #tellEarlyReceipt(id: number): void {
    const state = this.#context.receipts.settle(id);
    if (state !== undefined) this.#context.outputs.tell({ kind: 'receipt', id, state });
  }
}
