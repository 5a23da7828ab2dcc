/** What the sixteen values of a semi-octet mean in an address; the last one fills up (3GPP TS 23.040 §9.1.2.3). */
const symbols = '0123456789*#abc';
const filler = 0x0f;

/** Digits two an octet, the first one in the lower half; an odd number of them is filled up (3GPP TS 23.040 §9.1.2.3). */
export function encodeSemiOctets(digits: string): Uint8Array {
  const valueAt = (index: number): number =>
    index < digits.length ? symbols.indexOf(digits.charAt(index)) : filler;
  return Uint8Array.from(
    { length: Math.ceil(digits.length / 2) },
    (_, index) => valueAt(index * 2) | (valueAt(index * 2 + 1) << 4),
  );
}

/** So many digits, or `undefined` when one of them is a filler. */
export function decodeSemiOctets(octets: Uint8Array, count: number): string | undefined {
  let digits = '';
  for (let index = 0; index < count; index += 1) {
    const octet = octets[index >> 1] ?? 0;
    const value = index % 2 === 0 ? octet & 0x0f : octet >> 4;
    if (value === filler) return undefined;
    digits += symbols.charAt(value);
  }
  return digits;
}
