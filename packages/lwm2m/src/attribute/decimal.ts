/**
 * The shortest plain decimal form of a finite number: `42.2`, `-5`, `0.0000001`; never an exponent, no
 * trailing zeros, no negative zero. Read back it is the same number.
 */
export function formatDecimal(value: number): string {
  const text = String(value === 0 ? 0 : value);
  const match = /^(?<sign>-?)(?<whole>\d)(?:\.(?<fraction>\d+))?e(?<exponent>[+-]\d+)$/.exec(text);
  if (match?.groups === undefined) return text;
  const { sign = '', whole = '', fraction = '', exponent = '' } = match.groups;
  const digits = whole + fraction;
  const pointAt = 1 + Number(exponent);
  if (pointAt <= 0) return `${sign}0.${'0'.repeat(-pointAt)}${digits}`;
  return `${sign}${digits.padEnd(pointAt, '0')}`;
}

/** The finite number that a text in plain decimal or exponent form names, or `undefined`. */
export function parseDecimal(text: string): number | undefined {
  if (!/^-?\d{1,350}(\.\d{1,350})?([eE][+-]?\d{1,3})?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
