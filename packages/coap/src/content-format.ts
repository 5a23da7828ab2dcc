/** CoAP Content-Formats that LwM2M uses (RFC 7252 §12.3, OMA registrations; R-1101 for the legacy numbers). */
export const ContentFormat = {
  text: 0,
  linkFormat: 40,
  opaque: 42,
  cbor: 60,
  senmlJson: 110,
  senmlCbor: 112,
  tlv: 11542,
  json: 11543,
  lwm2mCbor: 11544,
  /** Numbers used before registration by old devices; accepted, never sent. */
  legacyText: 1541,
  legacyTlv: 1542,
  legacyJson: 1543,
  legacyOpaque: 1544,
} as const;
export type ContentFormat = (typeof ContentFormat)[keyof typeof ContentFormat];
