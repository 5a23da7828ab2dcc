/** A part of a representation, `end` not included. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * The part that a `Range` asks for (RFC 9110 §14.1.2); `undefined` for the whole, as for several parts at once, which a
 * server may pass over (§14.2), and `unsatisfiable` for one that begins behind the end.
 */
export function byteRangeOf(
  range: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(range ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  if (first === '') {
    const length = Number(last);
    return length === 0 ? 'unsatisfiable' : { begin: Math.max(size - length, 0), end: size };
  }
  const begin = Number(first);
  if (last !== '' && Number(last) < begin) return undefined;
  if (begin >= size) return 'unsatisfiable';
  return { begin, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
