import { concatBytes } from '@dunlin/base';

import type { HandshakeMessage } from '../crypto/transcript.ts';
import { type Epoch, type RecordLayer, type SealRefusal } from '../record-layer/record-layer.ts';
import { changeCipherSpec } from '../wire/change-cipher-spec.ts';
import { ContentType } from '../wire/content-type.ts';
import { encodeHandshakeFragment, handshakeHeaderLength } from '../wire/handshake-header.ts';
import { HandshakeType } from '../wire/handshake-type.ts';

/** One entry of a flight. */
export type FlightItem =
  | { readonly kind: 'handshake'; readonly epoch: Epoch; readonly message: HandshakeMessage }
  | { readonly kind: 'change-cipher-spec' };

/** How a flight is laid into datagrams. */
export interface Packing {
  /** The most bytes a datagram may have; at least `minDatagramLength`. */
  readonly maxDatagramLength: number;
  /** Each message in datagrams of its own, for peers or paths that lose packed ones. */
  readonly isOneMessagePerDatagram: boolean;
}

/**
 * The smallest datagrams a flight is laid into, in bytes: a short message (RFC 7925 appendix A). Where a peer asks for a connection id so long that not even
 * these have room for a fragment, they are exceeded: the flight has to go out.
 */
export const minDatagramLength = 140;

/** A fragment is not begun for less: a new datagram is. Fits with its header into the smallest record_size_limit. */
const minFragmentLength = 16;

/**
 * Seals all items into datagrams in their order. A message stays whole where a datagram has room for it, otherwise it
 * is cut (RFC 6347 §4.2.3); but a ClientHello is not, since a server that keeps nothing for an unproven address could
 * not put it together: better that the path cuts it. Each call takes new sequence numbers, as a retransmission must (RFC 6347 §4.2.4).
 */
export function packFlight(
  items: readonly FlightItem[],
  records: RecordLayer,
  packing: Packing,
): readonly Uint8Array[] | SealRefusal {
  const packer = new Packer(records, packing.maxDatagramLength);
  for (const item of items) {
    if (packing.isOneMessagePerDatagram) packer.endDatagram();
    switch (item.kind) {
      case 'change-cipher-spec':
        packer.addRecord(0, ContentType.changeCipherSpec, changeCipherSpec);
        break;
      case 'handshake':
        packer.addMessage(item.epoch, item.message);
        break;
    }
  }
  return packer.finish();
}

class Packer {
  readonly #records: RecordLayer;
  readonly #maxLength: number;
  readonly #datagrams: Uint8Array[] = [];
  #open: Uint8Array[] = [];
  #openLength = 0;
  #refusal: SealRefusal | undefined;

  constructor(records: RecordLayer, maxLength: number) {
    this.#records = records;
    this.#maxLength = maxLength;
  }

  addMessage(epoch: Epoch, message: HandshakeMessage): void {
    const { type, messageSeq, body } = message;
    const whole = handshakeHeaderLength + body.length;
    if (this.#room(epoch) < whole && this.#records.maxContent(epoch, this.#maxLength) >= whole) {
      this.endDatagram();
    }
    let offset = 0;
    do {
      const left = body.length - offset;
      if (this.#room(epoch) < handshakeHeaderLength + Math.min(left, minFragmentLength)) this.endDatagram();
      const minLength = type === HandshakeType.clientHello ? body.length : minFragmentLength;
      const room = Math.max(minLength, this.#room(epoch) - handshakeHeaderLength);
      const length = Math.min(left, room);
      const content = encodeHandshakeFragment({
        type,
        length: body.length,
        messageSeq,
        fragmentOffset: offset,
        fragment: body.subarray(offset, offset + length),
      });
      this.addRecord(epoch, ContentType.handshake, content);
      offset += length;
    } while (offset < body.length && this.#refusal === undefined);
  }

  addRecord(
    epoch: Epoch,
    type: typeof ContentType.handshake | typeof ContentType.changeCipherSpec,
    content: Uint8Array,
  ): void {
    if (this.#room(epoch) < content.length) this.endDatagram();
    const record = this.#records.seal(epoch, type, content);
    if ('kind' in record) {
      this.#refusal ??= record;
      return;
    }
    this.#open.push(record);
    this.#openLength += record.length;
  }

  endDatagram(): void {
    if (this.#open.length > 0) this.#datagrams.push(concatBytes(this.#open));
    this.#open = [];
    this.#openLength = 0;
  }

  finish(): readonly Uint8Array[] | SealRefusal {
    this.endDatagram();
    return this.#refusal ?? this.#datagrams;
  }

  #room(epoch: Epoch): number {
    return this.#records.maxContent(epoch, this.#maxLength - this.#openLength);
  }
}
