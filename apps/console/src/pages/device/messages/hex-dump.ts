/** Bytes of a line: as many as fit beside the chart. */
const lineLength = 8;

/** Hexadecimal digits as a dump: offset, bytes, and what of them is printable ASCII. */
export function hexDump(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += lineLength) {
    const line = bytes.slice(offset, offset + lineLength);
    const printed = line.map((byte) => printable(Number.parseInt(byte, 16))).join('');
    lines.push(
      `${offset.toString(16).padStart(4, '0')}  ${line.join(' ').padEnd(3 * lineLength - 1)}  ${printed}`,
    );
  }
  return lines.join('\n');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
