import {
  isLinkFormatFailure,
  type Link,
  type LinkFormatLimits,
  parseLinkFormat,
  ResponseCode,
} from '@dunlin/coap';

import { canonicalFormat } from '../format/content-format-codec.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { type ObjectList } from './object-list.ts';
import { readObjects } from './read-objects.ts';
import { attributeOf, findRoot, isBelow, segmentsOf } from './root-link.ts';
import { Warnings } from './warnings.ts';

/** An object list as it was read. */
export interface ParsedObjectLinks extends ObjectList {
  /** The targets of links that are not of Objects, such as those outside the root path. */
  readonly otherLinks: readonly string[];
  /** What was passed over, one sentence each. */
  readonly warnings: readonly string[];
}

/** 64 KiB and 4,096 links: far more than any device lists; they are stored with every registration. */
export const objectLinksDefaults: LinkFormatLimits = {
  maxLength: 65_536,
  maxLinks: 4_096,
  maxAttributes: 32,
};

/**
 * The object list of a Register or Update, or why it is refused with 4.00: not link format,
 * too long, no Object in it, or a root path with a numeric segment.
 *
 * The root is the link whose `rt` has `oma.lwm2m`, or `/`; its `ct` names the formats, quoted or not,
 * one or several. Attributes that are not known are ignored, as are links to Resources, and
 * to Objects 0 and 21, which have no place there; `ver` may be quoted or not.
 */
export function parseObjectLinks(
  payload: Uint8Array | string,
  limits: Readonly<Partial<LinkFormatLimits>> = {},
): ParsedObjectLinks | Refusal {
  const links = parseLinkFormat(payload, { ...objectLinksDefaults, ...limits });
  if (isLinkFormatFailure(links)) return badRequest(`the object list is not in link format: ${links.reason}`);

  const warnings = new Warnings();
  const root = findRoot(links);
  const rootSegments = root === undefined ? [] : segmentsOf(root.target ?? '');
  const problem = checkRoot(rootSegments);
  if (problem !== undefined) return badRequest(problem);

  const candidates = links.filter(({ target }) => target !== undefined && isBelow(rootSegments, target));
  const { objects, others } = readObjects(candidates, rootSegments.length, warnings);
  if (objects.size === 0) return badRequest('the object list names no Object');
  for (const mandatory of [1, 3]) {
    if (!objects.has(mandatory)) warnings.add(`The mandatory Object ${mandatory} is not in the list.`);
  }
  return {
    rootPath: `/${rootSegments.join('/')}`,
    contentFormats: root === undefined ? [] : readContentFormats(root, warnings),
    objects,
    otherLinks: [...outsideOf(rootSegments, links), ...others],
    warnings: warnings.list,
  };
}

/** Segments that would have to be escaped are not worth the trouble: no Client has them. */
function checkRoot(segments: readonly string[]): string | undefined {
  if (segments.some((segment) => /^\d+$/.test(segment))) return 'the root path has a numeric segment';
  if (segments.every((segment) => /^[\w.~!$&'()*+,;=:@-]+$/.test(segment))) return undefined;
  return 'the root path has a segment that is empty or needs escaping';
}

function readContentFormats(root: Link, warnings: Warnings): readonly number[] {
  const formats = new Set<number>();
  for (const text of (attributeOf(root, 'ct') ?? '').split(/[\s,]+/)) {
    if (text === '') continue;
    const format = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (format <= 0xffff) formats.add(canonicalFormat(format) ?? format);
    else warnings.add('The attribute ct of the root link has something that is no Content-Format.');
  }
  return [...formats].sort((a, b) => a - b);
}

function outsideOf(rootSegments: readonly string[], links: readonly Link[]): readonly string[] {
  return links.flatMap(({ target }) =>
    target === undefined || isBelow(rootSegments, target) ? [] : [target],
  );
}

function badRequest(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, reason);
}
