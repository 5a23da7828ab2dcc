import { concatBytes, noBytes } from '@dunlin/base';

/** command_length, command_id, command_status and sequence_number (SMPP 3.4 §3.2). */
export const headerLength = 16;

/**
 * The longest command: a message_payload may have 64 KiB (SMPP 3.4 §5.3.2.32). What announces more has lost the
 * borders of its commands, or means harm.
 */
const maxCommandLength = 65_536;

/** A stream whose next command cannot have the length that it announces: there is no way to the one after it. */
export interface BrokenStream {
  readonly kind: 'broken';
  readonly commandLength: number;
  /** The sequence number, where it has come already. */
  readonly sequenceNumber: number;
}

/** Cuts a byte stream into commands. Holds back one command at most, and what came with its end. */
export class FrameReader {
  #bytes: Uint8Array = noBytes;
  #broken: BrokenStream | undefined;

  /** Takes in bytes of the stream; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#broken !== undefined) return;
    // Not `slice`: streams give a subclass of Uint8Array whose `slice` makes a view.
    this.#bytes = concatBytes([this.#bytes, bytes]);
  }

  /** The next whole command, header included; once the stream is broken, that for ever. */
  next(): Uint8Array | BrokenStream | undefined {
    if (this.#broken !== undefined) return this.#broken;
    if (this.#bytes.length < 4) return undefined;
    const commandLength = uint32(this.#bytes, 0);
    if (commandLength < headerLength || commandLength > maxCommandLength) {
      const sequenceNumber = this.#bytes.length < headerLength ? 0 : uint32(this.#bytes, 12);
      this.#broken = { kind: 'broken', commandLength, sequenceNumber };
      this.#bytes = noBytes;
      return this.#broken;
    }
    if (this.#bytes.length < commandLength) return undefined;
    const frame = this.#bytes.subarray(0, commandLength);
    this.#bytes = this.#bytes.subarray(commandLength);
    return frame;
  }
}

/** A number of four bytes, big-endian. */
export function uint32(bytes: Uint8Array, offset: number): number {
  let value = 0;
  for (let index = offset; index < offset + 4; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
