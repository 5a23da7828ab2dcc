import type { ByteWriter } from '@dunlin/base';

import type { PduReader } from './pdu-reader.ts';
import { writeText } from './pdu-writer.ts';

/** An address with what kind of number it is (SMPP 3.4 §5.2.5 to §5.2.9). */
export interface SmppAddress {
  /** TON: 0 to 6, see `TypeOfNumber`. */
  readonly typeOfNumber: number;
  /** NPI: 1 is that of telephony (E.164). */
  readonly numberingPlan: number;
  /** Digits; letters with the alphanumeric type. */
  readonly digits: string;
}

/** An address that is not given. */
export const noAddress: SmppAddress = { typeOfNumber: 0, numberingPlan: 0, digits: '' };

/** The size of addresses with the NUL. */
export const addressSize = 21;
/** The same in the commands that came with SMPP 3.4. */
export const longAddressSize = 65;

/** Reads type, numbering plan and digits. */
export function readAddress(reader: PduReader, size: number, field: string): SmppAddress {
  const typeOfNumber = reader.uint8();
  const numberingPlan = reader.uint8();
  return { typeOfNumber, numberingPlan, digits: reader.text(size, field) };
}

/** Writes them; throws a `UsageError` where the digits do not fit. */
export function writeAddress(writer: ByteWriter, address: SmppAddress, size: number, field: string): void {
  writer.uint8(address.typeOfNumber).uint8(address.numberingPlan);
  writeText(writer, address.digits, size, field);
}
