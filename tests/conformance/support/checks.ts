import assert from 'node:assert/strict';

import { hexDecode, utf8Decode, utf8Encode } from '@dunlin/base';
import {
  ContentFormat,
  formatCode,
  type IncomingResponse,
  isLinkFormatFailure,
  parseLinkFormat,
} from '@dunlin/coap';
import {
  type Content,
  coreDefinitions,
  decodeContent,
  isFormatFailure,
  type Path,
  parsePath,
  type ResourceContents,
  type Value,
} from '@dunlin/lwm2m';

export const { text, tlv, json, linkFormat, opaque } = ContentFormat;

/** The values of an instance by Resource id; those of a Multiple Resource by Resource Instance id. */
export type Values = Readonly<Record<number, Value | Readonly<Record<number, Value>>>>;

/** The answer has this code. */
export function expectCode(response: IncomingResponse, code: string): void {
  assert.equal(formatCode(response.code), code, `the answer is ${formatCode(response.code)}, not ${code}`);
}

/** The answer is 2.05 in this format. */
export function expectContent(response: IncomingResponse, format: number): void {
  expectCode(response, '2.05');
  assert.equal(
    response.contentFormat,
    format,
    `the Content-Format is ${response.contentFormat}, not ${format}`,
  );
}

/** What the payload of a Read says, as the definition of the Object reads it. */
function contentOf(response: IncomingResponse, pathText: string): Content {
  expectCode(response, '2.05');
  const path: Path | undefined = parsePath(pathText);
  const objectId = path === undefined || path.kind === 'root' ? undefined : path.objectId;
  const definition = objectId === undefined ? undefined : coreDefinitions.find(objectId);
  if (path === undefined || definition === undefined) throw new Error(`${pathText} is of no Object of 1.0`);
  const content = decodeContent(response.contentFormat ?? text, path, response.payload, definition);
  if (isFormatFailure(content)) throw new Error(`the payload is malformed: ${content.reason}`);
  return content;
}

/** The values of an instance. */
export function instanceOf(response: IncomingResponse, path: string): Values {
  const content = contentOf(response, path);
  if (content.kind !== 'object-instance')
    throw new Error(`the payload is of ${content.kind}, not of an instance`);
  return valuesOf(content.resources);
}

/** The value of a Single Resource. */
export function valueOf(response: IncomingResponse, path: string): Value {
  const content = contentOf(response, path);
  if (content.kind !== 'resource' || content.resource.kind !== 'single')
    throw new Error('the payload is not one value');
  return content.resource.value;
}

/** The values are among those of the instance; it may have more. */
export function expectValues(actual: Values, expected: Values): void {
  for (const [id, value] of Object.entries(expected)) {
    const found = actual[Number(id)];
    assert.deepEqual(
      found,
      value,
      `Resource ${id} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`,
    );
  }
}

/** The links of a Discover: attributes by target. */
export function linksOf(
  response: IncomingResponse,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  expectContent(response, linkFormat);
  return parseLinks(response.payload);
}

/** Links in CoRE link format: attributes by target. */
export function parseLinks(payload: Uint8Array): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const links = parseLinkFormat(payload);
  if (isLinkFormatFailure(links)) throw new Error(`no links: ${utf8Decode(payload) ?? 'not UTF-8'}`);
  return Object.fromEntries(
    links.map(({ target = '', attributes }) => [
      target,
      Object.fromEntries(attributes.map(({ name, value = '' }) => [name, value])),
    ]),
  );
}

/** The bytes of a hexadecimal text; blanks are for the reader. */
export function hex(digits: string): Uint8Array {
  const bytes = hexDecode(digits.replaceAll(' ', ''));
  if (bytes === undefined) throw new Error(`not hexadecimal: ${digits}`);
  return bytes;
}

/** A value as plain text says it. */
export function plainText(value: Values[number] | undefined): Uint8Array {
  if (typeof value === 'boolean') return utf8(value ? '1' : '0');
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    throw new Error('the value has no plain text');
  }
  return utf8(String(value));
}

/** The bytes of a text. */
export function utf8(value: string): Uint8Array {
  return utf8Encode(value);
}

function valuesOf(resources: ResourceContents): Values {
  return Object.fromEntries(
    [...resources].map(([id, resource]) => [
      id,
      resource.kind === 'single' ? resource.value : Object.fromEntries(resource.values),
    ]),
  );
}
