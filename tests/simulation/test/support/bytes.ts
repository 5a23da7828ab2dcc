/** Chance with a first byte, or the first three, such that more is looked at: CoAP version 1, or a record of DTLS 1.2. */
export function makePlausible(datagram: Uint8Array, isRecord: boolean): void {
  const [first = 0] = datagram;
  const start = isRecord ? [20 + (first % 6), 0xfe, 0xfd] : [0x40 | (first & 0x3f)];
  if (datagram.length >= start.length) datagram.set(start);
}

/** Bytes that show when pieces of two of them are mixed: a number of 32 bits, over and over. */
export function blobOf(value: number, length: number): Uint8Array {
  const blob = new Uint8Array(length * 4);
  const view = new DataView(blob.buffer);
  for (let offset = 0; offset < blob.length; offset += 4) view.setUint32(offset, value);
  return blob;
}

export function isWholeBlob(blob: Uint8Array): boolean {
  return blob.every((byte, index) => byte === blob[index % 4]);
}
