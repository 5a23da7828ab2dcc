/** What a modem says by itself and matters to short messages (3GPP TS 27.005 §3.4.1). */
export type UnsolicitedLine =
  /** A message or a status report whose PDU is the next line. */
  | { readonly kind: 'direct'; readonly length: number }
  /** A message or a status report that the modem has stored. */
  | { readonly kind: 'stored'; readonly index: number }
  /** Something else whose PDU is the next line: a cell broadcast. */
  | { readonly kind: 'broadcast' };

/** The length stands at the end: before it a name may stand, which may hold commas. */
const direct = /^\+(?:CMT|CDS):(?:.*,)? *(\d{1,3})$/;
const stored = /^\+(?:CMTI|CDSI): *"?\w*"?, *(\d{1,5})$/;

/** Recognises such lines, wherever in an answer they come. */
export function unsolicitedLineOf(line: string): UnsolicitedLine | undefined {
  const [, length] = direct.exec(line) ?? [];
  if (length !== undefined) return { kind: 'direct', length: Number(length) };
  const [, index] = stored.exec(line) ?? [];
  if (index !== undefined) return { kind: 'stored', index: Number(index) };
  return line.startsWith('+CBM:') ? { kind: 'broadcast' } : undefined;
}
