const decimalPattern = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * The number that a decimal text stands for, with or without an exponent, rounded to the nearest
 * 64-bit float; `undefined` when the text is empty, has blanks or a leading `+`, or exceeds the range.
 */
export function parseDecimal(text: string): number | undefined {
  if (!decimalPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * The shortest decimal text that stands for this very number, never with an exponent.
 * `NaN` and the infinities have none: `undefined`.
 */
export function formatDecimal(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const mark = text.indexOf('e');
  return mark === -1 ? text : expand(text.slice(0, mark), Number(text.slice(mark + 1)));
}

function expand(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
