import type { Transcript } from '../crypto/transcript.ts';
import type { Epoch } from '../record-layer/record-layer.ts';
import type { HandshakeType } from '../wire/handshake-type.ts';
import type { FlightItem } from './fragmentation.ts';

/** Numbers the messages a side sends and puts them into the transcript, in one place so that none is forgotten. */
export class OutgoingMessages {
  readonly #transcript: Transcript;
  #nextSeq: number;

  /** Begins with number `firstSeq` (RFC 6347 §4.2.2). */
  constructor(transcript: Transcript, firstSeq: number) {
    this.#transcript = transcript;
    this.#nextSeq = firstSeq;
  }

  /** The next message, which is in the transcript now. */
  add(type: HandshakeType, body: Uint8Array, epoch: Epoch = 0): FlightItem {
    const message = { type, messageSeq: this.#nextSeq, body };
    this.#nextSeq += 1;
    this.#transcript.append(message);
    return { kind: 'handshake', epoch, message };
  }
}
