/** 8-bit data without a message class: what the SMS binding of LwM2M sends (3GPP TS 23.038 §4). */
export const eightBitData = 0x04;

/** How the user data of a short message is coded (TP-DCS). */
export type UserDataCoding = 'eight-bit' | 'seven-bit' | 'sixteen-bit' | 'compressed';

/** Which coding a data coding scheme stands for; reserved values are 7-bit text (3GPP TS 23.038 §4). */
export function userDataCoding(scheme: number): UserDataCoding {
  const group = scheme >> 4;
  if (group === 0x0f) return (scheme & 0x04) === 0 ? 'seven-bit' : 'eight-bit';
  if (group === 0x0e) return 'sixteen-bit';
  // The general group, and the one of messages that are to be deleted once read, which is coded alike.
  if (group > 0x07) return 'seven-bit';
  if ((scheme & 0x20) !== 0) return 'compressed';
  const alphabet = (scheme >> 2) & 3;
  if (alphabet === 1) return 'eight-bit';
  return alphabet === 2 ? 'sixteen-bit' : 'seven-bit';
}
