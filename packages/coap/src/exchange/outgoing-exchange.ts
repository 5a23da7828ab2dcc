import { Transmission } from '../message-layer/transmission.ts';
import { tokenKey } from '../message.ts';
import type { Operation } from './operation.ts';
import type { RequestPart } from './request-transfers.ts';

/**
 * One request message of ours and the response to it (RFC 7252 §5.3). A whole request is one of them, or
 * several when a body goes in blocks.
 */
export class OutgoingExchange extends Transmission {
  readonly kind = 'request';
  readonly operation: Operation;
  readonly token: Uint8Array;
  readonly tokenKey: string;
  /** What the message carries, in case that it has to be repeated with an Echo option. */
  readonly part: RequestPart;
  /**
   * `queued` (for its turn), `sent` (may be acknowledged), `waiting` (acknowledged, or non-confirmable and
   * no longer counted for NSTART), `done`.
   */
  phase: 'queued' | 'sent' | 'waiting' | 'done' = 'queued';
  /** Counted among those that the peer acknowledged and did not answer. */
  isUnanswered = false;

  constructor(operation: Operation, token: Uint8Array, part: RequestPart) {
    super(operation.peer);
    this.operation = operation;
    this.token = token;
    this.tokenKey = tokenKey(token);
    this.part = part;
  }
}
