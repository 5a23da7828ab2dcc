/** Option numbers (RFC 7252 §5.10, 7641 §2, 7959 §2.1, 7967 §2, 8613, 8768, 9175, 9177, 9668). */
export const OptionNumber = {
  ifMatch: 1,
  uriHost: 3,
  etag: 4,
  ifNoneMatch: 5,
  observe: 6,
  uriPort: 7,
  locationPath: 8,
  oscore: 9,
  uriPath: 11,
  contentFormat: 12,
  maxAge: 14,
  uriQuery: 15,
  hopLimit: 16,
  accept: 17,
  qBlock1: 19,
  locationQuery: 20,
  edhoc: 21,
  block2: 23,
  block1: 27,
  size2: 28,
  qBlock2: 31,
  proxyUri: 35,
  proxyScheme: 39,
  size1: 60,
  echo: 252,
  noResponse: 258,
  requestTag: 292,
} as const;
export type OptionNumber = (typeof OptionNumber)[keyof typeof OptionNumber];

/** How the value of an option is to be read (RFC 7252 §3.2). */
export type OptionFormat = 'empty' | 'opaque' | 'uint' | 'string';

/** What is known of an option. */
export interface OptionDefinition {
  readonly number: number;
  /** Its name in the registry, such as `Uri-Path`. */
  readonly name: string;
  readonly format: OptionFormat;
  /** Shortest value in bytes. */
  readonly minLength: number;
  /** Longest value in bytes. */
  readonly maxLength: number;
  readonly isRepeatable: boolean;
  /** False for options that are known by name only: they count as unrecognised (CR-9.15). */
  readonly isUnderstood: boolean;
}

type Row = readonly [
  number: number,
  name: string,
  format: OptionFormat,
  lengths: readonly [min: number, max: number],
  flags?: 'repeatable' | 'not understood',
];

const rows: readonly Row[] = [
  [OptionNumber.ifMatch, 'If-Match', 'opaque', [0, 8], 'repeatable'],
  [OptionNumber.uriHost, 'Uri-Host', 'string', [1, 255]],
  [OptionNumber.etag, 'ETag', 'opaque', [1, 8], 'repeatable'],
  [OptionNumber.ifNoneMatch, 'If-None-Match', 'empty', [0, 0]],
  [OptionNumber.observe, 'Observe', 'uint', [0, 3]],
  [OptionNumber.uriPort, 'Uri-Port', 'uint', [0, 2]],
  [OptionNumber.locationPath, 'Location-Path', 'string', [0, 255], 'repeatable'],
  [OptionNumber.oscore, 'OSCORE', 'opaque', [0, 255], 'not understood'],
  [OptionNumber.uriPath, 'Uri-Path', 'string', [0, 255], 'repeatable'],
  [OptionNumber.contentFormat, 'Content-Format', 'uint', [0, 2]],
  [OptionNumber.maxAge, 'Max-Age', 'uint', [0, 4]],
  [OptionNumber.uriQuery, 'Uri-Query', 'string', [0, 255], 'repeatable'],
  [OptionNumber.hopLimit, 'Hop-Limit', 'uint', [1, 1]],
  [OptionNumber.accept, 'Accept', 'uint', [0, 2]],
  [OptionNumber.qBlock1, 'Q-Block1', 'uint', [0, 3], 'not understood'],
  [OptionNumber.locationQuery, 'Location-Query', 'string', [0, 255], 'repeatable'],
  [OptionNumber.edhoc, 'EDHOC', 'empty', [0, 0], 'not understood'],
  [OptionNumber.block2, 'Block2', 'uint', [0, 3]],
  [OptionNumber.block1, 'Block1', 'uint', [0, 3]],
  [OptionNumber.size2, 'Size2', 'uint', [0, 4]],
  [OptionNumber.qBlock2, 'Q-Block2', 'uint', [0, 3], 'not understood'],
  [OptionNumber.proxyUri, 'Proxy-Uri', 'string', [1, 1034]],
  [OptionNumber.proxyScheme, 'Proxy-Scheme', 'string', [1, 255]],
  [OptionNumber.size1, 'Size1', 'uint', [0, 4]],
  [OptionNumber.echo, 'Echo', 'opaque', [1, 40]],
  [OptionNumber.noResponse, 'No-Response', 'uint', [0, 1]],
  [OptionNumber.requestTag, 'Request-Tag', 'opaque', [0, 8], 'repeatable'],
];

/** All options that are known, by ascending number. */
export const optionDefinitions: readonly OptionDefinition[] = rows.map(
  ([number, name, format, [minLength, maxLength], flags]) => ({
    number,
    name,
    format,
    minLength,
    maxLength,
    isRepeatable: flags === 'repeatable',
    isUnderstood: flags !== 'not understood',
  }),
);

const definitionsByNumber: (OptionDefinition | undefined)[] = Array.from(
  { length: OptionNumber.requestTag + 1 },
  () => undefined,
);
for (const definition of optionDefinitions) definitionsByNumber[definition.number] = definition;

/** The largest option number (RFC 7252 §5.10: 16 bits). */
export const maxOptionNumber = 0xffff;

/** What is known of an option number, or `undefined`. */
export function optionDefinition(number: number): OptionDefinition | undefined {
  return definitionsByNumber[number];
}

/** True when a message with this option must be rejected by those who do not understand it (RFC 7252 §5.4.6). */
export function isCriticalOption(number: number): boolean {
  return (number & 1) === 1;
}

/** True when a proxy that does not understand this option must not forward the message (RFC 7252 §5.4.6). */
export function isUnsafeOption(number: number): boolean {
  return (number & 2) === 2;
}

/** True when this option is no part of the cache key (RFC 7252 §5.4.6). */
export function isNoCacheKeyOption(number: number): boolean {
  return (number & 0x1e) === 0x1c;
}

/** How an option is called in diagnostics: `Block1 (27)` or `option 9999`. */
export function describeOption(number: number): string {
  const definition = optionDefinition(number);
  return definition === undefined ? `option ${number}` : `${definition.name} (${number})`;
}
