/** The user data begins with a header (SMPP 3.4 §5.2.12: bit 6 of esm_class, GSM specific). */
export const userDataHeaderBit = 0x40;

/** What a message is for, by bits 5 to 2 of esm_class (SMPP 3.4 §5.2.12). */
export type MessageType =
  /** A message of somebody. */
  | 'message'
  /** The message centre tells what became of a message for good. */
  | 'receipt'
  /** The message centre tells what a message is at, for the time being. */
  | 'intermediate'
  /** Acknowledgements of people or programs, and other things that are no message. */
  | 'other';

/** What the message with this esm_class is for. */
export function messageTypeOf(esmClass: number): MessageType {
  switch ((esmClass >> 2) & 0x0f) {
    case 0:
      return 'message';
    case 1:
      return 'receipt';
    case 8:
      return 'intermediate';
    default:
      return 'other';
  }
}
