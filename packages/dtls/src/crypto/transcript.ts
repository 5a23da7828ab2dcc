import { hash } from 'node:crypto';

import { concatBytes } from '@dunlin/base';

import { encodeHandshakeFragment } from '../wire/handshake-header.ts';
import type { HandshakeType } from '../wire/handshake-type.ts';
import { plainBytes } from './plain-bytes.ts';

/** A whole handshake message, out of its fragments or before it is cut into some. */
export interface HandshakeMessage {
  readonly type: HandshakeType;
  /** Its number in its sender's handshake, 0 to 65,535. */
  readonly messageSeq: number;
  readonly body: Uint8Array;
}

/**
 * The messages of a handshake as Finished, CertificateVerify and the extended master secret see them: each as if
 * it had been sent in one fragment, without the first ClientHello and the HelloVerifyRequest when there was a
 * cookie exchange (RFC 6347 §4.2.6); those are the caller's not to append. The messages themselves are kept, since a
 * CertificateVerify may sign them with another hash; reassembly bounds their size.
 */
export class Transcript {
  #messages: Uint8Array[];

  constructor() {
    this.#messages = [];
  }

  /** Appends a message. */
  append(message: HandshakeMessage): void {
    this.#messages.push(
      encodeHandshakeFragment({
        type: message.type,
        length: message.body.length,
        messageSeq: message.messageSeq,
        fragmentOffset: 0,
        fragment: message.body,
      }),
    );
  }

  /** All messages so far in one byte string: what a CertificateVerify signs (RFC 5246 §7.4.8). */
  messages(): Uint8Array {
    return concatBytes(this.#messages);
  }

  /** The SHA-256 hash of all messages so far. */
  hash(): Uint8Array {
    return plainBytes(hash('sha256', this.messages(), 'buffer'));
  }

  /** A transcript with the same messages that goes its own way from here. */
  fork(): Transcript {
    const forked = new Transcript();
    forked.#messages = [...this.#messages];
    return forked;
  }
}
