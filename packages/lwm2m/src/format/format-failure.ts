/**
 * Why a payload could not be read or written: `unsupported-format` (no format of ours has this number),
 * `malformed` (the bytes break the rules of the format, or contradict the definition of the Object),
 * `not-expressible` (the format cannot hold this, such as plain text an Object Instance).
 */
export interface FormatFailure {
  readonly kind: 'failure';
  readonly problem: 'unsupported-format' | 'malformed' | 'not-expressible';
  /** What is wrong, in words that may be sent as a diagnostic. */
  readonly reason: string;
}

/**
 * True for a `FormatFailure`. Objects that `parseJsonExactly` gives have no prototype, so that no
 * document of a peer can pass for a failure of ours.
 */
export function isFormatFailure(candidate: unknown): candidate is FormatFailure {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    'kind' in candidate &&
    candidate.kind === 'failure' &&
    Object.getPrototypeOf(candidate) === Object.prototype
  );
}

/** A failure of a payload that breaks the rules. */
export function malformed(reason: string): FormatFailure {
  return { kind: 'failure', problem: 'malformed', reason };
}

/** A failure of something the format cannot hold. */
export function notExpressible(reason: string): FormatFailure {
  return { kind: 'failure', problem: 'not-expressible', reason };
}
