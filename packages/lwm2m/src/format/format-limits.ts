/** What a decoder of payloads accepts at most; more is refused as malformed. */
export interface FormatLimits {
  /** Bytes of one payload. */
  readonly maxPayloadLength: number;
  /** TLVs of one TLV payload, of all kinds together, or values of one JSON payload, nested ones counted. */
  readonly maxValues: number;
  /** Levels of nesting of a JSON payload. */
  readonly maxDepth: number;
}

/** The limits that decoders have unless told otherwise. */
export const formatLimitsDefaults: FormatLimits = {
  /** The longest TLV value in Base64 (2²⁴ bytes, R-1110) with room for what surrounds it. */
  maxPayloadLength: 24 * 1024 * 1024,
  /** Holds every instance of large objects, and keeps the maps of a hostile payload below some 30 MB. */
  maxValues: 200_000,
  /** OMA JSON needs 3 (root, `e`, entry); requests of programs nest content of an Object 6 deep. */
  maxDepth: 32,
};
