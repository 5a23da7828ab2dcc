import assert from 'node:assert/strict';
import { hexDecode, hexEncode, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  type Content,
  decodeContent,
  encodeContent,
  type FormatFailure,
  isFormatFailure,
  type ObjectDefinition,
  type Path,
  parsePath,
} from '@dunlin/lwm2m';

export const textFormat = 0;
export const opaqueFormat = 42;
export const tlvFormat = 11542;
export const jsonFormat = 11543;

/** The bytes of a text of hexadecimal digits and blanks; what is in double quotes is text, byte by byte. */
export function bytesOf(notation: string): Uint8Array {
  const digits = notation.replaceAll(/"([^"]*)"/g, (_, text: string) => hexEncode(utf8Encode(text)));
  return present(hexDecode(digits));
}

/** The path that a text names. */
export function at(text: string): Path {
  return present(parsePath(text));
}

/** What it is given, when it is not a failure. */
export function succeeded<T>(outcome: T | FormatFailure): T {
  if (isFormatFailure(outcome)) assert.fail(`${outcome.problem}: ${outcome.reason}`);
  return outcome;
}

/** The problem of a failure. */
export function problemOf(outcome: unknown): string {
  if (!isFormatFailure(outcome)) assert.fail('it should have failed');
  assert.notEqual(outcome.reason, '');
  assert.doesNotMatch(outcome.reason, /undefined/);
  return outcome.problem;
}

/** Both directions at once: the content has this payload, and the payload this content. */
export function assertTlv(
  path: string,
  payload: string,
  content: Content,
  definition?: ObjectDefinition,
): void {
  const bytes = bytesOf(payload);
  assert.equal(hexEncode(succeeded(encodeContent(tlvFormat, at(path), content))), hexEncode(bytes), path);
  assert.deepEqual(succeeded(decodeContent(tlvFormat, at(path), bytes, definition)), content, path);
}

/** What TLV bytes decode to, or the failure. */
export function fromTlv(
  path: string,
  payload: string,
  definition?: ObjectDefinition,
): Content | FormatFailure {
  return decodeContent(tlvFormat, at(path), bytesOf(payload), definition);
}

/** What a text of JSON decodes to, or the failure. */
export function fromJson(path: string, text: string, definition?: ObjectDefinition): Content | FormatFailure {
  return decodeContent(jsonFormat, at(path), utf8Encode(text), definition);
}

/** The JSON of content. */
export function toJson(path: string, content: Content): string {
  return present(utf8Decode(succeeded(encodeContent(jsonFormat, at(path), content))));
}

/** What it is given, when there is something. */
export function present<T>(found: T | undefined): T {
  assert.ok(found !== undefined);
  return found;
}
