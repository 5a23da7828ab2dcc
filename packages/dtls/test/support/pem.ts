import { base64Encode, utf8Encode } from '@dunlin/base';

/** A PEM block in lines of 64 characters (RFC 7468 §2). */
export function pem(label: string, bytes: Uint8Array): string {
  const lines = base64Encode(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The same as the bytes of a file. */
export function pemFile(label: string, bytes: Uint8Array): Uint8Array {
  return utf8Encode(pem(label, bytes));
}
