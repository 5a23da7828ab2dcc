/** What a short message is part of (3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8). */
export interface Concatenation {
  /** The same in all parts of a message: 8 bits, or 16 with `isWide`. */
  readonly reference: number;
  /** True for the information element with a reference of 16 bits. */
  readonly isWide: boolean;
  /** 1 to 255. */
  readonly total: number;
  /** 1 to `total`. */
  readonly number: number;
}

/** Which application a short message is for (3GPP TS 23.040 §9.2.3.24.4, 16-bit addresses). */
export interface ApplicationPorts {
  readonly destination: number;
  readonly source: number;
}

/** What the header of a user data says that matters to us. */
export interface UserDataHeader {
  readonly concatenation?: Concatenation;
  readonly ports?: ApplicationPorts;
}

/** A user data taken apart. `data` is a view of the bytes that were given. */
export interface DecodedUserData {
  readonly kind: 'user-data';
  readonly header: UserDataHeader;
  readonly data: Uint8Array;
}

/** A user data that cannot be one; to be dropped. */
export interface MalformedUserData {
  readonly kind: 'malformed';
  readonly reason: string;
}

/** Information element identifiers (3GPP TS 23.040 §9.2.3.24). */
const InformationElement = {
  concatenation: 0x00,
  applicationPorts: 0x05,
  wideConcatenation: 0x08,
} as const;

/**
 * Takes the header off. Unknown information elements are passed over, and of one that comes twice the last counts
 * (3GPP TS 23.040 §9.2.3.24). A concatenation that counts from 0 or beyond its end is malformed: where that text has
 * the element ignored, a piece of a datagram would be taken for a whole one.
 */
export function decodeUserData(
  userData: Uint8Array,
  hasHeader: boolean,
): DecodedUserData | MalformedUserData {
  if (!hasHeader) return { kind: 'user-data', header: {}, data: userData };
  const [length] = userData;
  if (length === undefined) return malformed('there is no header');
  const end = 1 + length;
  if (end > userData.length) return malformed('the header is longer than the user data');
  const header = decodeElements(userData.subarray(1, end));
  if (typeof header === 'string') return malformed(header);
  return { kind: 'user-data', header, data: userData.subarray(end) };
}

/** The bytes of a header with its length before it; none for a header that says nothing. */
export function encodeUserDataHeader({ concatenation, ports }: UserDataHeader): Uint8Array {
  const bytes: number[] = [];
  if (concatenation !== undefined) {
    const { reference, isWide, total, number } = concatenation;
    if (isWide) {
      bytes.push(InformationElement.wideConcatenation, 4, reference >> 8, reference & 0xff, total, number);
    } else bytes.push(InformationElement.concatenation, 3, reference, total, number);
  }
  if (ports !== undefined) {
    const { destination, source } = ports;
    bytes.push(InformationElement.applicationPorts, 4);
    bytes.push(destination >> 8, destination & 0xff, source >> 8, source & 0xff);
  }
  return Uint8Array.from(bytes.length === 0 ? [] : [bytes.length, ...bytes]);
}

function decodeElements(bytes: Uint8Array): UserDataHeader | string {
  const header: { concatenation?: Concatenation; ports?: ApplicationPorts } = {};
  for (let offset = 0; offset < bytes.length;) {
    const id = bytes[offset];
    const length = bytes[offset + 1];
    if (length === undefined || offset + 2 + length > bytes.length) {
      return 'an information element is longer than the header';
    }
    const value = bytes.subarray(offset + 2, offset + 2 + length);
    offset += 2 + length;
    if (id === InformationElement.applicationPorts) {
      const ports = decodePorts(value);
      if (typeof ports === 'string') return ports;
      header.ports = ports;
    } else if (id === InformationElement.concatenation || id === InformationElement.wideConcatenation) {
      const concatenation = decodeConcatenation(value, id === InformationElement.wideConcatenation);
      if (typeof concatenation === 'string') return concatenation;
      header.concatenation = concatenation;
    }
  }
  return header;
}

function decodeConcatenation(value: Uint8Array, isWide: boolean): Concatenation | string {
  const counted = isWide ? 2 : 1;
  if (value.length !== counted + 2) return 'a concatenation has the wrong length';
  const [high = 0, low = 0] = value;
  const reference = isWide ? (high << 8) | low : high;
  const total = value[counted] ?? 0;
  const number = value[counted + 1] ?? 0;
  if (number === 0 || number > total) return `a concatenation has part ${number} of ${total}`;
  return { reference, isWide, total, number };
}

function decodePorts(value: Uint8Array): ApplicationPorts | string {
  if (value.length !== 4) return 'application ports have the wrong length';
  const [a = 0, b = 0, c = 0, d = 0] = value;
  return { destination: (a << 8) | b, source: (c << 8) | d };
}

function malformed(reason: string): MalformedUserData {
  return { kind: 'malformed', reason };
}
