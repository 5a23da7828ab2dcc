import { utf8Decode } from '@dunlin/base';

import { type DerReader, DerTag } from './der-reader.ts';

/** Bits of keyUsage (RFC 5280 §4.2.1.3) that matter here. */
export const KeyUsage = { digitalSignature: 0, keyCertSign: 5 } as const;

/** Purposes of extendedKeyUsage (RFC 5280 §4.2.1.12). */
export const KeyPurpose = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** An entry of subjectAltName (RFC 5280 §4.2.1.6) of a kind that names machines. */
export type AlternativeName =
  | { readonly kind: 'dns' | 'uri'; readonly name: string }
  /** 4 or 16 bytes. */
  | { readonly kind: 'ip'; readonly address: Uint8Array };

/** What the extensions of a certificate say, where `undefined` means that one is absent. */
export interface CertificateExtensions {
  readonly isCertificationAuthority: boolean;
  /** How many certificates of authorities may stand between this one and the peer's (RFC 5280 §4.2.1.9). */
  readonly pathLength: number | undefined;
  readonly keyUsage: ReadonlySet<number> | undefined;
  readonly keyPurposes: readonly string[] | undefined;
  readonly alternativeNames: readonly AlternativeName[];
  /** Extensions that restrict the use of the certificate in ways which are not understood here. */
  readonly notUnderstood: readonly string[];
}

/** The most extensions of a certificate, and the most entries in one. */
const maxExtensions = 32;
const maxEntries = 64;

/** The longest name in a certificate, in bytes. */
const maxNameLength = 255;

const nameConstraintsOid = '2.5.29.30';

/** Reads Extensions (RFC 5280 §4.1); without a reader, of a certificate that has none. */
export function readExtensions(reader: DerReader | undefined): CertificateExtensions {
  const read: ReadExtensions = {
    isCertificationAuthority: false,
    pathLength: undefined,
    keyUsage: undefined,
    keyPurposes: undefined,
    alternativeNames: [],
    notUnderstood: [],
  };
  if (reader === undefined) return read;
  const seen = new Set<string>();
  while (reader.hasMore) {
    const extension = reader.nested(DerTag.sequence);
    const oid = extension.objectIdentifier();
    const isCritical = extension.nextTag === DerTag.boolean && extension.boolean();
    const value = extension.within(extension.element(DerTag.octetString).content);
    if (seen.has(oid) || seen.size >= maxExtensions)
      reader.fail('an extension comes twice, or there are too many');
    seen.add(oid);
    readExtension(read, oid, isCritical, value);
  }
  return read;
}

type ReadExtensions = { -readonly [Name in keyof CertificateExtensions]: CertificateExtensions[Name] };

function readExtension(read: ReadExtensions, oid: string, isCritical: boolean, value: DerReader): void {
  switch (oid) {
    case '2.5.29.19': {
      const constraints = value.nested(DerTag.sequence);
      read.isCertificationAuthority = constraints.nextTag === DerTag.boolean && constraints.boolean();
      if (constraints.hasMore) read.pathLength = constraints.smallInteger();
      break;
    }
    case '2.5.29.15':
      read.keyUsage = value.namedBits();
      break;
    case '2.5.29.37':
      read.keyPurposes = readList(value.nested(DerTag.sequence), (purposes) => purposes.objectIdentifier());
      break;
    case '2.5.29.17':
      read.alternativeNames = readList(value.nested(DerTag.sequence), readAlternativeName).filter(
        (name) => name !== undefined,
      );
      break;
    default:
      // Constraints on names are to be critical; where an authority forgot it, passing over them would trust more.
      if (isCritical || oid === nameConstraintsOid) read.notUnderstood = [...read.notUnderstood, oid];
      value.skip();
  }
}

/** At least one entry. */
function readList<T>(reader: DerReader, readEntry: (reader: DerReader) => T): readonly T[] {
  const entries: T[] = [];
  do {
    entries.push(readEntry(reader));
    if (entries.length > maxEntries) reader.fail('a list in an extension is too long');
  } while (reader.hasMore);
  return entries;
}

/** GeneralName; other kinds than ours are passed over. */
function readAlternativeName(reader: DerReader): AlternativeName | undefined {
  const { tag, content } = reader.any();
  switch (tag) {
    case 0x82:
      return { kind: 'dns', name: asciiName(reader, content) };
    case 0x86:
      return { kind: 'uri', name: asciiName(reader, content) };
    case 0x87:
      if (content.length !== 4 && content.length !== 16) reader.fail('an address has not the length of one');
      return { kind: 'ip', address: content.slice() };
    default:
      return undefined;
  }
}

/** A name of printable ASCII; a zero byte within, which ends it for some readers, makes the certificate invalid. */
function asciiName(reader: DerReader, bytes: Uint8Array): string {
  const isPrintable = bytes.every((byte) => byte > 0x20 && byte < 0x7f);
  if (bytes.length === 0 || bytes.length > maxNameLength || !isPrintable) {
    reader.fail('a name is empty, too long or not printable ASCII');
  }
  return utf8Decode(bytes) ?? '';
}
