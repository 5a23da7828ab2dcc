/** The bytes of an IPv4 or IPv6 address as it stands in a URI or configuration, or `undefined` for other texts. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (text.startsWith('[') && text.endsWith(']')) return parseIpV6(text.slice(1, -1));
  return parseIpV4(text) ?? parseIpV6(text);
}

/** Four decimal numbers without leading zeros (RFC 3986 §3.2.2). */
function parseIpV4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

/** Groups of hexadecimal digits, one run of them perhaps left out, perhaps IPv4 at the end (RFC 4291 §2.2). */
function parseIpV6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return Uint8Array.from([...head, ...new Uint8Array(16 - head.length - tail.length), ...tail]);
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const v4 = isLast ? parseIpV4(group) : undefined;
    if (v4 !== undefined) bytes.push(...v4);
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}
