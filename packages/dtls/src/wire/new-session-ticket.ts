import { PresentationReader } from './presentation-reader.ts';
import type { Malformed } from './malformed.ts';

/** A ticket of a server that was not asked for one; read, put into the transcript and never used (RFC 5077 §3.3). */
export interface NewSessionTicket {
  /** 0 to 65,535 bytes. */
  readonly ticket: Uint8Array;
}

/** Reads the body of the message; the ticket is a copy. */
export function decodeNewSessionTicket(body: Uint8Array): NewSessionTicket | Malformed {
  const reader = new PresentationReader(body);
  reader.bytes(4); // ticket_lifetime_hint
  const ticket = reader.vector({ lengthBytes: 2 }).slice();
  return reader.problem('NewSessionTicket') ?? { ticket };
}
