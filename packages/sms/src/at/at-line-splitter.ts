/** What the bytes of a modem come to. */
export type AtToken =
  | { readonly kind: 'line'; readonly text: string }
  /** The modem waits for a PDU; told only while that is expected. */
  | { readonly kind: 'prompt' }
  /** A line that was longer than any that a modem says. */
  | { readonly kind: 'overlong' };

/**
 * The longest line is a stored message: 176 octets (a centre's address of 12, a TPDU of 164) are 352 digits. Twice the
 * usual limit of command lines leaves room for what modems add.
 */
const maxLineLength = 512;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const promptCharacter = '>';

/** Cuts the bytes of a modem, which come in any pieces, into lines without blanks around them (3GPP TS 27.007 §4.3). */
export class AtLineSplitter {
  #line = '';
  #isOverlong = false;

  /** Bytes to tokens. `expectsPrompt` is asked anew at each byte: what a token brings about may change it. */
  *split(bytes: Uint8Array, expectsPrompt: () => boolean): Generator<AtToken, void, void> {
    for (const byte of bytes) {
      if (byte === carriageReturn || byte === lineFeed) {
        const text = this.#line.trim();
        const isOverlong = this.#isOverlong;
        this.reset();
        if (isOverlong) yield { kind: 'overlong' };
        else if (text !== '') yield { kind: 'line', text };
      } else if (this.#line.length === maxLineLength) {
        this.#isOverlong = true;
      } else {
        this.#line += String.fromCharCode(byte);
        if (this.#line.trimStart() !== promptCharacter || !expectsPrompt()) continue;
        this.reset();
        yield { kind: 'prompt' };
      }
    }
  }

  /** Forgets the line that has begun. */
  reset(): void {
    this.#line = '';
    this.#isOverlong = false;
  }
}
