import { base64Decode } from '@dunlin/base';

import { malformed, type Malformed } from '../wire/malformed.ts';

/** One textual encoding out of a file (RFC 7468 §2). */
export interface PemBlock {
  /** What it is, such as `CERTIFICATE`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** The longest text that is read, in characters: a bundle of some hundred trust anchors. */
const maxTextLength = 1_048_576;

/** The most blocks in a text. */
const maxBlocks = 512;

const boundary = /-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----/g;

/** True for bytes that are a text with a PEM boundary rather than DER, whose first byte is none of a text. */
export function looksLikePem(bytes: Uint8Array): boolean {
  const [first] = bytes;
  return (
    first !== undefined && first !== 0x30 && asText(bytes.subarray(0, maxTextLength)).includes('-----BEGIN ')
  );
}

/** The text of PEM bytes; only their ASCII matters. */
export function asText(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}

/**
 * All blocks of a text; what stands around them is passed over (RFC 7468 §2). The reasons of failures never repeat
 * what stands in the text, which may be a private key.
 */
export function decodePem(text: string): readonly PemBlock[] | Malformed {
  if (text.length > maxTextLength)
    return malformed(`The PEM text is longer than ${maxTextLength} characters.`);
  const blocks: PemBlock[] = [];
  let begun: { readonly label: string; readonly start: number } | undefined;
  for (const match of text.matchAll(boundary)) {
    const [whole, kind, label = ''] = match;
    if (kind === 'BEGIN') {
      if (begun !== undefined) return malformed('A PEM block begins within another.');
      begun = { label, start: match.index + whole.length };
      continue;
    }
    if (begun?.label !== label) return malformed('A PEM block ends that did not begin.');
    const block = decodeBlock(label, text.slice(begun.start, match.index));
    if ('kind' in block) return block;
    blocks.push(block);
    begun = undefined;
    if (blocks.length > maxBlocks) return malformed(`There are more than ${maxBlocks} PEM blocks.`);
  }
  if (begun !== undefined) return malformed('A PEM block does not end.');
  if (blocks.length === 0) return malformed('There is no PEM block in the text.');
  return blocks;
}

const latin1 = new TextDecoder('latin1');

function decodeBlock(label: string, body: string): PemBlock | Malformed {
  if (body.includes(':')) {
    return malformed(`The PEM block ${label} has headers, as encrypted keys do; only plain ones are read.`);
  }
  const bytes = base64Decode(body.replaceAll(/\s/g, ''));
  if (bytes === undefined || bytes.length === 0) {
    return malformed(`The PEM block ${label} is not valid Base64.`);
  }
  return { label, bytes };
}
