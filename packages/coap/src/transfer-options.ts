import { UsageError } from '@dunlin/base';

import { type BlockOption, encodeBlockOption } from './block-option.ts';
import type { OutgoingOption } from './encode-message.ts';
import { OptionNumber } from './option.ts';

/** The options that say how a request or response travels, beside its meaning. */
export interface TransferOptions {
  readonly block1?: BlockOption | undefined;
  readonly block2?: BlockOption | undefined;
  /** Length of the whole request body in bytes, or of the largest one that is taken (RFC 7959 §4). */
  readonly size1?: number | undefined;
  /** Length of the whole response body in bytes; 0 in a request asks for it (RFC 7959 §4). */
  readonly size2?: number | undefined;
  /** In a request 0 or 1, in a response the 24-bit sequence number (RFC 7641 §2). */
  readonly observe?: number | undefined;
  /** 1 to 40 bytes (RFC 9175 §2). */
  readonly echo?: Uint8Array | undefined;
  /** Tells apart concurrent transfers to one resource; up to 8 bytes (RFC 9175 §3). */
  readonly requestTag?: Uint8Array | undefined;
}

/** Adds the options that are set. */
export function pushTransferOptions(options: OutgoingOption[], transfer: TransferOptions): void {
  pushOption(options, OptionNumber.observe, transfer.observe);
  pushOption(options, OptionNumber.block2, blockValue(transfer.block2));
  pushOption(options, OptionNumber.block1, blockValue(transfer.block1));
  pushOption(options, OptionNumber.size2, transfer.size2);
  pushOption(options, OptionNumber.size1, transfer.size1);
  pushOption(options, OptionNumber.echo, transfer.echo);
  pushOption(options, OptionNumber.requestTag, transfer.requestTag);
}

/** Adds an option unless its value is `undefined`. */
export function pushOption(
  options: OutgoingOption[],
  number: OptionNumber,
  value: OutgoingOption['value'] | undefined,
): void {
  if (value !== undefined) options.push({ number, value });
}

/** Adds one option for each segment of a path. Throws a `UsageError` for `.` and `..` (RFC 7252 §5.10.1). */
export function pushPath(
  options: OutgoingOption[],
  number: OptionNumber,
  segments: readonly string[] | undefined,
): void {
  if (segments === undefined) return;
  for (const segment of segments) {
    if (segment === '.' || segment === '..') {
      throw new UsageError(`The path segment "${segment}" cannot be sent; resolve the path first.`);
    }
    options.push({ number, value: segment });
  }
}

function blockValue(block: BlockOption | undefined): number | undefined {
  return block === undefined ? undefined : encodeBlockOption(block);
}
