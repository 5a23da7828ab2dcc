import { ContentFormat } from '@dunlin/coap';
import type { Content, TimestampedContent } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import type { Path } from '../path.ts';
import { type FormatFailure, isFormatFailure, notExpressible } from './format-failure.ts';
import { type FormatLimits, formatLimitsDefaults } from './format-limits.ts';
import { decodeJson } from './json-decoder.ts';
import { encodeJson } from './json-encoder.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';
import { decodePlainText, encodePlainText } from './plain-text.ts';
import { decodeTlv, encodeTlv } from './tlv.ts';

/** The formats of 1.0 by their registered numbers (1.0 §6.4, R-1101). */
type CanonicalFormat =
  | typeof ContentFormat.text
  | typeof ContentFormat.opaque
  | typeof ContentFormat.tlv
  | typeof ContentFormat.json;

const canonicalFormats: ReadonlyMap<number, CanonicalFormat> = new Map<number, CanonicalFormat>([
  [ContentFormat.text, ContentFormat.text],
  [ContentFormat.legacyText, ContentFormat.text],
  [ContentFormat.opaque, ContentFormat.opaque],
  [ContentFormat.legacyOpaque, ContentFormat.opaque],
  [ContentFormat.tlv, ContentFormat.tlv],
  [ContentFormat.legacyTlv, ContentFormat.tlv],
  [ContentFormat.json, ContentFormat.json],
  [ContentFormat.legacyJson, ContentFormat.json],
]);

/** application/json: some devices label OMA JSON so. Read as such, but not a format one may ask for. */
const genericJson = 50;

/**
 * The registered number of a data format: itself for 0, 42, 11542 and 11543, and that of the same format for
 * the numbers 1541 to 1544 that old devices use (R-1101). `undefined` for any other.
 */
export function canonicalFormat(format: number): number | undefined {
  return canonicalFormats.get(format);
}

/**
 * The payload that carries content in a data format, or why there is none.
 *
 * The kind of the content is that of the path; on an Object it may also be `object-instance`, to create one
 * whose id the Client chooses. Formats for single values refuse all else as `not-expressible`, which
 * is a 4.06 in answer to a Read (R-423, R-1141).
 */
export function encodeContent(format: number, path: Path, content: Content): Uint8Array | FormatFailure {
  const canonical = canonicalFormats.get(format);
  switch (canonical) {
    case ContentFormat.text:
      return encodePlainText(path, content);
    case ContentFormat.opaque:
      return encodeOpaque(path, content);
    case ContentFormat.tlv:
      return encodeTlv(path, content);
    case ContentFormat.json:
      return encodeJson(path, [{ content }]);
    case undefined:
      return unsupported(format);
  }
}

/**
 * The content that a payload carries, or why there is none. Values are typed by the definition of the Object;
 * without one, and for Resources that it does not know, TLV gives opaque bytes, JSON what its keys say, and
 * text a string. Ranges are not checked here (`checkValue`).
 *
 * A payload of JSON with several times holds several contents: it is refused here and read by
 * `decodeTimestampedContent`.
 */
export function decodeContent(
  format: number,
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
  limits: FormatLimits = formatLimitsDefaults,
): Content | FormatFailure {
  const contents = decodeTimestampedContent(format, path, payload, definition, limits);
  if (isFormatFailure(contents)) return contents;
  const [only] = contents;
  if (only === undefined || contents.length > 1) {
    return {
      kind: 'failure',
      problem: 'malformed',
      reason: `the payload holds values of ${contents.length} times`,
    };
  }
  return only.content;
}

/** All contents of a payload with their times, the newest first; only JSON can hold more than one (R-1134). */
export function decodeTimestampedContent(
  format: number,
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
  limits: FormatLimits = formatLimitsDefaults,
): readonly TimestampedContent[] | FormatFailure {
  const canonical = format === genericJson ? ContentFormat.json : canonicalFormats.get(format);
  switch (canonical) {
    case ContentFormat.text:
      return alone(decodePlainText(path, payload, definition));
    case ContentFormat.opaque:
      return alone(decodeOpaque(path, payload, definition));
    case ContentFormat.tlv:
      return alone(decodeTlv(path, payload, definition, limits));
    case ContentFormat.json:
      return decodeJson(path, payload, definition, limits);
    case undefined:
      return unsupported(format);
  }
}

/**
 * The payload that carries contents with their times. Formats other than JSON hold one content, without its
 * time, and refuse more as `not-expressible`.
 */
export function encodeTimestampedContent(
  format: number,
  path: Path,
  contents: readonly TimestampedContent[],
): Uint8Array | FormatFailure {
  if (canonicalFormats.get(format) === ContentFormat.json) return encodeJson(path, contents);
  const [only] = contents;
  if (only === undefined || contents.length > 1) {
    return notExpressible(`format ${format} holds one content, not ${contents.length}`);
  }
  return encodeContent(format, path, only.content);
}

function alone(content: Content | FormatFailure): readonly TimestampedContent[] | FormatFailure {
  return isFormatFailure(content) ? content : [{ content }];
}

function unsupported(format: number): FormatFailure {
  return {
    kind: 'failure',
    problem: 'unsupported-format',
    reason: `Content-Format ${format} is not supported`,
  };
}
