/** A command that breaks the rules of its body; nothing of it is to be used but its header. */
export interface MalformedPdu {
  readonly kind: 'malformed';
  readonly commandId: number;
  readonly sequenceNumber: number;
  /** What was wrong, in words, for diagnostics; never holds a password. */
  readonly reason: string;
}
