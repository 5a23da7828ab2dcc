/** The bytes that a text takes in UTF-8, counted without encoding it. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) length += 1;
    // A surrogate pair is two units here and four bytes there, so each half counts as two.
    if (code >= 0x800 && (code < 0xd800 || code > 0xdfff)) length += 1;
  }
  return length;
}
