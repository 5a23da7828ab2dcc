import { type ByteWriter, UsageError } from '@dunlin/base';

import { TypeOfNumber } from '../type-of-number.ts';
import { decodeSemiOctets, encodeSemiOctets } from './semi-octets.ts';
import type { TpduReader } from './tpdu-reader.ts';

/** The address of a sender or recipient (TP-OA, TP-DA, TP-RA). */
export interface TpduAddress {
  /** One of `TypeOfNumber`, or the reserved value 7. */
  readonly typeOfNumber: number;
  /** 1 is the plan of telephone numbers (ITU-T E.164); there are others, and names have 0. */
  readonly numberingPlan: number;
  /** Digits, and perhaps `*`, `#`, `a`, `b` and `c`; empty for a name (alphanumeric address). */
  readonly digits: string;
}

/** The plan of telephone numbers. */
const telephoneNumberingPlan = 1;

/** An address is at most 12 octets long, of which 10 are digits (3GPP TS 23.040 §9.1.2.5). */
const maxSemiOctets = 20;

/** So many digits has the longest number that is dialled within one network, such as a short code. */
const longestShortCode = 6;

/**
 * The address of a number without "+": an international one, unless it is so short that it can only be a short code,
 * which no country code belongs to.
 */
export function addressOf(number: string): TpduAddress {
  const isShortCode = number.length <= longestShortCode;
  return {
    typeOfNumber: isShortCode ? TypeOfNumber.unknown : TypeOfNumber.international,
    numberingPlan: telephoneNumberingPlan,
    digits: number,
  };
}

/** Writes an address of digits (3GPP TS 23.040 §9.1.2.5); throws a `UsageError` for what is none. */
export function encodeAddress(writer: ByteWriter, address: TpduAddress): void {
  const { typeOfNumber, numberingPlan, digits } = address;
  if (!/^[0-9*#abc]{1,20}$/.test(digits))
    throw new UsageError(`"${digits}" is no address of a short message: it takes 1 to 20 digits.`);
  writer.uint8(digits.length).uint8(0x80 | (typeOfNumber << 4) | numberingPlan);
  writer.bytes(encodeSemiOctets(digits));
}

/** Reads an address; what it cannot be is a failure of the reader. */
export function decodeAddress(reader: TpduReader): TpduAddress {
  const length = reader.uint8();
  const type = reader.uint8();
  if (length > maxSemiOctets) reader.fail(`an address of ${length} digits is too long`);
  if ((type & 0x80) === 0) reader.fail('the type of an address goes on in an octet that is not defined');
  const octets = reader.bytes(Math.ceil(length / 2));
  const typeOfNumber = (type >> 4) & 7;
  const numberingPlan = type & 0x0f;
  if (typeOfNumber === TypeOfNumber.alphanumeric) return { typeOfNumber, numberingPlan, digits: '' };
  const digits = decodeSemiOctets(octets, length);
  if (digits === undefined) reader.fail('an address ends before its last digit');
  return { typeOfNumber, numberingPlan, digits: digits ?? '' };
}
