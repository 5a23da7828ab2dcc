import { concatBytes } from '@dunlin/base';

import { packedDigits } from './mobile-identity.ts';

/** What a phone and the message centre say to each other of one short message (3GPP TS 24.011). */
type TransferMessage =
  /** The message below was received, nothing more. */
  | { readonly kind: 'cp-ack' }
  | { readonly kind: 'cp-error' }
  | {
      readonly kind: 'rp-data';
      readonly reference: number;
      readonly tpdu: Uint8Array;
      readonly centre: Uint8Array;
    }
  | { readonly kind: 'rp-ack'; readonly reference: number }
  | { readonly kind: 'rp-error'; readonly reference: number; readonly cause: number };

/** A message with the identifier of its transaction, as the sender of the message sees it. */
export interface Transfer {
  readonly transaction: number;
  readonly message: TransferMessage;
}

/** The protocol discriminator of short messages (3GPP TS 24.011 §8.1). */
const discriminator = 0x09;
const cpData = 0x01;
const cpAck = 0x04;

/** Types of RP messages from the network; those from the phone are one less (3GPP TS 24.011 §8.2.2). */
const rpFromNetwork = { data: 0x01, ack: 0x03, error: 0x05 } as const;
const rpFromPhone = { data: 0x00, ack: 0x02, error: 0x04 } as const;

/** Protocol error, unspecified: what is said where no cause was given. */
const protocolError = 111;

/** Reads what comes from the network. */
export function decodeTransfer(octets: Uint8Array): Transfer {
  const transaction = (octets[0] ?? 0) >> 4;
  const type = octets[1];
  if (type === cpAck) return { transaction, message: { kind: 'cp-ack' } };
  if (type !== cpData) return { transaction, message: { kind: 'cp-error' } };
  return { transaction, message: decodeRelay(octets.subarray(3, 3 + (octets[2] ?? 0))) };
}

function decodeRelay(octets: Uint8Array): TransferMessage {
  const reference = octets[1] ?? 0;
  switch ((octets[0] ?? 0) & 0x07) {
    case rpFromNetwork.data: {
      const [centre, afterCentre] = field(octets, 2);
      const [, afterRecipient] = field(octets, afterCentre);
      const [tpdu] = field(octets, afterRecipient);
      return { kind: 'rp-data', reference, tpdu, centre };
    }
    case rpFromNetwork.ack:
      return { kind: 'rp-ack', reference };
    default:
      return { kind: 'rp-error', reference, cause: octets[3] ?? protocolError };
  }
}

/** A field with its length before it, and where the next one begins. */
function field(octets: Uint8Array, at: number): readonly [Uint8Array, number] {
  const end = at + 1 + (octets[at] ?? 0);
  return [octets.slice(at + 1, end), end];
}

export function encodeCpAck(transaction: number): Uint8Array {
  return Uint8Array.of((transaction << 4) | discriminator, cpAck);
}

/** A message from the phone to the centre of that number. */
export function encodeRpData(
  transaction: number,
  reference: number,
  centre: string,
  tpdu: Uint8Array,
): Uint8Array {
  const destination = concatBytes([Uint8Array.of(0x91), packedDigits(centre)]);
  const head = Uint8Array.of(rpFromPhone.data, reference, 0, destination.length);
  return encodeCpData(transaction, concatBytes([head, destination, Uint8Array.of(tpdu.length), tpdu]));
}

/** The phone has the message, or refuses it with a cause (3GPP TS 24.011 §8.2.5.4). */
export function encodeRpAnswer(
  transaction: number,
  reference: number,
  cause: number | undefined,
): Uint8Array {
  const relay =
    cause === undefined
      ? Uint8Array.of(rpFromPhone.ack, reference)
      : Uint8Array.of(rpFromPhone.error, reference, 1, cause);
  return encodeCpData(transaction, relay);
}

function encodeCpData(transaction: number, relay: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of((transaction << 4) | discriminator, cpData, relay.length), relay]);
}
