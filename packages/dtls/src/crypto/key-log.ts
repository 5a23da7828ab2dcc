import { hexEncode, type Secret } from '@dunlin/base';

/**
 * Takes the lines of a key log for debugging with other tools. Whoever has them can read the associations: there
 * is none unless asked for, and the program that asks says so aloud.
 */
export type KeyLogSink = (line: string) => void;

/** The line of an association in the NSS key log format, which Wireshark reads. */
export function keyLogLine(clientRandom: Uint8Array, masterSecret: Secret): string {
  return `CLIENT_RANDOM ${hexEncode(clientRandom)} ${hexEncode(masterSecret.reveal())}`;
}
