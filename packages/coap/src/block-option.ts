import { UsageError } from '@dunlin/base';

/** Where a block is in its body: the value of Block1 and Block2 (RFC 7959 §2.2). */
export interface BlockOption {
  /** NUM: how many blocks of this size come before it, 0 to 1,048,575. */
  readonly num: number;
  /** M: whether blocks follow. */
  readonly hasMore: boolean;
  /** The block size in bytes, 2^(SZX + 4): 16, 32, 64, 128, 256, 512 or 1024. */
  readonly size: number;
}

/** The smallest and the largest block size in bytes (RFC 7959 §2.2). */
export const minBlockSize = 16;

/** The largest block, in bytes: SZX 6 (RFC 7959 §2.2). */
export const maxBlockSize = 1024;

/** The largest NUM: 20 bits (RFC 7959 §2.2). */
export const maxBlockNumber = 0xf_ffff;

const reservedSzx = 7;

/**
 * Reads the value of a Block option (0 to 3 bytes as an integer); `undefined` for the reserved SZX 7, which
 * a server answers with 4.00 (RFC 7959 §2.2, CR-9.1).
 */
export function decodeBlockOption(value: number): BlockOption | undefined {
  const szx = value & 7;
  if (szx === reservedSzx || value > 0xff_ffff) return undefined;
  return { num: value >>> 4, hasMore: (value & 8) !== 0, size: minBlockSize << szx };
}

/** The value of a Block option as an integer. Throws a `UsageError` when NUM or the size is out of range. */
export function encodeBlockOption(block: BlockOption): number {
  const szx = Math.log2(block.size) - 4;
  if (!Number.isInteger(szx) || szx < 0 || szx >= reservedSzx) {
    throw new UsageError(`A block of ${block.size} bytes cannot be sent: use 16, 32, … 1024.`);
  }
  if (!Number.isInteger(block.num) || block.num < 0 || block.num > maxBlockNumber) {
    throw new UsageError(`Block number ${block.num} does not fit into 20 bits.`);
  }
  return (block.num << 4) | (block.hasMore ? 8 : 0) | szx;
}

/** The byte offset in the body at which the block begins. */
export function blockOffset(block: BlockOption): number {
  return block.num * block.size;
}

/** The largest block size that is not above `size`; 16 when `size` is below. */
export function blockSizeUpTo(size: number): number {
  let blockSize = maxBlockSize;
  while (blockSize > size && blockSize > minBlockSize) blockSize /= 2;
  return blockSize;
}
