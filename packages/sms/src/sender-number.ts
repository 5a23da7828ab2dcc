import { TypeOfNumber } from './type-of-number.ts';

/**
 * The number of a sender as `IncomingShortMessage` has it, without "+" or international prefix. A national number gets
 * `countryCode` where that is known; all others are taken as they are, because networks mark international numbers as unknown or network-specific too.
 * `undefined` for what is no number, such as a name.
 */
export function senderNumber(
  address: { readonly typeOfNumber: number; readonly digits: string },
  countryCode: string | undefined,
): string | undefined {
  const { typeOfNumber } = address;
  if (typeOfNumber === TypeOfNumber.alphanumeric) return undefined;
  const digits = address.digits.replace(/^(\+|00)/, '');
  if (!/^[0-9]+$/.test(digits)) return undefined;
  const isNational = typeOfNumber === TypeOfNumber.national && digits === address.digits;
  return isNational && countryCode !== undefined ? countryCode + digits : digits;
}
