import assert from 'node:assert/strict';

import { hexDecode, utf8Encode } from '@dunlin/base';
import { ContentFormat, parseLinkFormat, isLinkFormatFailure } from '@dunlin/coap';
import type { Content, ResourceContents, Value } from '@dunlin/lwm2m';

import type { Answer, Notified } from './manager.ts';

export const { text, tlv, json } = ContentFormat;

/** The values of an instance by Resource id; those of a multiple Resource by Resource Instance id. */
export type Values = Readonly<Record<number, Value | Readonly<Record<number, Value>>>>;

/** The answer has this code. */
export function expectCode(answer: Answer, code: string): void {
  assert.equal(answer.code, code, answer.text);
}

/** The answer is 2.05 with an instance; its values. */
export function instanceOf(answer: Answer): Values {
  expectCode(answer, '2.05');
  const { content } = answer;
  if (content?.kind !== 'object-instance') throw new Error(`not an instance: ${content?.kind}`);
  return valuesOf(content.resources);
}

/** The answer is 2.05 with an Object; the values of its instances. */
export function instancesOf(answer: Answer): Readonly<Record<number, Values>> {
  expectCode(answer, '2.05');
  const { content } = answer;
  if (content?.kind !== 'object') throw new Error(`not an Object: ${content?.kind}`);
  return Object.fromEntries([...content.instances].map(([id, resources]) => [id, valuesOf(resources)]));
}

/** The answer is 2.05 with a Resource of one value; that value. */
export function valueOf(answer: Answer): Value {
  expectCode(answer, '2.05');
  return valueIn(answer.content);
}

/** The value of a content that is a Resource of one value. */
export function valueIn(content: Content | undefined): Value {
  if (content?.kind !== 'resource' || content.resource.kind !== 'single') throw new Error('not one value');
  return content.resource.value;
}

/** The values are among those of the instance; it may have more. */
export function expectValues(actual: Values, expected: Values): void {
  const shared = Object.fromEntries(Object.keys(expected).map((id) => [id, actual[Number(id)]]));
  assert.deepEqual(shared, { ...expected });
}

/** The links of a Discover: attributes by target, in any order. */
export function linksOf(answer: Answer): Readonly<Record<string, Readonly<Record<string, string>>>> {
  expectCode(answer, '2.05');
  const links = parseLinkFormat(answer.text);
  if (isLinkFormatFailure(links)) throw new Error(`no links: ${answer.text}`);
  const byTarget: Record<string, Record<string, string>> = {};
  for (const { target, attributes } of links) {
    const found: Record<string, string> = {};
    for (const { name, value = '' } of attributes) found[name] = value;
    byTarget[target ?? ''] = found;
  }
  return byTarget;
}

/** The link has these attributes; `dim` may be there in addition (the enabler tests leave it open above Resources). */
export function expectLink(
  links: Readonly<Record<string, Readonly<Record<string, string>>>>,
  target: string,
  attributes: Readonly<Record<string, string>>,
): void {
  const found = links[target];
  assert.ok(found !== undefined, `${target} is among ${Object.keys(links).join(', ')}`);
  const { dim, ...others } = found;
  assert.deepEqual('dim' in attributes ? { ...others, dim } : others, { ...attributes });
}

/** Notifications are neither closer than pmin nor further apart than pmax, with a second or a tenth to spare. */
export function expectPeriods(notified: readonly Notified[], pmin: number, pmax: number): void {
  const gaps = notified.slice(1).map(({ at }, index) => (at - (notified[index]?.at ?? 0)) / 1000);
  for (const gap of gaps) {
    assert.ok(gap >= pmin - 1, `${gap} s is less than pmin ${pmin}`);
    assert.ok(gap <= pmax + Math.max(1, pmax / 10), `${gap} s is more than pmax ${pmax}`);
  }
}

/** The bytes of a hexadecimal text; blanks are for the reader. */
export function hex(digits: string): Uint8Array {
  const bytes = hexDecode(digits.replaceAll(' ', ''));
  if (bytes === undefined) throw new Error(`not hexadecimal: ${digits}`);
  return bytes;
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
