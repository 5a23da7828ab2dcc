import { spawn } from 'node:child_process';
import { close, constants, open } from 'node:fs';
import { text } from 'node:stream/consumers';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';

import { TransmissionError } from '@dunlin/base';

import type { StreamOpener } from './carrier-shell.ts';

/** A serial port that a modem is at. */
export interface SerialPortOptions {
  /** Such as `/dev/ttyUSB2`; better one of the names in `/dev/serial/by-id`, which stay the same. */
  readonly path: string;
  /** Bits in a second; of no account to modems at USB. */
  readonly baudRate?: number;
}

/** What modems of USB are made for, and most others understand. */
const usualBaudRate = 115_200;

/**
 * Bytes as they are, no echo (which would send the modem's words back to it), no regard for the carrier line, and no
 * hanging up when the port is closed: some modems would lose their network.
 */
const settings = ['raw', '-echo', 'clocal', 'cread', '-hupcl'] as const;

const openFile = promisify(open);
const closeFile = promisify(close);

/** Opens a serial port, or a pseudo-terminal, for a carrier. */
export function serialPort(options: Readonly<SerialPortOptions>): StreamOpener {
  return async (signal) => {
    const { path, baudRate = usualBaudRate } = options;
    const port = await openPort(path);
    try {
      // The port must be open while it is set: drivers forget the settings when the last one closes it.
      await setPort(port, [String(baudRate), ...settings], signal);
      // Not a stream of a file: its reads would each hold up a thread until the modem says something.
      return new ReadStream(port);
    } catch (error) {
      await closeFile(port);
      throw notOpened(path, describe(error), error);
    }
  };
}

async function openPort(path: string): Promise<number> {
  let port: number;
  try {
    // Not to wait for a carrier, and not to become the terminal that this program is ended from.
    port = await openFile(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw notOpened(path, describe(error), error);
  }
  if (isatty(port)) return port;
  await closeFile(port);
  throw notOpened(path, 'it is no serial port');
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such device',
  ENXIO: 'there is no device behind it',
  ENODEV: 'there is no device behind it',
  EBUSY: 'another program uses it',
  EACCES: 'it may not be used (on Debian, by members of the group dialout)',
};

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error ? reasons[String(error.code)] : undefined) ?? error.message;
}

function notOpened(path: string, why: string, cause?: unknown): TransmissionError {
  return new TransmissionError('not-sent', `cannot open the serial port ${path}: ${why}`, { cause });
}

/** `stty` sets the terminal that is its standard input: Node.js has no way of its own to do that. */
async function setPort(port: number, args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn('stty', args, { stdio: [port, 'ignore', 'pipe'], signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [exitCode, complaint] = await Promise.all([ended, child.stderr === null ? '' : text(child.stderr)]);
  if (exitCode !== 0) throw new Error(complaint.trim() || `stty ended with ${exitCode}`);
}
