/** How the digits of an address are to be read (3GPP TS 23.040 §9.1.2.5; SMPP 3.4 §5.2.5 has the same values). */
export const TypeOfNumber = {
  unknown: 0,
  /** With the country code, without a prefix or "+". */
  international: 1,
  /** Without the country code and without a prefix. */
  national: 2,
  networkSpecific: 3,
  subscriber: 4,
  /** A name: letters in 7-bit coding, no number. */
  alphanumeric: 5,
  abbreviated: 6,
} as const;
