/** What a decoder returns for bytes that are no such TPDU; nothing of them is to be used. */
export interface MalformedTpdu {
  readonly kind: 'malformed';
  /** What was wrong, in words, for diagnostics. */
  readonly reason: string;
}
