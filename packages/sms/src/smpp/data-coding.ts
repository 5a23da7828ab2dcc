/** 8-bit data, as SMPP names it (SMPP 3.4 §5.2.19). */
export const binaryCoding = 0x04;

/**
 * True for a data_coding of 8-bit data: 0x04; 0x02, which SMPP reserves for it too and osmo-msc uses; and of the group
 * 1111 of 3GPP TS 23.038 §4 those with bit 2 set, whatever the message class.
 */
export function isBinary(dataCoding: number): boolean {
  return dataCoding === binaryCoding || dataCoding === 0x02 || (dataCoding >= 0xf4 && dataCoding <= 0xf7);
}
